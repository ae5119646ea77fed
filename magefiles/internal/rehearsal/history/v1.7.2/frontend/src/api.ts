/** What the frontend knows of the API: see backend/openapi.json. */

export type PrinterStatus = 'online' | 'offline'

export interface Printer {
  id: number
  name: string
  model: string
  status: PrinterStatus
  materials: string[]
  last_seen_at: string | null
  created_at: string
}

export type NewPrinter = Pick<Printer, 'name' | 'model' | 'materials'>

export function listPrinters(status?: PrinterStatus): Promise<Printer[]> {
  return request<Printer[]>('GET', status ? `?status=${status}` : '')
}

export function createPrinter(printer: NewPrinter): Promise<Printer> {
  return request<Printer>('POST', '', printer)
}

export async function deletePrinter(id: number): Promise<void> {
  await request('DELETE', `/${String(id)}`)
}

async function request<T>(method: string, path: string, body?: object): Promise<T> {
  const options: RequestInit = { method }
  if (body) {
    options.headers = { 'Content-Type': 'application/json' }
    options.body = JSON.stringify(body)
  }
  const response = await fetch(`/api/v1/printers${path}`, options)
  if (!response.ok) {
    throw new Error(await reason(response))
  }
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** Says in words why a request failed. A proxy in between may answer with something else than JSON. */
async function reason(response: Response): Promise<string> {
  const { detail } = (await response.json().catch(() => ({}))) as { detail?: unknown }
  if (typeof detail === 'string') {
    return detail
  }
  if (Array.isArray(detail)) {
    // What the API makes of an invalid request: one entry for each wrong property.
    const problems = detail as { loc: (string | number)[]; msg: string }[]
    return problems.map(({ loc, msg }) => `${String(loc.at(-1))}: ${msg}`).join('; ')
  }
  return `The server answered ${String(response.status)}.`
}
