import { describe, expect, it } from 'vitest'
import { agentId, createWorld, entryOf, runId, withMemory } from './fixtures/world'

const preempted = (world: ReturnType<typeof createWorld>): string[] =>
  [...world.live.values()].filter((run) => run.isPreempted).map(({ entry }) => entry.executionId)

const asksForRoom = (world: ReturnType<typeof createWorld>): number =>
  world.asked.filter(({ action }) => action === 'run.preempt').length

describe('making room for an urgent run (scheduler S10)', () => {
  it('ends the youngest run of low priority where the policy allows it, and starts the urgent one in its place', async () => {
    const world = createWorld({ maxConcurrent: 3, mayPreempt: () => true })
    world.start()
    for (const number of [1, 2]) {
      world.add(entryOf(number, { priority: 'low', queuedAtMs: world.clock.nowMs() }))
      await world.settle()
      world.clock.advance(1_000)
    }
    world.add(entryOf(3, { priority: 'normal', queuedAtMs: world.clock.nowMs() }))
    await world.settle()
    world.add(entryOf(4, { priority: 'high', queuedAtMs: world.clock.nowMs() }))
    await world.settle()
    expect(preempted(world)).toEqual([runId(2)])
    expect(world.asked).toMatchObject([
      { action: 'run.preempt', caller: { kind: 'engine' }, resource: 'Agent 2', details: { forPriority: 'high' } },
    ])
    world.end(runId(2))
    await world.settle()
    expect(world.live.has(runId(4))).toBe(true)
    expect(world.scheduler().status().preempted).toBe(1)
    expect(asksForRoom(world)).toBe(1)
  })

  it('makes as much room as there are urgent runs', async () => {
    const world = createWorld({ maxConcurrent: 3, mayPreempt: () => true })
    world.start()
    for (const number of [1, 2, 3]) world.add(entryOf(number, { priority: 'low' }))
    await world.settle()
    for (const number of [4, 5]) world.add(entryOf(number, { priority: 'critical' }))
    await world.settle()
    expect(preempted(world)).toHaveLength(2)
  })

  it('does nothing without a rule, and does not ask again at once', async () => {
    let mayPreempt = false
    const world = createWorld({ maxConcurrent: 1, mayPreempt: () => mayPreempt })
    world.start()
    world.add(entryOf(1, { priority: 'low' }))
    await world.settle()
    for (const number of [2, 3, 4]) world.add(entryOf(number, { priority: 'critical' }))
    await world.settle()
    expect(preempted(world)).toEqual([])
    expect(asksForRoom(world)).toBe(1)
    world.clock.advance(9_999)
    await world.settle()
    expect(asksForRoom(world)).toBe(1)
    world.clock.advance(1)
    await world.settle()
    expect(asksForRoom(world)).toBe(2)
    world.clock.advance(19_999)
    await world.settle()
    expect(asksForRoom(world)).toBe(2)
    mayPreempt = true
    world.events.publish('policies.changed', {})
    await world.settle()
    expect(preempted(world)).toEqual([runId(1)])
  })

  it('is not asked for by runs that have merely waited, nor of runs that had waited', async () => {
    const world = createWorld({ maxConcurrent: 1, mayPreempt: () => true, ageingIntervalMs: 60_000 })
    world.start()
    world.add(entryOf(1, { priority: 'low', queuedAtMs: world.clock.nowMs() }))
    await world.settle()
    world.add(entryOf(2, { priority: 'normal', queuedAtMs: world.clock.nowMs() }))
    world.add(entryOf(3, { priority: 'low', queuedAtMs: world.clock.nowMs() }))
    world.clock.advance(300_000)
    await world.settle()
    expect(asksForRoom(world)).toBe(0)
    world.end(runId(1))
    await world.settle()
    world.end(runId(2))
    await world.settle()
    expect([...world.live.keys()]).toEqual([runId(3)])
    world.add(entryOf(4, { priority: 'critical', queuedAtMs: world.clock.nowMs() }))
    await world.settle()
    expect(asksForRoom(world)).toBe(0)
  })

  it('is not asked for where it would make none', async () => {
    const world = createWorld({
      mayPreempt: () => true,
      memoryMb: 1_000,
      places: [{ id: 'docker:local' }, { id: 'process:local', tier: 'tier0', maxConcurrent: 1, pool: 'other' }],
    })
    world.start()
    for (const number of [1, 2]) world.add(withMemory(number, 300, { priority: 'low' }))
    world.add(entryOf(3, { tier: 'tier0', priority: 'normal' }))
    await world.settle()
    expect(world.live.size).toBe(3)
    // Too large for what one of them leaves; its agent is held; its tier is full of others.
    world.add(withMemory(4, 800, { priority: 'critical' }))
    world.held.set(agentId(5), 'its agent is suspended')
    world.add(withMemory(5, 500, { priority: 'critical', agentId: agentId(5) }))
    world.add(entryOf(6, { tier: 'tier0', priority: 'critical' }))
    await world.settle()
    expect(asksForRoom(world)).toBe(0)
    world.add(withMemory(7, 600, { priority: 'critical' }))
    await world.settle()
    expect(preempted(world)).toHaveLength(1)
  })
})
