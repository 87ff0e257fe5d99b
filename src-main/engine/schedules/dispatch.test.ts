import type { ScheduleRun } from '@contract'
import { describe, expect, it } from 'vitest'
import { setUp } from './fixtures/set-up'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const SECONDLY = { kind: 'cron', pattern: '* * * * * *', zone: 'UTC' } as const
const HOURLY = { kind: 'cron', pattern: '0 * * * *', zone: 'UTC' } as const
const states = (runs: readonly ScheduleRun[]): string[] => runs.map((run) => run.state)

describe('times that passed while the console was closed (schedules C4)', () => {
  it('none: nothing is run, one record tells how many', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, catchUp: 'none' })
    await t.restart(5.5 * HOUR_MS)
    expect(t.history(id)).toMatchObject([
      { state: 'skipped', trigger: 'catch-up', reason: expect.stringMatching(/^5 times passed/) },
    ])
    expect(t.schedules().get(id).nextAtMs).toBe(Date.parse('2026-11-20T16:00:00Z'))
  })
  it('one: a single run stands for all of them', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, catchUp: 'one' })
    await t.restart(5.5 * HOUR_MS)
    expect(t.history(id)).toMatchObject([{ state: 'running', dueAtMs: Date.parse('2026-11-20T15:00:00Z') }])
    await t.endLast()
    expect(states(t.history(id))).toEqual(['succeeded'])
  })
  it('all: each is run, one after the other as the schedule allows', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, catchUp: 'all' })
    await t.restart(3.5 * HOUR_MS)
    expect(states(t.history(id))).toEqual(['running', 'waiting', 'waiting'])
    for (const count of [1, 2, 3]) {
      expect(t.orders).toHaveLength(count)
      await t.endLast()
    }
    expect(states(t.history(id))).toEqual(['succeeded', 'succeeded', 'succeeded'])
    const ids = t.history(id).map((run) => run.dueAtMs)
    expect(ids).toEqual(['11', '12', '13'].map((hour) => Date.parse(`2026-11-20T${hour}:00:00Z`)))
  })
  it('all: never more than the last hundred, also of a year of seconds', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: SECONDLY, catchUp: 'all', maxConcurrent: 32 })
    await t.restart(365 * DAY_MS)
    const history = t.history(id)
    expect(history.filter((run) => run.state === 'skipped')).toMatchObject([
      { reason: expect.stringMatching(/last 100/) },
    ])
    const runs = history.filter((run) => run.trigger === 'catch-up' && run.state !== 'skipped')
    expect(runs).toHaveLength(100)
    expect(runs.at(-1)?.dueAtMs).toBe(t.clock.nowMs())
  })
  it('a time of the once kind is run late, or left out', async () => {
    const t = setUp()
    await t.begin()
    const when = { kind: 'once', atMs: t.clock.nowMs() + HOUR_MS, zone: 'UTC' } as const
    const late = await t.create({ when, catchUp: 'one' })
    const left = await t.create({ when, catchUp: 'none' })
    await t.restart(DAY_MS)
    expect(states(t.history(late))).toEqual(['running'])
    expect(t.schedules().get(left)).toMatchObject({ status: 'completed', runs: { skipped: 1 } })
  })
})

describe('the clock is set (schedules C3)', () => {
  it('a day forward: what was passed over is caught up by the rule, and nothing is run twice', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, catchUp: 'one', maxConcurrent: 9 })
    await t.setClock(DAY_MS + HOUR_MS / 2)
    await t.pass(HOUR_MS, MINUTE_MS)
    const due = t.history(id).map((run) => run.dueAtMs)
    expect(due).toEqual(['2026-11-21T10:00:00Z', '2026-11-21T11:00:00Z'].map((text) => Date.parse(text)))
    await t.setClock(-DAY_MS)
    await t.pass(3 * HOUR_MS, MINUTE_MS * 10)
    expect(t.history(id)).toHaveLength(2)
  })
  it('a day back: nothing is due until the clock is there again, also after an edit and a pause', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, maxConcurrent: 9 })
    await t.pass(2 * HOUR_MS, 10 * MINUTE_MS)
    expect(t.history(id)).toHaveLength(2)
    await t.setClock(-DAY_MS)
    await t.schedules().pause(t.asking(), id, 'a while')
    await t.schedules().resume(t.asking(), id, 'again')
    const { version, definition } = t.schedules().get(id)
    await t.schedules().edit(t.asking(), {
      id,
      baseVersion: version,
      definition: { ...definition, when: { ...HOURLY, pattern: '0 */1 * * *' } },
    })
    await t.pass(DAY_MS, 30 * MINUTE_MS)
    expect(t.history(id)).toHaveLength(2)
    await t.pass(2 * HOUR_MS, 10 * MINUTE_MS)
    const due = t.history(id).map((run) => run.dueAtMs)
    expect(new Set(due).size).toBe(due.length)
    expect(due).toHaveLength(4)
  })
  it('a little forward: late is still on time, and each second is accounted for', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: SECONDLY, maxConcurrent: 1 })
    await t.setClock(5000)
    await t.quiet()
    expect(t.history(id)).toHaveLength(5)
    expect(states(t.history(id))).toEqual(['running', 'skipped', 'skipped', 'skipped', 'skipped'])
  })
})

describe('around summer time (schedules C2)', () => {
  it.each([
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '30 2 * * *', ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z']],
    ['Europe/Berlin', '2026-10-24T12:00:00Z', '30 2 * * *', ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']],
    ['America/New_York', '2026-03-07T12:00:00Z', '30 2 * * *', ['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z']],
    ['America/New_York', '2026-10-31T12:00:00Z', '30 1 * * *', ['2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z']],
    ['Australia/Lord_Howe', '2026-10-03T00:00:00Z', '15 2 * * *', ['2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z']],
    ['Australia/Lord_Howe', '2026-04-04T00:00:00Z', '45 1 * * *', ['2026-04-04T14:45:00Z', '2026-04-05T15:15:00Z']],
  ])('%s from %s: each day is run once', async (zone, from, pattern, expected) => {
    const t = setUp({ startMs: Date.parse(from) })
    await t.begin()
    const id = await t.create({ when: { kind: 'cron', pattern, zone }, maxConcurrent: 9 })
    await t.pass(45 * HOUR_MS, 15 * MINUTE_MS)
    expect(t.history(id).map((run) => new Date(run.dueAtMs).toISOString())).toEqual(
      expected.map((text) => new Date(text).toISOString()),
    )
    expect(t.orders.map((order) => order.atMs)).toEqual(expected.map((text) => Date.parse(text)))
  })
})

describe('the engine was killed (schedules C4)', () => {
  it('after the time was recorded and before the run was asked for: it is asked for then', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, jitterMs: 0, catchUp: 'none' })
    t.loseOrders(true)
    await t.pass(HOUR_MS, MINUTE_MS)
    expect(states(t.history(id))).toEqual(['waiting'])
    t.loseOrders(false)
    await t.restart(1000)
    expect(t.orders).toHaveLength(1)
    expect(states(t.history(id))).toEqual(['running'])
  })
  it('after the run was asked for: it is found by its correlation and not asked for again', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY })
    await t.pass(HOUR_MS, MINUTE_MS)
    await t.restart(1000)
    expect(t.orders).toHaveLength(1)
    expect(states(t.history(id))).toEqual(['running'])
    await t.endLast()
    expect(states(t.history(id))).toEqual(['succeeded'])
  })
  it('while it ran: the attempt failed, and the rule for retries applies', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, maxRetries: 1, retryDelayMs: 1000 })
    await t.pass(HOUR_MS, MINUTE_MS)
    t.schedules().close()
    await t.endLast({ state: 'failed', cause: 'engine-stopped', code: 'RUN_003' })
    await t.restart(1000)
    expect(t.history(id)).toMatchObject([{ state: 'waiting', code: 'RUN_003' }])
    await t.pass(1000)
    expect(t.orders.map((order) => order.attempt)).toEqual([1, 2])
    await t.endLast()
    expect(states(t.history(id))).toEqual(['succeeded'])
  })
})
