import { useState, type SubmitEvent } from 'react'

import type { NewPrinter } from '../api'

interface Props {
  /** Adds the printer and tells whether that worked. */
  onAdd: (printer: NewPrinter) => Promise<boolean>
}

export function PrinterForm({ onAdd }: Props) {
  const [name, setName] = useState('')
  const [model, setModel] = useState('')
  const [busy, setBusy] = useState(false)

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    const added = await onAdd({ name, model })
    setBusy(false)
    if (added) {
      // The next printer is often of the same kind: only its name is new.
      setName('')
    }
  }

  return (
    <form
      onSubmit={(event) => {
        void submit(event)
      }}
    >
      <label>
        Name
        <input
          required
          maxLength={80}
          value={name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
      </label>
      <label>
        Model
        <input
          required
          maxLength={80}
          value={model}
          onChange={(event) => {
            setModel(event.target.value)
          }}
        />
      </label>
      <button disabled={busy}>Add</button>
    </form>
  )
}
