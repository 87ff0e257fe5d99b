/**
 * `node scripts/with-runtime.mjs -- COMMAND ARGS`: runs a command with what the tests need around it: the Electron that
 * set-up prepared, a virtual display when there is none, and a keyring of its own. Ends with the command's exit code.
 */
import { standIn } from './lib/run.mjs'
import { startTestSession } from './lib/test-session.mjs'

const args = process.argv.slice(2)
if (args[0] === '--') args.shift()
const [command, ...rest] = args
if (!command) {
  process.stderr.write('Usage: node scripts/with-runtime.mjs -- COMMAND ARGS\n')
  process.exit(2)
}
const session = await startTestSession()
for (const gap of session.gaps) process.stderr.write(`Missing: ${gap}\n`)
const code = await standIn(command, rest, { env: session.env })
await session.stop()
process.exit(code)
