import { useState } from 'react'
import { printers } from './api'
import { accent, version } from './version'

export function App() {
  const [list, setList] = useState([])
  return (
    <main style={{ color: accent }}>
      <h1>O.D.I.N.</h1>
      <button onClick={() => printers('').then(setList)}>Printers</button>
      <ul>{list.map((printer) => <li key={printer.name}>{printer.name}</li>)}</ul>
      <footer>v{version}</footer>
    </main>
  )
}
