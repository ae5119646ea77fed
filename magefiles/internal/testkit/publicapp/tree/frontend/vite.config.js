import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8')

export default defineConfig({
  define: {
    __APP_VERSION__: JSON.stringify(read('../VERSION').trim()),
    __ACCENT__: JSON.stringify(JSON.parse(read('../design/tokens.json')).accent),
  },
})
