import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'

/**
 * Build one entry of ours into a single file that plain Node can run in a process of its own. It lies within the project,
 * so that the libraries, which stay outside the bundle, are found.
 */
export const bundle = async (entry: string): Promise<{ path: string; remove: () => void }> => {
  const cache = resolve('node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const outDir = mkdtempSync(join(cache, 'symbi-test-'))
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@contract': resolve('src-preload/contract/index.ts') } },
    build: { ssr: entry, outDir, target: 'node20', rolldownOptions: { output: { entryFileNames: 'child.mjs' } } },
  })
  return { path: join(outDir, 'child.mjs'), remove: () => rmSync(outDir, { recursive: true, force: true }) }
}
