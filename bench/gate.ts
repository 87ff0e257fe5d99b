/** Claim: passing the gate costs little more than writing one row durably, and deciding costs next to nothing. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentId, CorrelationId, ExecutionId } from '@contract'
import { Bench as Stopwatch } from 'tinybench'
import { createAudit } from '../src-main/engine/audit'
import { createEvents, createIds, createRedactor, messageOf, silentLog, systemClock } from '../src-main/engine/core'
import { openGate } from '../src-main/engine/gate'
import { createPolicy, type PolicyRequest } from '../src-main/engine/policy'
import { openStore, type Tx } from '../src-main/engine/store'
import { withFolder } from './bench-engine'
import { ROOT } from './electron-app'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

/** What is compared takes turns, so that a slow moment of the machine meets both sides. */
const TURNS = 10

/** A run that puts something into its memory, by the shipped policy. */
const QUESTION: PolicyRequest = {
  principal: 'agent',
  agentName: 'Hello',
  securityLevel: 'standard',
  resourceType: 'Memory',
  resource: 'self/runs',
  operation: 'Write',
}

const openParts = async (dir: string) => {
  const clock = systemClock
  const events = createEvents((error) => process.stderr.write(`${messageOf(error)}\n`))
  const store = openStore({ dir, clock, log: silentLog })
  const policy = createPolicy({
    path: join(dir, 'policy.yaml'),
    defaultText: await readFile(join(ROOT, 'resources', 'policies', 'default.yaml'), 'utf8'),
    clock,
    events,
    log: silentLog,
  })
  const redactor = createRedactor()
  const audit = createAudit({ store, clock, events, redactor })
  const newId = createIds(clock)
  const { gate } = openGate({ policy, audit, store, clock, events, redactor, newId, log: silentLog })
  return { store, policy, gate }
}

/** The change that both sides make: a new value each time, because SQLite does not write what stays the same. */
const createRowWriter = (): ((tx: Tx) => void) => {
  let count = 0
  return (tx) => {
    count += 1
    tx.run(`INSERT OR REPLACE INTO meta (key, value) VALUES ('bench', :value)`, { value: String(count) })
  }
}

/** Microseconds of each call. */
const timesOf = (stopwatch: Stopwatch, name: string): number[] => {
  const result = stopwatch.getTask(name)?.result
  if (result?.state !== 'completed') throw new Error(`"${name}" was not measured.`)
  return (result.latency.samples ?? []).map((ms) => ms * 1000)
}

const measure = async ({ calls, progress }: BenchOptions, dir: string): Promise<BenchResult[]> => {
  progress(`gate: ${calls} acts, one after the other`)
  const { store, policy, gate } = await openParts(dir)
  try {
    if (policy.decide(QUESTION).effect !== 'Allow') throw new Error('The shipped policy refuses what is measured.')
    const newId = createIds(systemClock)
    const correlationId = newId<CorrelationId>()
    const act = {
      caller: {
        kind: 'agent',
        id: newId<AgentId>(),
        name: QUESTION.agentName,
        executionId: newId<ExecutionId>(),
        correlationId,
      },
      correlationId,
      tier: 'tier1',
      action: 'memory.put',
      resource: QUESTION.resource,
    } as const
    const writeRow = createRowWriter()
    const times = { decide: [] as number[], act: [] as number[], row: [] as number[] }
    for (let turn = 0; turn < TURNS; turn += 1) {
      const iterations = Math.ceil(calls / TURNS)
      const stopwatch = new Stopwatch({ iterations, time: 0, warmup: turn === 0, retainSamples: true, throws: true })
      stopwatch
        .add('decide', () => void policy.decide(QUESTION))
        .add('act', async () => gate.commit(act, writeRow))
        .add('row', async () => store.write(writeRow))
      await stopwatch.run()
      for (const name of ['decide', 'act', 'row'] as const) times[name].push(...timesOf(stopwatch, name))
    }
    const baseline = { name: 'one row written and synced by the same store', samples: times.row }
    return [
      toResult({ name: 'gate.decide', unit: 'µs', samples: times.decide }),
      toResult({ name: 'gate.audited-act', unit: 'µs', samples: times.act, baseline }),
    ]
  } finally {
    policy.close()
    await store.close()
  }
}

export const gate: Bench = { name: 'gate', run: (options) => withFolder((folder) => measure(options, folder)) }
