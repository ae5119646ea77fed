import { APP_VERSION } from '../version'

export function Footer() {
  return (
    <footer>
      O.D.I.N. v{APP_VERSION} · <a href="/api/docs">API</a>
    </footer>
  )
}
