import { useCallback, useEffect, useState } from 'react'

import {
  createPrinter,
  deletePrinter,
  listPrinters,
  updatePrinter,
  type NewPrinter,
  type Printer,
  type PrinterStatus,
} from './api'
import { Footer } from './components/Footer'
import { PrinterForm } from './components/PrinterForm'
import { PrinterTable } from './components/PrinterTable'
import { StatusFilter } from './components/StatusFilter'

const REFRESH_MS = 10_000

export function App() {
  const [printers, setPrinters] = useState<Printer[]>()
  const [status, setStatus] = useState<PrinterStatus>()
  const [error, setError] = useState<string>()

  const refresh = useCallback(async () => {
    setPrinters(await listPrinters(status))
  }, [status])

  /** Does something and shows what came of it. Tells whether it went well. */
  const attempt = useCallback(async (action: () => Promise<void>) => {
    try {
      await action()
      setError(undefined)
      return true
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason))
      return false
    }
  }, [])

  useEffect(() => {
    // An answer that comes after the filter has changed is no longer wanted.
    let wanted = true
    const load = () =>
      void attempt(async () => {
        const found = await listPrinters(status)
        if (wanted) {
          setPrinters(found)
        }
      })
    load()
    const timer = setInterval(load, REFRESH_MS)
    return () => {
      wanted = false
      clearInterval(timer)
    }
  }, [attempt, status])

  const add = (printer: NewPrinter) =>
    attempt(async () => {
      await createPrinter(printer)
      await refresh()
    })

  const rename = (printer: Printer, name: string) =>
    attempt(async () => {
      await updatePrinter(printer.id, { name })
      await refresh()
    })

  const remove = (printer: Printer) =>
    attempt(async () => {
      await deletePrinter(printer.id)
      await refresh()
    })

  return (
    <>
      <header>
        <h1>O.D.I.N.</h1>
        <p>An eye on the print farm</p>
      </header>
      <main>
        {error && (
          <p role="alert" className="error">
            {error}
          </p>
        )}
        <section aria-labelledby="printers">
          <div className="heading">
            <h2 id="printers">Printers</h2>
            <StatusFilter status={status} onChange={setStatus} />
          </div>
          <PrinterTable printers={printers} onRename={rename} onDelete={remove} />
        </section>
        <section aria-labelledby="add">
          <h2 id="add">Add a printer</h2>
          <PrinterForm onAdd={add} />
        </section>
      </main>
      <Footer />
    </>
  )
}
