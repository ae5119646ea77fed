export type Printer = { name: string; model: string }

export const path = (name: string) => `/api/v1/${name}`

export async function printers(token: string): Promise<Printer[]> {
  const answer = await fetch(path('printers'), { headers: { Authorization: `Bearer ${token}` } })
  return answer.ok ? await answer.json() : answer.status
}
