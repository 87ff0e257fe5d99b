/**
 * Claim: granting a run its resources, decided by the policy and with its row, and giving them back costs microseconds,
 * however many grants there are.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentId, Amounts, BackendId, ExecutionId } from '@contract'
import { createAudit } from '../src-main/engine/audit'
import { loadConfig } from '../src-main/engine/config'
import { createEvents, createIds, createRedactor, messageOf, silentLog, systemClock } from '../src-main/engine/core'
import { openGate } from '../src-main/engine/gate'
import { createPolicy, type PolicyRequest } from '../src-main/engine/policy'
import { createMachine, createResources, type ReserveOrder, type Resources } from '../src-main/engine/resources'
import { openStore, type Store } from '../src-main/engine/store'
import { withFolder } from './bench-engine'
import { ROOT } from './electron-app'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

/** Grants that stand while others come and go. */
const LIVE = [0, 100, 5_000] as const
/** What is compared takes turns, so that a slow moment of the machine meets both sides. */
const TURNS = 10
const BACKEND = 'docker:local' as BackendId
const AMOUNTS: Amounts = { memoryBytes: 134_217_728, cpuMillis: 500, diskIoMbps: 50, networkIoMbps: 10 }
/** Large enough that nothing is refused. */
const TOTALS = `[resource]
total_memory = 1000000000000000
total_cpu_cores = 1000000
total_disk_io = 1000000000
total_network_io = 1000000000`

const QUESTION: PolicyRequest = {
  principal: 'agent',
  agentName: 'Hello',
  securityLevel: 'standard',
  resourceType: 'Compute',
  resource: `${BACKEND}/Hello`,
  operation: 'Allocate',
}

const openParts = async (dir: string) => {
  const clock = systemClock
  const events = createEvents((error) => process.stderr.write(`${messageOf(error)}\n`))
  const store = openStore({ dir, clock, log: silentLog })
  const redactor = createRedactor()
  const newId = createIds(clock)
  const policy = createPolicy({
    path: join(dir, 'policy.yaml'),
    defaultText: await readFile(join(ROOT, 'resources', 'policies', 'default.yaml'), 'utf8'),
    clock,
    events,
    log: silentLog,
  })
  const audit = createAudit({ store, clock, events, redactor })
  const { gate } = openGate({ policy, audit, store, clock, events, redactor, newId, log: silentLog })
  const resources = createResources({
    gate,
    store,
    clock,
    events,
    log: silentLog,
    config: loadConfig({ path: 'bench.toml', env: {}, readFile: () => TOTALS }).resource,
    machine: createMachine(),
  })
  const order = (): ReserveOrder => ({
    executionId: newId<ExecutionId>(),
    agentId: newId<AgentId>(),
    agentName: 'Hello',
    backend: BACKEND,
    amounts: AMOUNTS,
  })
  const decide = (): void => {
    if (policy.decide(QUESTION).effect !== 'Allow') throw new Error('The shipped policy refuses what is measured.')
  }
  const close = async (): Promise<void> => {
    resources.close()
    policy.close()
    await store.close()
  }
  return { store, resources, order, decide, close }
}

const MICROS = 1_000
/** In one transaction: the sync to the disk is shared by all that wait, and measured with the gate. */
const PER_TRANSACTION = 20

interface Timed {
  readonly store: Store
  readonly resources: Resources
  readonly order: () => ReserveOrder
  readonly decide: () => void
}

/** Microseconds of each grant that was decided, given with its row, and given back. */
const timeGrants = async ({ store, resources, order, decide }: Timed, count: number): Promise<number[]> => {
  const times: number[] = []
  while (times.length < count) {
    const orders = Array.from({ length: PER_TRANSACTION }, order)
    await store.write((tx) => {
      for (const one of orders) {
        const startedMs = performance.now()
        decide()
        resources.reserve(tx, one)
        resources.release(one.executionId)
        times.push((performance.now() - startedMs) * MICROS)
      }
    })
  }
  return times
}

/** The least that keeping a grant in memory can cost. */
const timeMap = (live: number, order: () => ReserveOrder, count: number): number[] => {
  const map = new Map<ExecutionId, Amounts>(Array.from({ length: live }, () => [order().executionId, AMOUNTS]))
  return Array.from({ length: count }, order).map(({ executionId, amounts }) => {
    const startedMs = performance.now()
    map.set(executionId, amounts)
    map.delete(executionId)
    return (performance.now() - startedMs) * MICROS
  })
}

const measure = async ({ calls, progress }: BenchOptions, dir: string): Promise<BenchResult[]> => {
  const parts = await openParts(dir)
  const results: BenchResult[] = []
  let standing = 0
  try {
    await timeGrants(parts, 500)
    for (const live of LIVE) {
      progress(`resources: ${calls} grants beside ${live} others`)
      for (; standing < live; standing += 1) {
        const one = parts.order()
        await parts.store.write((tx) => parts.resources.reserve(tx, one))
      }
      const grants: number[] = []
      const map: number[] = []
      for (let turn = 0; turn < TURNS; turn += 1) {
        grants.push(...(await timeGrants(parts, Math.ceil(calls / TURNS))))
        map.push(...timeMap(live, parts.order, Math.ceil(calls / TURNS)))
      }
      results.push(
        toResult({
          name: `resources.allocate-release-${live}-live`,
          unit: 'µs',
          samples: grants,
          baseline: { name: 'a bare Map: set and delete', samples: map },
        }),
      )
    }
    return results
  } finally {
    await parts.close()
  }
}

export const resources: Bench = {
  name: 'resources',
  run: (options) => withFolder((folder) => measure(options, folder)),
}
