/**
 * `npm run symbi -- ARGS`: the command line of the product, on Node 24. Standard output carries its answer and nothing
 * else; what set-up and the build have to say goes to standard error.
 */
import { join } from 'node:path'
import { prepareBuild } from './lib/build.mjs'
import { nodePath, root } from './lib/paths.mjs'
import { createReport } from './lib/report.mjs'
import { standIn } from './lib/run.mjs'
import { setup } from './lib/setup-steps.mjs'

const args = process.argv.slice(2)
const quietly = { stream: process.stderr, quiet: true }
// Only a run needs the Docker engine; nothing of the command line needs a window.
const { node, packages } = await setup({ ...quietly, desktop: false, docker: args[0] === 'run' })
if (node?.status !== 'ok' || packages?.status !== 'ok') process.exit(1)
const built = await createReport(quietly).step('Build', prepareBuild)
if (built.status !== 'ok') process.exit(1)
process.exit(await standIn(nodePath(), [join(root, 'out', 'main', 'cli.js'), ...args]))
