/**
 * `npm run bench -- [NAME…] [--json] [--quick]`: builds what has changed, then measures. Standard output carries the
 * figures and nothing else; what set-up, the build and the benchmarks have to say goes to standard error.
 */
import { join } from 'node:path'
import { prepareBuild } from './lib/build.mjs'
import { findElectron } from './lib/electron-runtime.mjs'
import { nodePath, root } from './lib/paths.mjs'
import { createReport } from './lib/report.mjs'
import { standIn } from './lib/run.mjs'
import { setup } from './lib/setup-steps.mjs'
import { startTestSession } from './lib/test-session.mjs'

const quietly = { stream: process.stderr, quiet: true }
const OUT = join(root, 'out', 'bench')

process.exit(await main())

async function main() {
  const ready = await setup(quietly)
  if (ready.node?.status !== 'ok' || ready.packages?.status !== 'ok') return 1
  const built = await createReport(quietly).step('Build', prepareBuild)
  if (built.status !== 'ok') return 1
  const electron = findElectron()
  if (!electron) {
    process.stderr.write('There is no Electron to measure with. npm run setup says why.\n')
    return 1
  }
  const session = await startTestSession()
  for (const gap of session.gaps) process.stderr.write(`Missing: ${gap}\n`)
  const env = {
    ...session.env,
    SYMBI_BENCH_ELECTRON: electron.exec,
    SYMBI_BENCH_ELECTRON_VERSION: `${electron.version}${electron.kind === 'official' ? '' : ` (${electron.kind})`}`,
  }
  const bundled = await standIn(nodePath(), [join(root, 'bench', 'bundle.mjs'), OUT], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
  })
  const code =
    bundled === 0 ? await standIn(nodePath(), [join(OUT, 'run.js'), ...process.argv.slice(2)], { cwd: root, env }) : 1
  await session.stop()
  return code
}
