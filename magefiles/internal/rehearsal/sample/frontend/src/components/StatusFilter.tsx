import type { PrinterStatus } from '../api'

interface Props {
  status: PrinterStatus | undefined
  onChange: (status: PrinterStatus | undefined) => void
}

export function StatusFilter({ status, onChange }: Props) {
  return (
    <label>
      Show{' '}
      <select
        value={status ?? ''}
        onChange={(event) => {
          onChange((event.target.value || undefined) as PrinterStatus | undefined)
        }}
      >
        <option value="">all</option>
        <option value="online">online</option>
        <option value="offline">offline</option>
      </select>
    </label>
  )
}
