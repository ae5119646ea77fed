import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'

import { App } from './App'
import { fakeApi, printer } from './fakeApi'
import { APP_VERSION } from './version'

describe('the app', () => {
  it('shows its version', async () => {
    fakeApi()
    render(<App />)

    expect(screen.getByRole('contentinfo')).toHaveTextContent(`O.D.I.N. v${APP_VERSION}`)
    expect(await screen.findByText('No printers here.')).toBeInTheDocument()
  })

  it('lists the printers', async () => {
    fakeApi([printer({ status: 'online', materials: ['PLA', 'PETG'] })])
    render(<App />)

    const row = await screen.findByRole('row', { name: /Prusa 1/ })

    for (const text of ['MK4S', 'PLA, PETG', 'online', 'never']) {
      expect(within(row).getByText(text)).toBeInTheDocument()
    }
  })

  it('adds a printer', async () => {
    const fetch = fakeApi()
    const user = userEvent.setup()
    render(<App />)

    await user.type(screen.getByLabelText('Name'), 'Voron')
    await user.type(screen.getByLabelText('Model'), 'Trident')
    await user.type(screen.getByLabelText('Materials'), 'ABS, ASA')
    await user.click(screen.getByRole('button', { name: 'Add' }))

    expect(await screen.findByRole('row', { name: /Voron/ })).toHaveTextContent('ABS, ASA')
    expect(screen.getByLabelText('Name')).toHaveValue('')
    expect(fetch).toHaveBeenCalledWith(
      '/api/v1/printers',
      expect.objectContaining({
        body: '{"name":"Voron","model":"Trident","materials":["ABS","ASA"]}',
      }),
    )
  })

  it('says why a printer could not be added, and keeps what was typed', async () => {
    fakeApi([printer()])
    const user = userEvent.setup()
    render(<App />)

    await user.type(screen.getByLabelText('Name'), 'Prusa 1')
    await user.type(screen.getByLabelText('Model'), 'MK4S')
    await user.click(screen.getByRole('button', { name: 'Add' }))

    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Another printer has this name already.',
    )
    expect(screen.getByLabelText('Name')).toHaveValue('Prusa 1')
  })

  it('says when the server cannot be reached', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    render(<App />)

    expect(await screen.findByRole('alert')).toHaveTextContent('Failed to fetch')
  })

  it('filters by status', async () => {
    fakeApi([printer(), printer({ id: 2, name: 'Voron', status: 'online' })])
    const user = userEvent.setup()
    render(<App />)
    await screen.findByRole('row', { name: /Prusa 1/ })

    await user.selectOptions(screen.getByLabelText('Show'), 'online')

    expect(await screen.findByRole('row', { name: /Voron/ })).toBeInTheDocument()
    expect(screen.queryByRole('row', { name: /Prusa 1/ })).not.toBeInTheDocument()
  })

  it('deletes a printer', async () => {
    fakeApi([printer()])
    const user = userEvent.setup()
    render(<App />)

    await user.click(await screen.findByRole('button', { name: 'Delete Prusa 1' }))

    expect(await screen.findByText('No printers here.')).toBeInTheDocument()
  })
})
