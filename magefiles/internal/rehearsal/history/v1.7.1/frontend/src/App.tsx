import { useCallback, useEffect, useState } from 'react'

import { createPrinter, deletePrinter, listPrinters, type NewPrinter, type Printer } from './api'
import { Footer } from './components/Footer'
import { PrinterForm } from './components/PrinterForm'
import { PrinterTable } from './components/PrinterTable'

const REFRESH_MS = 10_000

export function App() {
  const [printers, setPrinters] = useState<Printer[]>()
  const [error, setError] = useState<string>()

  const refresh = useCallback(async () => {
    setPrinters(await listPrinters())
  }, [])

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
    const load = () => void attempt(refresh)
    load()
    const timer = setInterval(load, REFRESH_MS)
    return () => {
      clearInterval(timer)
    }
  }, [attempt, refresh])

  const add = (printer: NewPrinter) =>
    attempt(async () => {
      await createPrinter(printer)
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
          <h2 id="printers">Printers</h2>
          <PrinterTable printers={printers} onDelete={remove} />
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
