import type { Printer } from '../api'

interface Props {
  /** Undefined as long as they aren't known. */
  printers: Printer[] | undefined
  onDelete: (printer: Printer) => Promise<boolean>
}

export function PrinterTable({ printers, onDelete }: Props) {
  if (!printers) {
    return <p>Loading…</p>
  }
  if (printers.length === 0) {
    return <p>No printers yet.</p>
  }
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Model</th>
          <th scope="col">Status</th>
          <th scope="col">Last seen</th>
          <th scope="col">
            <span className="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {printers.map((printer) => (
          <tr key={printer.id}>
            <td>{printer.name}</td>
            <td>{printer.model}</td>
            <td>
              <span className={`status ${printer.status}`}>{printer.status}</span>
            </td>
            <td>
              {printer.last_seen_at ? new Date(printer.last_seen_at).toLocaleString() : 'never'}
            </td>
            <td>
              <button
                className="plain"
                aria-label={`Delete ${printer.name}`}
                onClick={() => {
                  void onDelete(printer)
                }}
              >
                Delete
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
