/** `npm run shots -- [FOLDER]`: pictures of every page, taken from the real app, into docs/screenshots or FOLDER. */
import { resolve } from 'node:path'
import { prepareBuild } from './lib/build.mjs'
import { nodePath, root } from './lib/paths.mjs'
import { createReport } from './lib/report.mjs'
import { standIn } from './lib/run.mjs'
import { setup } from './lib/setup-steps.mjs'
import { startTestSession } from './lib/test-session.mjs'

const [given] = process.argv.slice(2)
const folder = given ? resolve(given) : resolve(root, 'docs', 'screenshots')

const ready = await setup({ quiet: true })
const built = ready.packages?.status === 'ok' ? await createReport({ quiet: true }).step('Build', prepareBuild) : null
if (built?.status !== 'ok') process.exit(1)

const session = await startTestSession()
for (const gap of session.gaps) process.stderr.write(`Missing: ${gap}\n`)
const args = ['test', '-c', 'e2e/playwright.config.ts', '--grep', '@shots', '--reporter=list']
const env = { ...session.env, SYMBI_SHOTS_DIR: folder }
const code = await standIn(nodePath(), [resolve(root, 'node_modules', 'playwright', 'cli.js'), ...args], {
  cwd: root,
  env,
})
await session.stop()
if (code === 0) process.stdout.write(`Pictures: ${folder}\n`)
process.exit(code)
