/** Claim: a run is handed to its starter as fast with ten thousand waiting as with a hundred. */
import type { AgentId, CorrelationId, ExecutionId, Priority } from '@contract'
import { BackendId, PRIORITIES } from '@contract'
import { createEvents, createIds, messageOf, silentLog, systemClock } from '../src-main/engine/core'
import type { SandboxDriver } from '../src-main/engine/sandbox'
import {
  createQueueTable,
  createScheduler,
  type Place,
  type QueueEntry,
  type QueueTable,
  type RunStarter,
  type Scheduler,
} from '../src-main/engine/scheduler'
import { openStore, type Store, type Tx } from '../src-main/engine/store'
import { withFolder } from './bench-engine'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

const DEPTHS = [100, 10_000] as const
const DRAINED = 10_000
const NO_AMOUNTS = { memoryBytes: 0, cpuMillis: 0, diskIoMbps: 0, networkIoMbps: 0 }
const newId = createIds(systemClock)

const unused = async (): Promise<never> => {
  throw new Error('The benchmark starts nothing.')
}
const placeOf = (id: string, tier: SandboxDriver['tier'], maxConcurrent: number): Place => ({
  driver: {
    id: BackendId.parse(id),
    title: id,
    kind: 'process',
    tier,
    probe: unused,
    prepare: unused,
    create: unused,
    found: unused,
  },
  pool: 'machine',
  weight: 1,
  maxConcurrent,
  isMissing: false,
  isUnknown: false,
})

/** Two back-ends: one whose few places are taken, so that runs wait for it, and one with room. */
const PLACES = [placeOf('docker:local', 'tier1', 1), placeOf('process:local', 'tier0', 100_000)]

const entryOf = (tier: QueueEntry['tier'], priority: Priority): QueueEntry => ({
  executionId: newId<ExecutionId>(),
  agentId: newId<AgentId>(),
  agentName: 'Bench',
  correlationId: newId<CorrelationId>(),
  tier,
  limits: {
    memoryMb: 128,
    cpuCores: 1,
    diskIoMbps: 10,
    networkIoMbps: 10,
    executionTimeoutMs: 60_000,
    idleTimeoutMs: 60_000,
  },
  concurrency: 1,
  priority,
  origin: 'operator',
  attempt: 1,
  queuedAtMs: systemClock.nowMs(),
  notBeforeMs: null,
  deadlineAtMs: null,
  avoid: null,
})

/** The queue without its database: what is left is the order and the choice. */
const memoryTable = (): QueueTable => {
  const known = new Set<ExecutionId>()
  return {
    insert: (_tx, { executionId }) => void known.add(executionId),
    remove: (_tx, executionId) => known.delete(executionId),
    setPriority: (_tx, executionId) => known.has(executionId),
    totals: () => ({ count: 0, lastSeq: 0 }),
    page: () => [],
  }
}

const commitAtOnce = async <T>(change: (tx: Tx) => T): Promise<T> => {
  const callbacks: (() => void)[] = []
  const nothing = (): never => {
    throw new Error('There is no database here.')
  }
  const result = change({
    get: nothing,
    all: nothing,
    run: nothing,
    onCommit: (callback) => void callbacks.push(callback),
  })
  for (const callback of callbacks) callback()
  return result
}

interface Rig {
  readonly scheduler: Scheduler
  readonly write: <T>(change: (tx: Tx) => T) => Promise<T>
  /** Resolves with the time at which the run was handed over. */
  handedOver(executionId: ExecutionId): Promise<number>
  /** Runs of tier 1 end at once from now on. */
  release(): void
  started(): number
}

const createRig = (table: QueueTable, write: Rig['write']): Rig => {
  const waiting = new Map<ExecutionId, (atMs: number) => void>()
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let started = 0
  const scheduler = createScheduler({
    table,
    gate: { commit: (_request, change) => write(change), perform: async (_request, act) => act() },
    clock: systemClock,
    events: createEvents((error) => process.stderr.write(`${messageOf(error)}\n`)),
    log: silentLog,
    newId,
    backends: { places: () => PLACES, list: () => [], onChange: () => () => undefined },
    resources: {
      amountsOf: () => NO_AMOUNTS,
      possible: () => true,
      fits: () => true,
      free: () => NO_AMOUNTS,
      onRelease: () => () => undefined,
    },
    breakers: { restsUntil: () => null, list: () => [], onChange: () => () => undefined },
    limits: { maxConcurrent: 200_000, ageingIntervalMs: 60_000, queueLimit: 200_000, strategy: 'ResourceBased' },
  })
  const starter: RunStarter = {
    async begin({ executionId, tier }) {
      waiting.get(executionId)?.(performance.now())
      waiting.delete(executionId)
      await write((tx) => scheduler.remove(tx, executionId))
      started += 1
      return { done: tier === 'tier0' ? Promise.resolve() : released, preempt: () => undefined }
    },
    giveUp: unused,
    mayStart: () => null,
  }
  scheduler.start(starter)
  return {
    scheduler,
    write,
    handedOver: (executionId) => new Promise((resolve) => waiting.set(executionId, resolve)),
    release,
    started: () => started,
  }
}

const queue = async (rig: Rig, count: number): Promise<void> => {
  for (let from = 0; from < count; from += 500) {
    await rig.write((tx) => {
      for (let number = from; number < Math.min(count, from + 500); number += 1)
        rig.scheduler.add(tx, entryOf('tier1', PRIORITIES[number % PRIORITIES.length] ?? 'normal'))
    })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Microseconds from asking for a run to its being handed over, one after the other. */
const submitToStart = async (rig: Rig, calls: number): Promise<number[]> => {
  const samples: number[] = []
  for (let call = 0; call < calls; call += 1) {
    const entry = entryOf('tier0', 'normal')
    const beganMs = performance.now()
    const handedOver = rig.handedOver(entry.executionId)
    await rig.write((tx) => rig.scheduler.add(tx, entry))
    samples.push(((await handedOver) - beganMs) * 1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return samples
}

/** A binary heap and nothing else: the least that any queue by priority costs. */
const createBareHeap = () => {
  const keys: number[] = []
  const at = (index: number): number => keys[index] ?? Number.POSITIVE_INFINITY
  const swap = (a: number, b: number): void => {
    const kept = at(a)
    keys[a] = at(b)
    keys[b] = kept
  }
  return {
    push(key: number): void {
      let index = keys.push(key) - 1
      while (index > 0 && at((index - 1) >> 1) > at(index)) {
        swap(index, (index - 1) >> 1)
        index = (index - 1) >> 1
      }
    },
    pop(): number | undefined {
      const top = keys[0]
      const last = keys.pop()
      if (keys.length > 0 && last !== undefined) keys[0] = last
      for (let index = 0; ; ) {
        const left = index * 2 + 1
        const least = at(left + 1) < at(left) ? left + 1 : left
        if (at(least) >= at(index)) return top
        swap(index, least)
        index = least
      }
    },
  }
}

/** The same with a bare heap: push, hand over in a turn of its own as the scheduler does, pop. */
const bareHeap = async (depth: number, calls: number): Promise<number[]> => {
  const heap = createBareHeap()
  for (let number = 0; number < depth; number += 1) heap.push(((number * 7_919) % depth) + 1)
  const samples: number[] = []
  for (let call = 0; call < calls; call += 1) {
    const beganMs = performance.now()
    heap.push(0)
    await new Promise((resolve) => setImmediate(resolve))
    heap.pop()
    samples.push((performance.now() - beganMs) * 1_000)
  }
  return samples
}

const atDepth = async (depth: number, { calls, progress }: BenchOptions): Promise<BenchResult> => {
  progress(`scheduler: ${calls} runs with ${depth} waiting`)
  const rig = createRig(memoryTable(), commitAtOnce)
  await queue(rig, depth + 1)
  const samples = await submitToStart(rig, calls)
  rig.scheduler.close()
  return toResult({
    name: `scheduler.submit-to-start.${depth}-queued`,
    unit: 'µs',
    samples,
    baseline: { name: `a bare heap of ${depth}`, samples: await bareHeap(depth, calls) },
  })
}

const durably = async (folder: string, { calls, progress }: BenchOptions): Promise<BenchResult> => {
  progress(`scheduler: ${calls} runs with 10000 waiting, kept in the database`)
  const store: Store = openStore({ dir: folder, clock: systemClock, log: silentLog })
  try {
    const rig = createRig(createQueueTable(store), (change) => store.write(change))
    await queue(rig, 10_001)
    const samples = await submitToStart(rig, calls)
    rig.scheduler.close()
    const rows: number[] = []
    for (let call = 0; call < calls; call += 1) {
      const beganMs = performance.now()
      await store.write((tx) =>
        tx.run(`INSERT OR REPLACE INTO meta (key, value) VALUES ('bench', :value)`, { value: String(call) }),
      )
      rows.push((performance.now() - beganMs) * 1_000)
    }
    const baseline = { name: 'one row written and synced by the same store', samples: rows }
    return toResult({ name: 'scheduler.submit-to-start.durable', unit: 'µs', samples, baseline })
  } finally {
    await store.close()
  }
}

/** Start everything that waits, one place: the cost of a run, and how long the thread is held while it goes on. */
const drain = async ({ rounds, progress }: BenchOptions): Promise<BenchResult[]> => {
  progress(`scheduler: starting ${DRAINED} runs that wait, ${rounds} times`)
  const perRun: number[] = []
  const held: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const rig = createRig(memoryTable(), commitAtOnce)
    await queue(rig, DRAINED)
    rig.release()
    const beganMs = performance.now()
    let lastMs = beganMs
    while (rig.started() < DRAINED) {
      await new Promise((resolve) => setImmediate(resolve))
      held.push((performance.now() - lastMs) * 1_000)
      lastMs = performance.now()
    }
    perRun.push(((performance.now() - beganMs) * 1_000) / DRAINED)
    rig.scheduler.close()
  }
  return [
    toResult({ name: 'scheduler.drain.per-run', unit: 'µs', samples: perRun }),
    toResult({ name: 'scheduler.drain.thread-held', unit: 'µs', samples: held }),
  ]
}

/** A page of the queue, as the console shows it, from the middle of a hundred thousand. */
const page = async ({ calls, progress }: BenchOptions): Promise<BenchResult> => {
  progress('scheduler: a page of 100 from the middle of 100000')
  const rig = createRig(memoryTable(), commitAtOnce)
  await queue(rig, 100_000)
  const samples: number[] = []
  for (let call = 0; call < Math.min(calls, 200); call += 1) {
    const beganMs = performance.now()
    rig.scheduler.queue({ offset: 50_000, limit: 100 })
    samples.push((performance.now() - beganMs) * 1_000)
  }
  rig.scheduler.close()
  return toResult({ name: 'scheduler.queue-page.100000-queued', unit: 'µs', samples })
}

export const scheduler: Bench = {
  name: 'scheduler',
  run: async (options) => {
    const results: BenchResult[] = []
    for (const depth of DEPTHS) results.push(await atDepth(depth, options))
    results.push(await withFolder((folder) => durably(folder, options)))
    results.push(...(await drain(options)), await page(options))
    return results
  },
}
