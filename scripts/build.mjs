/** `npm run build`: packages first, then the three bundles in out/, when the sources have changed. */
import { prepareBuild } from './lib/build.mjs'
import { createReport } from './lib/report.mjs'
import { setup } from './lib/setup-steps.mjs'

const { packages } = await setup({ quiet: true, desktop: false, docker: false })
const built = packages?.status === 'ok' ? await createReport().step('Build', prepareBuild) : null
process.exitCode = built?.status === 'ok' ? 0 : 1
