import { BackendId } from '@contract'
import { describe, expect, it } from 'vitest'
import { agentId, correlationId, createWorld, entryOf, person, runId, withMemory } from './fixtures/world'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const numbersOf = (ids: readonly string[]): number[] => ids.map((id) => Number.parseInt(id.slice(-12), 16))

describe('the order in which runs start', () => {
  it('is by priority, then first in, first out (scheduler S5)', async () => {
    const world = createWorld({ maxConcurrent: 1 })
    world.add(entryOf(1, { priority: 'low' }))
    world.add(entryOf(2))
    world.add(entryOf(3, { priority: 'critical' }))
    world.add(entryOf(4))
    world.add(entryOf(5, { priority: 'high' }))
    world.start()
    await world.settle()
    while (world.live.size > 0) {
      for (const id of world.live.keys()) world.end(id)
      await world.settle()
    }
    expect(numbersOf(world.started)).toEqual([3, 5, 2, 4, 1])
  })

  it('counts a run as one level more urgent for each interval waited (scheduler S5)', async () => {
    const world = createWorld({ maxConcurrent: 1, ageingIntervalMs: MINUTE })
    const atMs = world.clock.nowMs()
    world.start()
    world.add(entryOf(9, { priority: 'critical' }))
    await world.settle()
    world.add(entryOf(1, { priority: 'low', queuedAtMs: atMs }))
    world.clock.advance(2 * MINUTE)
    world.add(entryOf(2, { priority: 'normal', queuedAtMs: world.clock.nowMs() }))
    world.add(entryOf(3, { priority: 'critical', queuedAtMs: world.clock.nowMs() }))
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items).toMatchObject([
      { executionId: runId(3), effectivePriority: 'critical' },
      { executionId: runId(1), priority: 'low', effectivePriority: 'high' },
      { executionId: runId(2), effectivePriority: 'normal' },
    ])
    world.clock.advance(MINUTE)
    world.end(runId(9))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([9, 1])
  })

  it('follows a priority that a person changed, through the gate (scheduler S11)', async () => {
    const world = createWorld({ maxConcurrent: 1 })
    world.start()
    for (const number of [1, 2, 3]) world.add(entryOf(number))
    await world.settle()
    const changed = await world.scheduler().prioritise({ caller: person, correlationId }, runId(3), 'high')
    expect(changed).toMatchObject({ executionId: runId(3), priority: 'high', waitsFor: 'The only place is taken.' })
    expect(world.rows.get(runId(3))).toMatchObject({ priority: 'high' })
    expect(world.asked).toMatchObject([{ action: 'run.prioritise', resource: 'Agent 3' }])
    world.end(runId(1))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 3])
    await expect(
      world.scheduler().prioritise({ caller: person, correlationId }, runId(3), 'low'),
    ).rejects.toMatchObject({ code: 'SCHED_004' })
  })
})

describe('what a run waits for', () => {
  it('is its agent, while so many of its runs are under way, and nobody else waits for it (scheduler S4)', async () => {
    const world = createWorld()
    world.start()
    for (const number of [1, 2, 3]) world.add(entryOf(number, { agentId: agentId(7), concurrency: 2 }))
    world.add(entryOf(4))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 2, 4])
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items[0]?.waitsFor).toBe(
      '2 runs of the agent are under way, which is the most it may have.',
    )
    world.end(runId(1))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 2, 4, 3])
  })

  it('is the state of its agent, until it changes', async () => {
    const world = createWorld()
    world.held.set(agentId(1), 'its agent is suspended')
    world.start()
    world.add(entryOf(1))
    world.add(entryOf(2))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([2])
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items[0]?.waitsFor).toBe('Its agent is suspended.')
    world.held.clear()
    await world.settle()
    expect(numbersOf(world.started)).toEqual([2])
    world.scheduler().poke(agentId(1))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([2, 1])
  })

  it('is its time, by one timer and no tick (scheduler S8)', async () => {
    const world = createWorld()
    world.start()
    world.add(entryOf(1, { notBeforeMs: world.clock.nowMs() + 5 * SECOND }))
    await world.settle()
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items[0]?.waitsFor).toBe('Its time has not come.')
    world.clock.advance(5 * SECOND - 1)
    await world.settle()
    expect(world.started).toEqual([])
    world.clock.advance(1)
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1])
  })

  it('is a back-end that rests, and the time of its next probe wakes the queue (scheduler S7)', async () => {
    const world = createWorld()
    world.rest('docker:local', 10 * SECOND)
    world.start()
    world.add(entryOf(1))
    await world.settle()
    expect(world.started).toEqual([])
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items[0]?.waitsFor).toMatch(/^docker:local rests/)
    world.clock.advance(10 * SECOND)
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1])
  })

  it('is the one run that tries out a back-end that has rested (scheduler S7)', async () => {
    const world = createWorld()
    world.rest('docker:local', 10 * SECOND)
    world.start()
    for (const number of [1, 2, 3]) world.add(entryOf(number))
    await world.settle()
    world.clock.advance(10 * SECOND)
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1])
    world.rest('docker:local', 0)
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 2, 3])
  })

  it('is a place on the back-ends of its tier; another tier is never taken for it (scheduler S9)', async () => {
    const world = createWorld({
      places: [
        { id: 'docker:local', maxConcurrent: 1 },
        { id: 'process:local', tier: 'tier0' },
      ],
    })
    world.start()
    for (const number of [1, 2]) world.add(entryOf(number))
    world.add(entryOf(3, { tier: 'tier0' }))
    await world.settle()
    expect([...world.live.values()].map(({ backend }) => backend)).toEqual(['docker:local', 'process:local'])
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items[0]?.waitsFor).toBe(
      'All places are taken on docker:local.',
    )
    expect(world.scheduler().runningOn(BackendId.parse('docker:local'))).toBe(1)
  })

  it('is another host that has not told what it has, where this machine has too little (scheduler S6)', async () => {
    const world = createWorld({ memoryMb: 1_000, places: [{ id: 'docker:far', pool: 'far', isUnknown: true }] })
    world.start()
    world.add(withMemory(1, 500))
    await world.settle()
    expect(world.givenUp).toEqual([])
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items[0]?.waitsFor).toMatch(/has not told yet/)
    world.setPlaces([{ id: 'docker:far', pool: 'far' }])
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1])
  })
})

describe('a run that is never started', () => {
  it('is given up when its deadline has passed (scheduler S6)', async () => {
    const world = createWorld({ maxConcurrent: 1 })
    world.start()
    world.add(entryOf(1))
    world.add(entryOf(2, { deadlineAtMs: world.clock.nowMs() + 5 * SECOND }))
    await world.settle()
    world.clock.advance(5 * SECOND - 1)
    await world.settle()
    expect(world.givenUp).toEqual([])
    world.clock.advance(1)
    await world.settle()
    expect(world.givenUp).toEqual([{ executionId: runId(2), code: 'RUN_005' }])
    expect(world.rows.size).toBe(0)
  })

  it('is given up when it asks for more than there is, or for walls that are not there (scheduler S6)', async () => {
    const world = createWorld({ memoryMb: 1_000 })
    world.start()
    world.add(withMemory(1, 1_001))
    world.add(withMemory(2, 1_000))
    world.add(entryOf(3, { tier: 'tier3' }))
    await world.settle()
    expect(world.givenUp).toEqual([
      { executionId: runId(1), code: 'RESOURCE_002' },
      { executionId: runId(3), code: 'SANDBOX_001' },
    ])
    expect(numbersOf(world.started)).toEqual([2])
  })

  it('is refused at once when the queue is full (scheduler S2)', async () => {
    const world = createWorld({ queueLimit: 2 })
    world.add(entryOf(1))
    world.add(entryOf(2))
    expect(() => world.add(entryOf(3))).toThrow(expect.objectContaining({ code: 'SCHED_001' }))
    world.cancel(runId(1))
    await world.settle()
    expect(() => world.add(entryOf(3))).not.toThrow()
  })
})

describe('a start that fails', () => {
  it('gives the place back, and waits a while where the run still waits (scheduler S3)', async () => {
    const world = createWorld({ maxConcurrent: 1 })
    let tries = 0
    world.onBegin((entry) => {
      if (entry.executionId !== runId(1)) return 'start'
      tries += 1
      return tries < 3 ? 'keep' : 'start'
    })
    world.start()
    world.add(entryOf(1))
    world.add(entryOf(2))
    await world.settle()
    expect(tries).toBe(1)
    expect(numbersOf(world.started)).toEqual([2])
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items[0]?.waitsFor).toBe('The last try failed: Not now.')
    world.end(runId(2))
    world.clock.advance(250)
    await world.settle()
    expect(tries).toBe(2)
    world.clock.advance(499)
    await world.settle()
    expect(tries).toBe(2)
    world.clock.advance(1)
    await world.settle()
    expect(numbersOf(world.started)).toEqual([2, 1])
    expect(world.scheduler().status().running).toBe(1)
  })

  it('gives the place back where the run has ended by it (scheduler S3)', async () => {
    const world = createWorld({ maxConcurrent: 1 })
    world.onBegin((entry) => (entry.executionId === runId(1) ? 'end' : 'start'))
    world.start()
    world.add(entryOf(1))
    world.add(entryOf(2))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([2])
    expect(world.scheduler().status()).toMatchObject({ running: 1, queued: 0 })
  })
})

describe('a run that does not fit yet', () => {
  it('is passed by smaller ones at first, and then has room kept for it (scheduler S6)', async () => {
    const world = createWorld({ memoryMb: 1_000, ageingIntervalMs: MINUTE })
    world.start()
    const atMs = world.clock.nowMs()
    for (const number of [1, 2]) world.add(withMemory(number, 400, { queuedAtMs: atMs }))
    await world.settle()
    world.add(withMemory(3, 800, { queuedAtMs: atMs }))
    world.add(withMemory(4, 100, { queuedAtMs: atMs }))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 2, 4])
    world.clock.advance(MINUTE)
    world.end(runId(4))
    world.end(runId(1))
    await world.settle()
    // 600 MB are free and 800 are wanted: what would still leave room for them in the end may pass, and no more.
    world.add(withMemory(5, 200, { queuedAtMs: world.clock.nowMs() }))
    world.add(withMemory(6, 100, { queuedAtMs: world.clock.nowMs() }))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 2, 4, 5])
    expect(world.scheduler().queue({ offset: 0, limit: 9 }).items).toMatchObject([
      { executionId: runId(3), waitsFor: 'There is not enough memory free on docker:local.' },
      { executionId: runId(6), waitsFor: 'Room is kept for a run of Agent 3 that has waited longer.' },
    ])
    world.end(runId(2))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 2, 4, 5, 3])
    world.end(runId(5))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 2, 4, 5, 3, 6])
  })

  it('holds up nobody while its agent keeps it from starting, nor on other hosts (scheduler S6)', async () => {
    const world = createWorld({ memoryMb: 1_000, ageingIntervalMs: MINUTE })
    world.start()
    world.add(withMemory(1, 400, { agentId: agentId(1) }))
    await world.settle()
    world.add(withMemory(2, 800, { agentId: agentId(2), queuedAtMs: world.clock.nowMs() }))
    world.clock.advance(MINUTE)
    world.add(withMemory(3, 600, { queuedAtMs: world.clock.nowMs() }))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1])
    world.held.set(agentId(2), 'its agent is suspended')
    world.scheduler().poke(agentId(2))
    await world.settle()
    expect(numbersOf(world.started)).toEqual([1, 3])
  })
})

describe('a run that failed on a back-end', () => {
  it('is put on another one while there is one', async () => {
    const places = [{ id: 'docker:local' }, { id: 'docker:far', pool: 'far' }]
    const world = createWorld({ places, strategy: 'ResourceBased' })
    world.start()
    world.add(entryOf(1, { avoid: BackendId.parse('docker:local') }))
    await world.settle()
    expect(world.live.get(runId(1))?.backend).toBe('docker:far')
    world.rest('docker:far', MINUTE)
    world.add(entryOf(2, { avoid: BackendId.parse('docker:local') }))
    await world.settle()
    expect(world.live.get(runId(2))?.backend).toBe('docker:local')
  })

  it('is put on one that does not answer only where there is no other', async () => {
    const places = [
      { id: 'docker:local', isMissing: true },
      { id: 'docker:far', pool: 'far' },
    ]
    const world = createWorld({ places })
    world.start()
    for (const number of [1, 2]) world.add(entryOf(number))
    await world.settle()
    expect([...world.live.values()].map(({ backend }) => backend)).toEqual(['docker:far', 'docker:far'])
    world.setPlaces([{ id: 'docker:local', isMissing: true }])
    world.add(entryOf(3))
    await world.settle()
    expect(world.live.get(runId(3))?.backend).toBe('docker:local')
  })
})

describe('what is told of the queue', () => {
  it('has its figures', async () => {
    const world = createWorld({ maxConcurrent: 1 })
    world.start()
    const atMs = world.clock.nowMs()
    world.add(entryOf(1, { queuedAtMs: atMs }))
    await world.settle()
    world.add(entryOf(2, { priority: 'low', queuedAtMs: atMs }))
    world.add(entryOf(3, { priority: 'high', queuedAtMs: atMs + 1, notBeforeMs: atMs + MINUTE }))
    world.clock.advance(3 * SECOND)
    world.end(runId(1))
    await world.settle()
    expect(world.scheduler().status()).toMatchObject({
      strategy: 'RoundRobin',
      running: 1,
      maxConcurrent: 1,
      queued: 1,
      queuedByPriority: { low: 0, normal: 0, high: 1, critical: 0 },
      oldestQueuedAtMs: atMs + 1,
      waitMs: { p50: 0, p99: 3_000 },
      startedLastMinute: 2,
      preempted: 0,
    })
    world.clock.advance(MINUTE)
    expect(world.scheduler().status().startedLastMinute).toBe(0)
  })

  it('comes in pages, in one order', async () => {
    const world = createWorld({ maxConcurrent: 1 })
    world.start()
    world.add(entryOf(1))
    await world.settle()
    for (let number = 2; number < 102; number += 1)
      world.add(entryOf(number, { priority: number % 2 === 0 ? 'low' : 'high' }))
    const all = world.scheduler().queue({ offset: 0, limit: 500 })
    expect(all.total).toBe(100)
    const pages = [0, 30, 60, 90].flatMap((offset) => world.scheduler().queue({ offset, limit: 30 }).items)
    expect(pages).toEqual(all.items)
    expect(all.items.map(({ priority }) => priority)).toEqual([
      ...Array<string>(50).fill('high'),
      ...Array<string>(50).fill('low'),
    ])
  })

  it('is announced at most ten times a second', async () => {
    const world = createWorld()
    let told = 0
    world.events.subscribe(({ topic }) => {
      if (topic === 'scheduler.changed') told += 1
    })
    world.start()
    for (let number = 1; number < 50; number += 1) world.add(entryOf(number))
    await world.settle()
    world.clock.advance(100)
    expect(told).toBe(1)
  })
})
