/** `npm run setup`: prepares this machine; every other command runs it first. Safe to run again at any time. */

import { seconds } from './lib/report.mjs'
import { setup } from './lib/setup-steps.mjs'

const began = performance.now()
process.stdout.write('Setting up Symbi Console\n')
const results = await setup()
const ended = Object.values(results)
const failed = ended.filter(({ status }) => status === 'fail').length
const warned = ended.filter(({ status }) => status === 'warn').length
const summary = failed > 0 ? `${failed} failed` : warned > 0 ? `ready, with ${warned} to look at` : 'ready'
process.stdout.write(`Set-up: ${summary} (${seconds(performance.now() - began)})\n`)
process.exitCode = failed > 0 ? 1 : 0
