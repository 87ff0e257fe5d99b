import type { ExecutionId, Priority, SecurityTier } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentId, correlationId, createWorld, entryOf, person, runId, type WorldOptions } from './fixtures/world'
import type { QueueEntry } from './types'

const AGEING_MS = 60_000
const PRIORITY = fc.constantFrom<Priority>('low', 'normal', 'high', 'critical')
const TIER = fc.constantFrom<SecurityTier>('tier1', 'tier1', 'tier0')
const DELAY = fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: null, freq: 3 })

/** What can happen to a scheduler. `nth` picks one of those there are. */
const ACTION = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('add' as const),
      agent: fc.integer({ min: 1, max: 5 }),
      priority: PRIORITY,
      tier: TIER,
      memoryMb: fc.constantFrom(100, 100, 100, 400, 900),
      notBeforeMs: DELAY,
      deadlineMs: DELAY,
    }),
  },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('end' as const), nth: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 90_000 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cancel' as const), nth: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('prioritise' as const), nth: fc.nat(), priority: PRIORITY }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('hold' as const),
      agent: fc.integer({ min: 1, max: 5 }),
      on: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('rest' as const),
      backend: fc.constantFrom('docker:local', 'docker:far', 'process:local'),
      ms: fc.constantFrom(0, 10_000, 100_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fail' as const), how: fc.constantFrom('keep', 'end') }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('restart' as const) }) },
)
type Action = typeof ACTION extends fc.Arbitrary<infer T> ? T : never

/** The order as the documentation has it, worked out anew for each pair. */
const LEVELS: Readonly<Record<Priority, number>> = { low: 0, normal: 1, high: 2, critical: 3 }
const compareAt =
  (nowMs: number, seqOf: (entry: QueueEntry) => number) =>
  (a: QueueEntry, b: QueueEntry): number => {
    const since = (entry: QueueEntry): number => Math.max(entry.queuedAtMs, entry.notBeforeMs ?? 0)
    const level = (entry: QueueEntry): number =>
      Math.min(3, LEVELS[entry.priority] + Math.floor((nowMs - since(entry)) / AGEING_MS))
    if (level(a) !== level(b)) return level(b) - level(a)
    return since(a) !== since(b) ? since(a) - since(b) : seqOf(a) - seqOf(b)
  }

const CONCURRENCY = 2
const MAX_CONCURRENT = 6
const PLACES: NonNullable<WorldOptions['places']> = [
  { id: 'docker:local', maxConcurrent: 4 },
  { id: 'docker:far', pool: 'far', maxConcurrent: 2, weight: 3 },
  { id: 'process:local', tier: 'tier0' },
]

/** What became of each run, as far as anybody outside can tell. */
const play = async (options: WorldOptions) => {
  const world = createWorld({ maxConcurrent: MAX_CONCURRENT, ageingIntervalMs: AGEING_MS, places: PLACES, ...options })
  const added = new Map<ExecutionId, QueueEntry>()
  const over = new Set<ExecutionId>()
  let next = 1
  let fates: ('keep' | 'end')[] = []
  let hadFailure = false
  world.onBegin(() => {
    const fate = fates.shift()
    if (fate !== undefined) hadFailure = true
    return fate ?? 'start'
  })
  world.start()
  await world.settle()

  /** Runs are numbered in the order in which they are added. */
  const numberOf = ({ executionId }: QueueEntry): number => Number.parseInt(executionId.slice(-12), 16)

  const checkLimits = (): void => {
    expect(world.live.size).toBeLessThanOrEqual(MAX_CONCURRENT)
    expect(world.scheduler().status().running).toBe(world.live.size)
    for (const { entry } of world.live.values()) {
      const ofAgent = [...world.live.values()].filter((run) => run.entry.agentId === entry.agentId)
      expect(ofAgent.length).toBeLessThanOrEqual(CONCURRENCY)
    }
    for (const { id, maxConcurrent, tier } of PLACES) {
      const here = [...world.live.values()].filter(({ backend }) => backend === id)
      expect(here.length).toBeLessThanOrEqual(maxConcurrent ?? MAX_CONCURRENT)
      for (const { entry } of here) expect(entry.tier).toBe(tier ?? 'tier1')
    }
  }

  /** Every run is in exactly one place, and none was started twice. */
  const checkAllAccounted = (): void => {
    expect(new Set(world.started).size).toBe(world.started.length)
    const givenUp = world.givenUp.map(({ executionId }) => executionId)
    expect(new Set(givenUp).size).toBe(givenUp.length)
    for (const id of givenUp) over.add(id)
    for (const id of added.keys()) {
      const where = [world.rows.has(id), world.live.has(id), over.has(id)].filter(Boolean).length
      expect(where, `${id} is in ${where} places`).toBe(1)
    }
    expect(world.scheduler().queue({ offset: 0, limit: 500 }).total).toBe(world.rows.size)
  }

  /** Those whose start failed wait a while, whatever there is room for. */
  const triedLately = (): Set<string> =>
    new Set(
      world
        .scheduler()
        .queue({ offset: 0, limit: 500 })
        .items.filter(({ waitsFor }) => waitsFor.startsWith('The last try failed'))
        .map(({ executionId }) => executionId),
    )

  /** Who started in this step, in their order; and nobody more urgent was left out who could have had the place. */
  const checkOrder = (before: number): void => {
    if (hadFailure) return
    const compare = compareAt(world.clock.nowMs(), numberOf)
    const entries = world.started.slice(before).flatMap((id) => added.get(id) ?? [])
    const tried = triedLately()
    const waiting = [...world.rows.values()].filter(
      (entry) =>
        !tried.has(entry.executionId) &&
        (entry.notBeforeMs ?? 0) <= world.clock.nowMs() &&
        !world.held.has(entry.agentId) &&
        [...world.live.values()].filter((run) => run.entry.agentId === entry.agentId).length < CONCURRENCY,
    )
    for (const started of entries) {
      for (const left of waiting) if (left.tier === started.tier) expect(compare(started, left)).toBeLessThan(0)
    }
    for (const [index, entry] of entries.entries()) {
      const after = entries[index + 1]
      if (after !== undefined) expect(compare(entry, after)).toBeLessThan(0)
    }
  }

  /** With room for it on a back-end that does not rest, nobody waits. */
  const checkNobodyWaitsForNothing = (): void => {
    if (hadFailure || world.live.size >= MAX_CONCURRENT) return
    const isOpen = (tier: SecurityTier): boolean =>
      PLACES.some(
        ({ id, maxConcurrent, tier: own }) =>
          (own ?? 'tier1') === tier &&
          world.isAwake(id) &&
          [...world.live.values()].filter(({ backend }) => backend === id).length < (maxConcurrent ?? MAX_CONCURRENT),
      )
    const tried = triedLately()
    for (const entry of world.rows.values()) {
      if (tried.has(entry.executionId)) continue
      if ((entry.notBeforeMs ?? 0) > world.clock.nowMs() || world.held.has(entry.agentId)) continue
      const running = [...world.live.values()].filter((run) => run.entry.agentId === entry.agentId).length
      if (running < CONCURRENCY) expect(isOpen(entry.tier), `${entry.agentName} waits for nothing`).toBe(false)
    }
  }

  const pick = <T>(items: Iterable<T>, nth: number): T | undefined => {
    const all = [...items]
    return all[nth % Math.max(1, all.length)]
  }

  const act = async (action: Action): Promise<void> => {
    switch (action.what) {
      case 'add': {
        const nowMs = world.clock.nowMs()
        const entry = entryOf(next, {
          agentId: agentId(action.agent),
          agentName: `Agent ${action.agent}`,
          concurrency: CONCURRENCY,
          priority: action.priority,
          tier: action.tier,
          queuedAtMs: nowMs,
          notBeforeMs: action.notBeforeMs === null ? null : nowMs + action.notBeforeMs,
          deadlineAtMs: action.deadlineMs === null ? null : nowMs + action.deadlineMs,
        })
        const sized = { ...entry, limits: { ...entry.limits, memoryMb: action.memoryMb } }
        next += 1
        added.set(sized.executionId, sized)
        world.add(sized)
        return
      }
      case 'end': {
        const id = pick(world.live.keys(), action.nth)
        if (id === undefined) return
        over.add(id)
        world.end(id)
        return
      }
      case 'time':
        world.clock.advance(action.ms)
        return
      case 'cancel': {
        const id = pick(world.rows.keys(), action.nth)
        if (id !== undefined && world.cancel(id)) over.add(id)
        return
      }
      case 'prioritise': {
        const id = pick(world.rows.keys(), action.nth)
        const entry = id === undefined ? undefined : added.get(id)
        if (id === undefined || entry === undefined) return
        added.set(id, { ...entry, priority: action.priority })
        await world.scheduler().prioritise({ caller: person, correlationId }, id, action.priority)
        return
      }
      case 'hold':
        if (action.on) world.held.set(agentId(action.agent), 'its agent is suspended')
        else world.held.delete(agentId(action.agent))
        world.scheduler().poke(agentId(action.agent))
        return
      case 'rest':
        world.rest(action.backend, action.ms)
        return
      case 'fail':
        fates.push(action.how as 'keep' | 'end')
        return
      case 'restart':
        for (const id of world.live.keys()) over.add(id)
        world.restart()
    }
  }

  const step = async (action: Action, exact: boolean): Promise<void> => {
    const before = world.started.length
    hadFailure = false
    const failing = fates.length
    await act(action)
    await world.settle()
    if (failing > fates.length) for (const id of added.keys()) if (world.wasEnded(id)) over.add(id)
    for (const id of world.started.slice(before)) {
      const run = world.live.get(id)
      if (run !== undefined) expect(world.isAwake(run.backend), `${id} was put on a back-end that rests`).toBe(true)
    }
    checkLimits()
    checkAllAccounted()
    if (!exact) return
    checkOrder(before)
    checkNobodyWaitsForNothing()
  }

  const drain = async (): Promise<void> => {
    fates = []
    world.held.clear()
    for (const { id } of PLACES) world.rest(id, 0)
    world.scheduler().poke()
    world.clock.advance(300_000)
    await world.settle()
    // Every round ends all runs under way, so each round has room for at least one.
    const rounds = world.rows.size + 1
    for (let round = 0; round < rounds && world.rows.size > 0; round += 1) {
      for (const id of [...world.live.keys()]) {
        over.add(id)
        world.end(id)
      }
      await world.settle()
      checkLimits()
    }
    checkAllAccounted()
    expect(world.rows.size).toBe(0)
    for (const { executionId, code } of world.givenUp) {
      expect(code).toBe('RUN_005')
      expect(added.get(executionId)?.deadlineAtMs).not.toBeNull()
    }
  }

  return { step, drain }
}

describe('any course of events (scheduler S1, S3, S4, S5, S6, S7, S9)', () => {
  it('loses no run and starts none twice, keeps every limit and the order, and starts all in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ACTION, { minLength: 5, maxLength: 60 }), async (actions) => {
        const world = await play({})
        for (const action of actions) await world.step(action, true)
        await world.drain()
      }),
      { numRuns: 120 },
    )
  }, 60_000)

  it('never grants more than there is, and starts large runs in the end, where resources are short', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ACTION, { minLength: 5, maxLength: 60 }), async (actions) => {
        const world = await play({ memoryMb: 1_000 })
        for (const action of actions) await world.step(action, false)
        await world.drain()
      }),
      { numRuns: 120 },
    )
  }, 60_000)
})

describe('a large run among an endless supply of small ones (scheduler S6)', () => {
  it('starts as soon as those have ended that were under way when it had waited one interval', async () => {
    const world = createWorld({ memoryMb: 1_000, ageingIntervalMs: AGEING_MS, maxConcurrent: 100 })
    const ends = new Map<ExecutionId, number>()
    world.start()
    let next = 1
    const large = entryOf(9_999)
    for (let second = 0; second < 300; second += 1) {
      const nowMs = world.clock.nowMs()
      if (second === 5) {
        const limits = { ...large.limits, memoryMb: 900 }
        world.add({ ...large, queuedAtMs: nowMs, limits })
      }
      for (let each = 0; each < 3; each += 1) {
        world.add(entryOf(next, { queuedAtMs: nowMs }))
        next += 1
      }
      await world.settle()
      // Each small one takes four seconds, so that there is never room for the large one by chance.
      for (const id of world.live.keys()) if (!ends.has(id)) ends.set(id, second + 4)
      for (const [id, atSecond] of ends) if (atSecond === second && world.live.has(id)) world.end(id)
      await world.settle()
      if (world.live.has(runId(9_999))) {
        expect(second).toBeGreaterThanOrEqual(65)
        expect(second).toBeLessThanOrEqual(65 + 5)
        return
      }
      world.clock.advance(1_000)
    }
    expect.unreachable('the large run never started')
  }, 30_000)
})
