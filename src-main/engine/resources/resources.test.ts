import type {
  AgentId,
  Amounts,
  BackendId,
  CorrelationId,
  Enforcement,
  ExecutionId,
  ResourceKind,
  StatsSample,
} from '@contract'
import { ResourceOverview } from '@contract'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config'
import { createIds, silentLog } from '../core'
import { setUp as openGate } from '../gate/fixtures/set-up'
import type { Sandbox } from '../sandbox'
import { NOTHING } from './amounts'
import type { Machine } from './machine'
import { createResources } from './resources'

const GIB = 2 ** 30
const local = 'process:local' as BackendId
const MONITORED: Record<ResourceKind, Enforcement> = {
  memory: 'monitor',
  cpu: 'monitor',
  disk: 'none',
  network: 'none',
}
const machine = {
  memoryBytes: 4 * GIB,
  cpuMillis: 4_000,
  linkBitsPerSecond: null,
  usedMemoryBytes: () => GIB,
  cpuTimes: () => ({ busyMs: 0, allMs: 0, cores: 4 }),
} satisfies Machine

const some = (change: Partial<Amounts>): Amounts => ({ ...NOTHING, ...change })

const setUp = (toml = '') => {
  const { clock, store, gate, events, audit } = openGate()
  const newId = createIds(clock)
  const config = loadConfig({ path: 'x.toml', env: {}, readFile: () => `[resource]\n${toml}` }).resource
  const open = () => createResources({ gate, store, clock, events, log: silentLog, config, machine })
  const resources = open()
  let changes = 0
  events.subscribe(({ topic }) => {
    if (topic === 'resources.changed') changes += 1
  })
  const agentId = newId<AgentId>()
  const correlationId = newId<CorrelationId>()
  const order = (amounts: Partial<Amounts>) => ({
    executionId: newId<ExecutionId>(),
    agentId,
    agentName: 'greedy',
    backend: local,
    amounts: some(amounts),
  })
  const rows = () =>
    store.all<{ execution_id: string }>('SELECT execution_id FROM allocations').map((row) => row.execution_id)
  /** All changes that were asked for are on the disk. */
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn += 1) await store.write(() => undefined)
  }
  const sandbox = (throttle: Sandbox['throttle'] = async () => true) => ({
    enforcement: MONITORED,
    notEnforced: ['network: reaches all'],
    throttle,
  })
  const sample = (change: Partial<StatsSample> = {}): StatsSample => ({
    atMs: clock.nowMs(),
    cpuPercent: 50,
    memoryBytes: 100,
    memoryLimitBytes: null,
    pids: 2,
    diskBytesPerSecond: null,
    networkBytesPerSecond: null,
    source: 'test',
    ...change,
  })
  return {
    clock,
    store,
    audit,
    resources,
    open,
    order,
    rows,
    settled,
    sandbox,
    sample,
    correlationId,
    agentId,
    changes: () => changes,
  }
}

describe('a grant', () => {
  it('stands with what the caller changes, and goes when it is given back (resources R4)', async () => {
    const { store, resources, order, rows, settled } = setUp()
    const one = order({ memoryBytes: GIB })
    await store.write((tx) => resources.reserve(tx, one))
    expect(rows()).toEqual([one.executionId])
    expect(resources.overview().granted.memoryBytes).toBe(GIB)
    resources.release(one.executionId)
    resources.release(one.executionId)
    await settled()
    expect(rows()).toEqual([])
    expect(resources.overview().granted).toEqual(NOTHING)
  })

  it('leaves nothing when its transaction fails and whoever asked gives it back', async () => {
    const { store, resources, order, rows, settled } = setUp()
    const one = order({ memoryBytes: GIB })
    const failing = store.write((tx) => {
      resources.reserve(tx, one)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow()
    resources.release(one.executionId)
    await store.write((tx) => resources.reserve(tx, one))
    await settled()
    expect(rows()).toEqual([one.executionId])
  })

  it('that is given back wakes those who wait', async () => {
    const { store, resources, order } = setUp()
    const one = order({ memoryBytes: GIB })
    let woken = 0
    const off = resources.onRelease(() => {
      woken += 1
    })
    await store.write((tx) => resources.reserve(tx, one))
    resources.release(one.executionId)
    resources.release(one.executionId)
    expect(woken).toBe(1)
    off()
    await store.write((tx) => resources.reserve(tx, one))
    resources.release(one.executionId)
    expect(woken).toBe(1)
  })

  it('of an engine that was killed is held until its run is known to be over (resources R4)', async () => {
    const { store, resources, order, open, rows, settled } = setUp()
    const [going, over, unknown] = [order({ cpuMillis: 1_000 }), order({ cpuMillis: 200 }), order({ cpuMillis: 30 })]
    await store.write((tx) => {
      tx.run(`INSERT INTO agents (id, state, state_changed_at, version, created_at) VALUES ('a', 'Running', 0, 1, 0)`)
      for (const [{ executionId }, endedAt] of [[going, null] as const, [over, 5] as const])
        tx.run(
          `INSERT INTO executions (id, agent_id, agent_version, correlation_id, state, tier, input, output, started_at, ended_at)
           VALUES (:id, 'a', 1, 'c', 'running', 'tier1', '1', '1', 0, :endedAt)`,
          { id: executionId, endedAt },
        )
      for (const one of [going, over, unknown]) resources.reserve(tx, one)
    })
    const next = open()
    expect(next.overview().granted.cpuMillis).toBe(1_230)
    await next.reconcile()
    await settled()
    expect(next.overview().granted.cpuMillis).toBe(1_000)
    expect(rows()).toEqual([going.executionId])
    const other = order({ cpuMillis: 1 })
    await store.write((tx) => next.reserve(tx, other))
    next.release(going.executionId)
    next.release(other.executionId)
    await settled()
    expect(rows()).toEqual([])
  })
})

describe('the overview', () => {
  it('is what the contract says, with what is reserved, granted, used and left', async () => {
    const { store, resources, order, sandbox, sample, correlationId } = setUp()
    const one = order({ memoryBytes: GIB, cpuMillis: 500 })
    const waiting = order({ cpuMillis: 100 })
    await store.write((tx) => {
      resources.reserve(tx, one)
      resources.reserve(tx, waiting)
    })
    const watch = resources.watch({ ...one, correlationId, sandbox: sandbox(), onStop: () => undefined })
    watch.sample(sample())
    const overview = ResourceOverview.parse(resources.overview())
    expect(overview).toMatchObject({
      totals: { memoryBytes: 4 * GIB, cpuMillis: 4_000 },
      reserved: { memoryBytes: Math.ceil(0.4 * GIB), cpuMillis: 400 },
      granted: { memoryBytes: GIB, cpuMillis: 600 },
      available: { cpuMillis: 3_000 },
      used: { memoryBytes: 100, cpuMillis: 500, diskIoMbps: null },
      machine: { memoryBytes: GIB },
      enforcing: true,
      stopAfterViolations: 5,
      pools: [{ backend: null }],
    })
    expect(overview.allocations).toMatchObject([
      { agentName: 'greedy', used: { cpuMillis: 500 }, enforcement: MONITORED, notEnforced: ['network: reaches all'] },
      { used: null, enforcement: MONITORED },
    ])
  })

  it('says when requests beyond the totals are not refused (resources R1)', async () => {
    const { store, resources, order } = setUp('enforcement_enabled = false')
    await store.write((tx) => resources.reserve(tx, order({ cpuMillis: 9_000 })))
    expect(resources.overview()).toMatchObject({
      enforcing: false,
      available: { cpuMillis: 0 },
      alerts: [{ kind: 'cpu', level: 'critical', what: 'granted', share: 2.5 }],
    })
  })

  it('does not take an old sample for the present', async () => {
    const { store, clock, resources, order, sandbox, sample, correlationId } = setUp()
    const one = order({ cpuMillis: 500 })
    await store.write((tx) => resources.reserve(tx, one))
    const watch = resources.watch({ ...one, correlationId, sandbox: sandbox(), onStop: () => undefined })
    watch.sample(sample())
    clock.advance(10_000)
    expect(resources.overview().used.cpuMillis).toBe(0)
  })
})

describe('a run beyond its grant', () => {
  it('is throttled, then stopped, with a fact in the audit trail and a row for each (resources R6)', async () => {
    const { store, audit, clock, resources, order, sandbox, sample, correlationId, settled, agentId } =
      setUp('stop_after_violations = 3')
    const one = order({ memoryBytes: 50, cpuMillis: 500 })
    await store.write((tx) => resources.reserve(tx, one))
    const stopped: ResourceKind[] = []
    const watch = resources.watch({ ...one, correlationId, sandbox: sandbox(), onStop: (kind) => stopped.push(kind) })
    for (let n = 0; n < 5; n += 1) {
      watch.sample(sample())
      clock.advance(1_000)
      await settled()
    }
    expect(stopped).toEqual(['memory'])
    expect(resources.violations({ limit: 10 })).toMatchObject([
      { action: 'stopped', kind: 'memory', used: 100, limit: 50, inARow: 3, agentName: 'greedy' },
      { action: 'noted', inARow: 2 },
      { action: 'throttled', inARow: 1 },
    ])
    expect(resources.violations({ limit: 1, beforeSeq: 3 })).toMatchObject([{ action: 'noted' }])
    expect(resources.violations({ limit: 9, agentId: 'other' as AgentId })).toEqual([])
    expect(resources.violations({ limit: 9, agentId })).toHaveLength(3)
    const facts = audit.list({ filter: { correlationId }, limit: 10 }).records
    expect(facts.map(({ action, details }) => `${action} ${details['done']}`)).toEqual([
      'compute.violation stopped',
      'compute.violation noted',
      'compute.violation throttled',
    ])
  })
})

describe('the history', () => {
  it('holds what each second used, also of a run that ended within it (resources R7)', async () => {
    const { store, clock, resources, order, sandbox, sample, correlationId, agentId } = setUp()
    const [one, two] = [order({ memoryBytes: 1_000 }), order({ memoryBytes: 500 })]
    await store.write((tx) => {
      resources.reserve(tx, one)
      resources.reserve(tx, two)
    })
    const watches = [one, two].map((of) =>
      resources.watch({ ...of, correlationId, sandbox: sandbox(), onStop: () => undefined }),
    )
    for (const watch of watches) watch.sample(sample({ memoryBytes: 100 }))
    watches[1]?.close()
    resources.release(two.executionId)
    clock.advance(1_000)
    watches[0]?.sample(sample({ memoryBytes: 40 }))
    clock.advance(1_000)
    const window = { fromMs: clock.nowMs() - 60_000, toMs: clock.nowMs(), points: 100 }
    for (const id of [agentId, undefined]) {
      const [memory] = resources.history({ agentId: id, ...window })
      expect(memory?.points.map(({ max }) => max)).toEqual([200, 40])
      expect(memory?.granted).toEqual([1_500, 1_000])
    }
  })
})

describe('what is announced', () => {
  it('comes at most once a second, and nothing comes when nothing changes (resources R8, R9)', async () => {
    const { store, clock, resources, order, changes } = setUp()
    for (let n = 0; n < 100; n += 1) {
      const one = order({ cpuMillis: 1 })
      await store.write((tx) => resources.reserve(tx, one))
      resources.release(one.executionId)
    }
    expect(changes()).toBe(1)
    clock.advance(1_000)
    expect(changes()).toBe(2)
    clock.advance(600_000)
    expect(changes()).toBe(2)
  })

  it('stops with the engine', async () => {
    const { store, clock, resources, order, changes } = setUp()
    const one = order({ cpuMillis: 1 })
    await store.write((tx) => resources.reserve(tx, one))
    resources.close()
    resources.release(one.executionId)
    clock.advance(60_000)
    expect(changes()).toBe(1)
  })
})
