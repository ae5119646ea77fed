import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [react()],
  server: {
    // `npm run dev` beside `python -m app`
    proxy: { '/api': 'http://127.0.0.1:8000' },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/setupTests.ts'],
    restoreMocks: true,
    unstubGlobals: true,
  },
})
