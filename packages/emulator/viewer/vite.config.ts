import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The page: static files that the emulator serves under /viewer/, with no script or style inside the HTML. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/viewer/',
  build: {
    outDir: '../dist/viewer',
    emptyOutDir: true,
    assetsDir: '',
    // A data: URL is not 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
})
