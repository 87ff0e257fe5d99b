/** `npm run bench`: runs the benchmarks that were asked for, prints and keeps what they measured. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { readArguments } from './arguments'
import { audit } from './audit'
import { ROOT } from './electron-app'
import { firstToolCall } from './first-tool-call'
import { gate } from './gate'
import { idle } from './idle'
import { invoke } from './invoke'
import { kill } from './kill'
import { lifecycle } from './lifecycle'
import { loadOfAgents } from './load'
import { messages } from './messages'
import { policy } from './policy'
import { resources } from './resources'
import type { Bench, BenchOptions, BenchResult } from './result'
import { scheduler } from './scheduler'
import { start } from './start'
import { tableOf } from './table'

const BENCHES: readonly Bench[] = [
  start,
  idle,
  invoke,
  gate,
  policy,
  audit,
  lifecycle,
  resources,
  scheduler,
  messages,
  firstToolCall,
  loadOfAgents,
  kill,
]

const progress = (text: string): void => {
  process.stderr.write(`${text}\n`)
}
const FULL: BenchOptions = { rounds: 10, calls: 2_000, idleMs: 30_000, progress }
const QUICK: BenchOptions = { rounds: 3, calls: 400, idleMs: 5_000, progress }

/** Keep the results, named by the time, so that a later run can be held against them. */
const keep = (results: readonly BenchResult[]): void => {
  const folder = join(ROOT, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const name = new Date().toISOString().replace(/[:.]/g, '-')
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`)
}

/** Whoever else works on this machine is in the figures too. */
const warnWhenBusy = (): void => {
  const [load = 0] = loadavg()
  const cores = cpus().length
  if (load > cores / 2)
    progress(`This machine is busy (load ${load.toFixed(1)} on ${cores} cores): figures will be too high.`)
}

/** A benchmark that fails does not keep the next from running, but it shows in the exit code. */
const main = async (): Promise<void> => {
  const asked = readArguments(
    process.argv.slice(2),
    BENCHES.map(({ name }) => name),
  )
  const usual = asked.quick ? QUICK : FULL
  const results: BenchResult[] = []
  warnWhenBusy()
  for (const bench of BENCHES.filter(({ name }) => asked.names.includes(name))) {
    try {
      results.push(...(await bench.run({ ...usual, ...(asked.rounds === undefined ? {} : { rounds: asked.rounds }) })))
    } catch (error) {
      process.stderr.write(`${bench.name}: ${error instanceof Error ? error.message : String(error)}\n`)
      process.exitCode = 1
    }
  }
  if (results.length > 0) keep(results)
  process.stdout.write(`${asked.json ? JSON.stringify(results) : tableOf(results)}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
})
