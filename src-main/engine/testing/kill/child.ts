/**
 * A process of its own for the kill test. It opens the engine on a folder, holds what it finds there against what its
 * predecessor had promised, says so, and then works until it is killed, telling every promise as it is made.
 *
 * Arguments: the folder, the ledger, the name of the round, and `end` when it is to close instead of working.
 */
import { readFileSync } from 'node:fs'
import { argv, exit } from 'node:process'
import { check } from './check'
import { openEngine } from './open-engine'
import { say } from './said'
import { work } from './workload'

const [dir = '', ledgerPath = '', round = '', end] = argv.slice(2)
const engine = await openEngine(dir)
// Since the process was started: what a person waits for, without the window.
const { user, system } = process.cpuUsage()
say({ said: 'open', ms: performance.now(), cpuMs: (user + system) / 1000 })
say({ said: 'checked', ...(await check(engine, JSON.parse(readFileSync(ledgerPath, 'utf8')))) })
if (end === 'end') {
  await engine.close()
  exit(0)
}
await work(engine, round)
