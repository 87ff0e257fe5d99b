import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'

/**
 * Build one entry of ours into a single file that plain Node can run in a process of its own. It lies within the project,
 * so that the libraries, which stay outside the bundle, are found.
 *
 * @param beside further entries by the name that they have beside it, such as programs of threads
 */
export const bundle = async (
  entry: string,
  beside: Readonly<Record<string, string>> = {},
): Promise<{ path: string; remove: () => void }> => {
  const cache = resolve('node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const outDir = mkdtempSync(join(cache, 'symbi-test-'))
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@contract': resolve('src-preload/contract/index.ts') } },
    build: {
      ssr: true,
      outDir,
      target: 'node20',
      rolldownOptions: {
        input: { child: entry, ...beside },
        output: { entryFileNames: ({ name }) => (name === 'child' ? 'child.mjs' : '[name].js') },
      },
    },
  })
  writeFileSync(join(outDir, 'package.json'), '{ "type": "module" }')
  return { path: join(outDir, 'child.mjs'), remove: () => rmSync(outDir, { recursive: true, force: true }) }
}
