import type { Priority } from '@contract'
import { PRIORITIES } from '@contract'
import { describe, expect, it } from 'vitest'
import { createEvents, createManualClock, silentLog } from '../core'
import type { Store } from '../store'
import { tempStore } from '../testing/temp-store'
import { agentId, correlationId, driverOf, entryOf, NO_AMOUNTS, runId } from './fixtures/world'
import { createQueueTable } from './queue-table'
import { createScheduler } from './scheduler'
import type { RunStarter, Scheduler } from './types'

const MAX_CONCURRENT = 5

const open = (store: Store, maxConcurrent = MAX_CONCURRENT): Scheduler =>
  createScheduler({
    table: createQueueTable(store),
    gate: { commit: (_request, change) => store.write(change), perform: async (_request, act) => act() },
    clock: createManualClock(),
    events: createEvents(() => undefined),
    log: silentLog,
    newId: <Id extends string>() => correlationId as string as Id,
    backends: {
      places: () => [
        {
          driver: driverOf('docker:local'),
          pool: 'machine',
          weight: 1,
          maxConcurrent: 1_000,
          isMissing: false,
          isUnknown: false,
        },
      ],
      list: () => [],
      onChange: () => () => undefined,
    },
    resources: {
      amountsOf: () => NO_AMOUNTS,
      possible: () => true,
      fits: () => true,
      free: () => NO_AMOUNTS,
      onRelease: () => () => undefined,
    },
    breakers: { restsUntil: () => null, list: () => [], onChange: () => () => undefined },
    limits: { maxConcurrent, ageingIntervalMs: 60_000, queueLimit: 100_000, strategy: 'ResourceBased' },
  })

/** Starts runs in the database as whoever runs agents does: out of the queue and into a list of its own, at once. */
const starterFor = (store: Store, scheduler: Scheduler) => {
  const started: string[] = []
  const ends: (() => void)[] = []
  const starter: RunStarter = {
    async begin(entry) {
      await store.write((tx) => {
        if (!scheduler.remove(tx, entry.executionId)) throw new Error('it is gone')
        tx.run('INSERT INTO meta (key, value) VALUES (:key, :value)', { key: entry.executionId, value: 'started' })
      })
      started.push(entry.executionId)
      return { done: new Promise((resolve) => ends.push(resolve)), preempt: () => undefined }
    },
    giveUp: async (entry) => {
      await store.write((tx) => scheduler.remove(tx, entry.executionId))
    },
    mayStart: () => null,
  }
  return {
    starter,
    started,
    endAll: () => {
      for (const end of ends.splice(0)) end()
    },
  }
}

const until = async (condition: () => boolean): Promise<void> => {
  const deadlineMs = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const queueOf = (scheduler: Scheduler): string[] =>
  scheduler.queue({ offset: 0, limit: 500 }).items.map(({ executionId }) => executionId)

describe('the queue in a real database', () => {
  it('takes nothing from a transaction that is rolled back (scheduler S2)', async () => {
    const store = tempStore()
    const scheduler = open(store)
    const { starter, started } = starterFor(store, scheduler)
    scheduler.start(starter)
    const failing = store.write((tx) => {
      scheduler.add(tx, entryOf(1))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow()
    await store.write((tx) => scheduler.add(tx, entryOf(2)))
    await until(() => started.length > 0)
    expect(started).toEqual([runId(2)])
    const kept = store.write((tx) => {
      scheduler.add(tx, entryOf(3, { agentId: agentId(2) }))
      return scheduler.remove(tx, runId(3))
    })
    expect(await kept).toBe(true)
    expect(await store.write((tx) => scheduler.remove(tx, runId(3)))).toBe(false)
    expect(scheduler.status()).toMatchObject({ queued: 0, running: 1 })
    scheduler.close()
  })

  it('goes on in the same order after a restart, and starts each run once (scheduler S1, S2)', async () => {
    const store = tempStore()
    const count = 500
    const before = open(store, 1)
    await store.write((tx) => {
      for (let number = 1; number <= count; number += 1) {
        const priority: Priority = PRIORITIES[(number * 7) % 4] ?? 'low'
        before.add(tx, entryOf(number, { priority, avoid: driverOf('docker:far').id, deadlineAtMs: null }))
      }
    })
    const first = starterFor(store, before)
    before.start(first.starter)
    await until(() => first.started.length === 1)
    await before.prioritise({ caller: { kind: 'engine', id: 'test' }, correlationId }, runId(4), 'critical')
    const order = queueOf(before)
    const [one] = before.queue({ offset: 0, limit: 1 }).items
    before.close()

    const after = open(store)
    const second = starterFor(store, after)
    after.start(second.starter)
    await until(() => second.started.length === MAX_CONCURRENT)
    expect(after.queue({ offset: 0, limit: 1 }).total).toBe(count - 1 - MAX_CONCURRENT)
    expect([...second.started, ...queueOf(after)]).toEqual(order)
    expect(one).toMatchObject({ executionId: order[0], priority: 'critical' })
    while (after.status().queued > 0) {
      const sofar = second.started.length
      second.endAll()
      await until(() => second.started.length > sofar)
    }
    const all = [...first.started, ...second.started]
    expect(new Set(all).size).toBe(count)
    expect(all).toHaveLength(count)
    expect(createQueueTable(store).totals().count).toBe(0)
    after.close()
  })

  it('counts what waits from the database, also before it is read (scheduler S2)', async () => {
    const store = tempStore()
    const before = open(store)
    await store.write((tx) => {
      for (let number = 1; number <= 3; number += 1) before.add(tx, entryOf(number))
    })
    before.close()
    expect(createQueueTable(store).totals()).toEqual({ count: 3, lastSeq: 3 })
    const page = createQueueTable(store).page(runId(1), 10)
    expect(page).toEqual([2, 3].map((number) => ({ ...entryOf(number), seq: number })))
  })
})
