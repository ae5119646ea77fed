/** A printers API in memory, for the tests: it answers fetch as the backend would. */
import { vi } from 'vitest'

import type { NewPrinter, Printer } from './api'

export function printer(properties: Partial<Printer> = {}): Printer {
  return {
    id: 1,
    name: 'Prusa 1',
    model: 'MK4S',
    status: 'offline',
    last_seen_at: null,
    created_at: '2026-03-02T12:00:00Z',
    ...properties,
  }
}

export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json' },
  })
}

export function fakeApi(printers: Printer[] = []) {
  const fetch = vi.fn((url: string, options: RequestInit): Promise<Response> => {
    const { pathname } = new URL(url, 'http://odin.test')
    const body = JSON.parse((options.body as string | undefined) ?? '{}') as Partial<NewPrinter>
    const id = Number(pathname.split('/').at(4))
    const found = printers.findIndex((known) => known.id === id)
    switch (options.method) {
      case 'GET':
        return answer(200, printers)
      case 'POST': {
        if (printers.some((known) => known.name === body.name)) {
          return answer(409, { detail: 'Another printer has this name already.' })
        }
        const added = printer({ id: printers.length + 1, ...body })
        printers.push(added)
        return answer(201, added)
      }
      case 'DELETE':
        printers.splice(found, 1)
        return Promise.resolve(new Response(null, { status: 204 }))
      default:
        return answer(405, { detail: 'Method Not Allowed' })
    }
  })
  vi.stubGlobal('fetch', fetch)
  return fetch
}

function answer(status: number, body: unknown): Promise<Response> {
  return Promise.resolve(json(status, body))
}
