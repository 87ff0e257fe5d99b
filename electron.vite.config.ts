import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const contract = { '@contract': resolve('src-preload/contract/index.ts') }

/** Bundled into main: reading their many small files one by one costs a third of a second at every start. */
const BUNDLED = ['zod', 'pino', 'smol-toml', 'yaml', 're2js']

/** Three bundles: main (ESM, most libraries stay outside), preload (one CJS file, as a sandboxed preload must be), page. */
export default defineConfig({
  main: {
    resolve: { alias: contract },
    build: {
      outDir: 'out/main',
      target: 'node20.18',
      externalizeDeps: { exclude: BUNDLED },
      rollupOptions: {
        input: {
          index: resolve('src-main/index.ts'),
          cli: resolve('src-main/cli/index.ts'),
          // A thread of the message bus begins here; it has to lie beside or above whoever starts it.
          'bus-worker': resolve('src-main/engine/bus/crypto-worker.ts'),
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    resolve: { alias: contract },
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rollupOptions: {
        input: { index: resolve('src-preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    resolve: { alias: { ...contract, '@': resolve('src-renderer/src') } },
    plugins: [react(), tailwindcss()],
    build: {
      outDir: resolve('out/renderer'),
      target: 'chrome130',
      minify: true,
      // The content security policy takes fonts and images from our own files only.
      assetsInlineLimit: 0,
      rollupOptions: { input: resolve('src-renderer/index.html') },
    },
  },
})
