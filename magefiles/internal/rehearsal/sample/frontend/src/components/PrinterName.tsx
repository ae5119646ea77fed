import { useState, type SubmitEvent } from 'react'

import type { Printer } from '../api'

interface Props {
  printer: Printer
  /** Renames the printer and tells whether that worked. */
  onRename: (printer: Printer, name: string) => Promise<boolean>
}

/** A printer's name, which becomes a field when it is to be changed. */
export function PrinterName({ printer, onRename }: Props) {
  const [name, setName] = useState<string>()

  if (name === undefined) {
    return (
      <>
        {printer.name}{' '}
        <button
          className="plain"
          aria-label={`Rename ${printer.name}`}
          onClick={() => {
            setName(printer.name)
          }}
        >
          Rename
        </button>
      </>
    )
  }

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (name === printer.name || (await onRename(printer, name))) {
      setName(undefined)
    }
  }

  return (
    <form
      className="inline"
      onSubmit={(event) => {
        void submit(event)
      }}
    >
      <input
        required
        autoFocus
        maxLength={80}
        aria-label={`New name of ${printer.name}`}
        value={name}
        onChange={(event) => {
          setName(event.target.value)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setName(undefined)
          }
        }}
      />
      <button>Save</button>
    </form>
  )
}
