import { describe, expect, it, vi } from 'vitest'

import { createPrinter, deletePrinter, listPrinters } from './api'
import { fakeApi, json, printer } from './fakeApi'

const { name, model, materials } = printer()

function answerWith(response: Response) {
  vi.stubGlobal('fetch', () => Promise.resolve(response))
}

describe('the API client', () => {
  it('lists all printers, or those of one status', async () => {
    fakeApi([printer(), printer({ id: 2, name: 'Voron', status: 'online' })])

    expect(await listPrinters()).toHaveLength(2)
    expect(await listPrinters('online')).toMatchObject([{ name: 'Voron' }])
  })

  it('sends a new printer as JSON', async () => {
    const fetch = fakeApi()

    await createPrinter({ name, model, materials })

    expect(fetch).toHaveBeenCalledWith('/api/v1/printers', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"name":"Prusa 1","model":"MK4S","materials":["PLA"]}',
    })
  })

  it('expects no body after a deletion', async () => {
    const printers = [printer()]
    fakeApi(printers)

    await deletePrinter(1)

    expect(printers).toEqual([])
  })

  it("says the server's reason", async () => {
    answerWith(json(409, { detail: 'Another printer has this name already.' }))

    await expect(createPrinter({ name, model, materials })).rejects.toThrow(
      'Another printer has this name already.',
    )
  })

  it('names what is wrong with an invalid printer', async () => {
    answerWith(json(422, { detail: [{ loc: ['body', 'name'], msg: 'String too long' }] }))

    await expect(createPrinter({ name, model, materials })).rejects.toThrow(
      'name: String too long',
    )
  })

  it('copes with an answer that is not JSON', async () => {
    answerWith(new Response('<h1>Bad Gateway</h1>', { status: 502 }))

    await expect(listPrinters()).rejects.toThrow('The server answered 502.')
  })
})
