/** Bundles the benchmarks for plain Node: our own code in, packages out. A process of its own, because Vite needs Node 24. */
import { join } from 'node:path'
import { build } from 'vite'

const [outDir] = process.argv.slice(2)
const root = join(import.meta.dirname, '..')

await build({
  configFile: false,
  root,
  logLevel: 'error',
  publicDir: false,
  resolve: { alias: { '@contract': join(root, 'src-preload', 'contract', 'index.ts') } },
  build: {
    ssr: true,
    outDir,
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    rolldownOptions: {
      input: {
        run: join(root, 'bench', 'run.ts'),
        'kill-child': join(root, 'src-main', 'engine', 'testing', 'kill', 'child.ts'),
        // A thread of the message bus begins here; it is looked for beside or above whoever starts it.
        'bus-worker': join(root, 'src-main', 'engine', 'bus', 'crypto-worker.ts'),
      },
      output: { entryFileNames: '[name].js' },
    },
  },
})
