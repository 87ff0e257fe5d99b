import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** A path from the folder of this file. */
const from = (path: string) => new URL(path, import.meta.url).pathname

/** `npx vite --config src-renderer/dev/vite.config.ts` serves /dev/dev.html: the page on the fake engine. */
export default defineConfig({
  root: from('../'),
  base: './',
  resolve: { alias: { '@contract': from('../../src-preload/contract/index.ts'), '@': from('../src') } },
  plugins: [react(), tailwindcss()],
  build: {
    outDir: process.env['CONSOLE_DEV_OUT'] ?? from('../../node_modules/.cache/console-dev'),
    emptyOutDir: true,
    target: 'chrome130',
    rollupOptions: { input: [from('../index.html'), from('./dev.html')] },
  },
})
