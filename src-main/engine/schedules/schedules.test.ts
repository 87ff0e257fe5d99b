import type { ScheduleRun } from '@contract'
import { describe, expect, it } from 'vitest'
import { RuntimeError } from '../core'
import { scheduleOf } from './fixtures/schedule-of'
import { AGENT, setUp } from './fixtures/set-up'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const HOURLY = { kind: 'cron', pattern: '0 * * * *', zone: 'UTC' } as const
const states = (runs: readonly ScheduleRun[]): string[] => runs.map((run) => run.state)

describe('a time that has come', () => {
  it('is recorded, asked for once, and succeeded only when the run did (schedules C3, C5)', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, input: { a: 1 }, priority: 'high' })
    await t.pass(HOUR_MS, MINUTE_MS)
    expect(t.orders).toMatchObject([
      { id: AGENT, input: { a: 1 }, priority: 'high', origin: 'schedule', scheduleId: id, attempt: 1 },
    ])
    expect(t.history(id)).toMatchObject([{ state: 'running', trigger: 'calendar', attempts: [{ endedAtMs: null }] }])
    expect(t.schedules().get(id)).toMatchObject({ running: 1, runs: { succeeded: 0 } })

    await t.endLast()
    expect(t.history(id)).toMatchObject([
      { state: 'succeeded', dueAtMs: Date.parse('2026-11-20T11:00:00Z'), attempts: [{ state: 'succeeded' }] },
    ])
    expect(t.schedules().get(id)).toMatchObject({
      running: 0,
      runs: { succeeded: 1, failed: 0, skipped: 0 },
      nextAtMs: Date.parse('2026-11-20T12:00:00Z'),
    })
    const acts = t.records().map(({ action, outcome, actor }) => ({ action, outcome, actor: actor.kind }))
    expect(acts).toContainEqual({ action: 'schedule.fire', outcome: 'success', actor: 'engine' })
    expect(acts).toContainEqual({ action: 'schedule.settle', outcome: 'success', actor: 'engine' })
  })

  it('starts up to its jitter later, by chance', async () => {
    const t = setUp({ random: () => 0.5 })
    await t.begin()
    await t.create({ when: HOURLY, jitterMs: 9 * MINUTE_MS })
    await t.pass(HOUR_MS + 4 * MINUTE_MS, MINUTE_MS)
    expect(t.orders).toHaveLength(0)
    await t.pass(MINUTE_MS)
    expect(t.orders).toHaveLength(1)
  })

  it('is skipped, and that is recorded, while as many runs are under way as may be (schedules C6)', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, maxConcurrent: 2 })
    await t.pass(3 * HOUR_MS, HOUR_MS / 2)
    expect(states(t.history(id))).toEqual(['running', 'running', 'skipped'])
    expect(t.history(id)[2]?.reason).toMatch(/2 runs were under way/)
    expect(t.orders).toHaveLength(2)
    await t.endLast()
    await t.pass(HOUR_MS, MINUTE_MS)
    expect(states(t.history(id))).toEqual(['running', 'succeeded', 'skipped', 'running'])
    expect(t.schedules().get(id).runs).toEqual({ succeeded: 1, failed: 0, skipped: 1 })
  })

  it('that a rule denies is skipped with the rule and is not tried again at once', async () => {
    const t = setUp({
      rules: `version: "1.0"
policies:
  - { id: "not at night", effect: Deny, match: { principals: [engine], resource_type: Schedule, operations: [Execute] } }
`,
    })
    await t.begin()
    const id = await t.create({ when: HOURLY })
    await t.pass(HOUR_MS, MINUTE_MS)
    expect(t.history(id)).toMatchObject([{ state: 'skipped', code: 'POLICY_001', attempts: [] }])
    expect(t.orders).toHaveLength(0)
    expect(t.schedules().get(id).nextAtMs).toBe(Date.parse('2026-11-20T12:00:00Z'))
  })

  it('once: is done after its one time', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: { kind: 'once', atMs: t.clock.nowMs() + MINUTE_MS, zone: 'Europe/Berlin' } })
    expect(t.schedules().get(id)).toMatchObject({ status: 'active' })
    await t.pass(MINUTE_MS)
    expect(t.schedules().get(id)).toMatchObject({ status: 'active', nextAtMs: null, running: 1 })
    await t.endLast()
    expect(t.schedules().get(id)).toMatchObject({ status: 'completed', running: 0, runs: { succeeded: 1 } })
  })

  it('far away: one timer waits in pieces that a timer can hold', async () => {
    const t = setUp()
    await t.begin()
    await t.create({ when: { kind: 'once', atMs: t.clock.nowMs() + 26 * DAY_MS, zone: 'UTC' } })
    await t.pass(26 * DAY_MS - 1000, DAY_MS)
    expect(t.orders).toHaveLength(0)
    await t.pass(1000)
    expect(t.orders).toHaveLength(1)
  })

  it('of 120 schedules at once: each is run once, not all in one breath (schedules C9)', async () => {
    const t = setUp()
    await t.begin()
    const definition = scheduleOf(AGENT, { when: HOURLY })
    await Promise.all(Array.from({ length: 120 }, () => t.schedules().create(t.asking(), definition)))
    t.clock.advance(HOUR_MS)
    await expect.poll(() => t.orders.length, { timeout: 20_000, interval: 1 }).toBe(120)
    await t.pass(10, 1)
    expect(t.orders).toHaveLength(120)
    expect(new Set(t.orders.map((order) => order.scheduleId)).size).toBe(120)
  }, 30_000)
})

describe('a run that fails', () => {
  it('is tried again, waiting twice as long each time, half of it by chance (schedules C7)', async () => {
    const t = setUp({ random: () => 0.999_999 })
    await t.begin()
    const id = await t.create({ when: HOURLY, maxRetries: 2, retryDelayMs: 1000 })
    await t.pass(HOUR_MS, MINUTE_MS)
    await t.endLast({ state: 'failed' })
    expect(t.history(id)).toMatchObject([{ state: 'waiting', code: 'RUN_001', attempts: [{ state: 'failed' }] }])
    await t.pass(999)
    expect(t.orders).toHaveLength(1)
    await t.pass(1)
    expect(t.orders).toHaveLength(2)
    await t.endLast({ state: 'failed' })
    await t.pass(1999)
    expect(t.orders).toHaveLength(2)
    await t.pass(1)
    expect(t.orders.map((order) => order.attempt)).toEqual([1, 2, 3])
    await t.endLast()
    expect(t.history(id)).toMatchObject([{ state: 'succeeded', reason: null, code: null }])
    expect(t.history(id)[0]?.attempts.map((attempt) => attempt.state)).toEqual(['failed', 'failed', 'succeeded'])
    expect(t.schedules().get(id)).toMatchObject({ failuresInARow: 0, runs: { succeeded: 1, failed: 0 } })
  })

  it('has failed when no attempt is left', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, maxRetries: 1, retryDelayMs: 1000 })
    await t.pass(HOUR_MS, MINUTE_MS)
    await t.endLast({ state: 'failed' })
    await t.pass(1000)
    await t.endLast({ state: 'failed' })
    expect(t.history(id)).toMatchObject([{ state: 'failed', reason: 'It went wrong.', code: 'RUN_001' }])
    expect(t.schedules().get(id)).toMatchObject({ failuresInARow: 1, runs: { failed: 1 } })
  })

  it('is not tried again when a person ended it', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, maxRetries: 5 })
    await t.pass(HOUR_MS, MINUTE_MS)
    await t.endLast({ state: 'stopped', cause: 'cancelled' })
    expect(states(t.history(id))).toEqual(['failed'])
  })

  it('could not even be started: a full queue is tried again, a refusal is not', async () => {
    const t = setUp()
    await t.begin()
    const full = await t.create({ name: 'full', when: HOURLY, maxRetries: 1, retryDelayMs: 1000 })
    t.refuse(new RuntimeError('SCHED_001', 'The queue is full.'))
    await t.pass(HOUR_MS, MINUTE_MS)
    expect(t.history(full)).toMatchObject([{ state: 'waiting', code: 'SCHED_001', attempts: [] }])
    t.refuse(new RuntimeError('POLICY_001', 'Not this one.'))
    await t.pass(1000)
    expect(t.history(full)).toMatchObject([{ state: 'failed', code: 'POLICY_001', reason: 'Not this one.' }])
  })

  it('too often in a row sets the schedule aside; success starts the count anew (schedules C8)', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, deadLetterAfter: 2 })
    for (const state of ['failed', 'succeeded', 'failed', 'failed'] as const) {
      expect(t.schedules().get(id).status).toBe('active')
      await t.pass(HOUR_MS, MINUTE_MS)
      await t.endLast({ state })
    }
    expect(t.schedules().get(id)).toMatchObject({
      status: 'dead-letter',
      nextAtMs: null,
      failuresInARow: 2,
      statusReason: expect.stringMatching(/2 times in a row failed.*It went wrong/),
    })
    expect(t.schedules().health()).toMatchObject({ status: 'degraded', causes: [{ code: 'dead-letter' }] })
    await t.pass(3 * HOUR_MS, HOUR_MS)
    expect(t.orders).toHaveLength(4)

    await t.schedules().resume(t.asking(), id, 'repaired')
    expect(t.schedules().get(id)).toMatchObject({ status: 'active', failuresInARow: 0 })
    expect(t.schedules().health()).toEqual({ status: 'healthy', causes: [] })
    await t.pass(HOUR_MS, MINUTE_MS)
    expect(t.orders).toHaveLength(5)
  })

  it('was preempted and put back: its successor is followed, and what comes of that counts', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY })
    await t.pass(HOUR_MS, MINUTE_MS)
    const [order] = t.orders
    if (order === undefined) throw new Error('nothing was ordered')
    const successor = { ...order, executionId: 'ffffffff-0000-7000-8000-00000000cccc' as typeof order.executionId }
    await t.insertExecution(successor)
    await t.endExecution(order.executionId, { state: 'stopped', cause: 'preempted' })
    expect(states(t.history(id))).toEqual(['running'])
    await t.endExecution(successor.executionId)
    expect(t.history(id)).toMatchObject([
      { state: 'succeeded', attempts: [{ endCause: 'preempted' }, { endCause: 'completed' }] },
    ])
    expect(t.orders).toHaveLength(1)
  })
})

describe('what a person does', () => {
  it('pauses: nothing new starts, what waits is called off, what runs goes on', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY, maxConcurrent: 3, maxRetries: 1, retryDelayMs: 600_000 })
    await t.pass(HOUR_MS, MINUTE_MS)
    await t.endLast({ state: 'failed' })
    await t.pass(HOUR_MS - MINUTE_MS, MINUTE_MS)
    await t.pass(MINUTE_MS)
    await t.schedules().pause(t.asking(), id, 'for the night')
    expect(t.schedules().get(id)).toMatchObject({ status: 'paused', statusReason: 'for the night', nextAtMs: null })
    await t.pass(5 * HOUR_MS, HOUR_MS)
    const before = t.orders.length
    await t.endLast()
    await t.pass(5 * HOUR_MS, HOUR_MS)
    expect(t.orders).toHaveLength(before)

    await t.schedules().resume(t.asking(), id, 'in the morning')
    expect(t.schedules().get(id)).toMatchObject({ status: 'active', nextAtMs: Date.parse('2026-11-20T23:00:00Z') })
  })

  it('runs it now, also while it is paused; a second one has to wait for its place', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create()
    await t.schedules().pause(t.asking(), id, 'first a try')
    expect(await t.schedules().trigger(t.asking(), id, 'a try')).toMatchObject({
      trigger: 'person',
      dueAtMs: t.clock.nowMs(),
    })
    await t.quiet()
    expect(await t.schedules().trigger(t.asking(), id, 'another')).toMatchObject({ state: 'skipped' })
    await t.endLast()
    expect(t.schedules().get(id)).toMatchObject({ status: 'paused', runs: { succeeded: 1, skipped: 1 } })
  })

  it('edits on the newest version only, and new times hold at once', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY })
    const definition = scheduleOf(AGENT, { when: { ...HOURLY, pattern: '30 * * * *' } })
    await t.schedules().edit(t.asking(), { id, baseVersion: 1, definition })
    expect(t.schedules().get(id)).toMatchObject({ version: 2, nextAtMs: Date.parse('2026-11-20T10:30:00Z') })
    await expect(t.schedules().edit(t.asking(), { id, baseVersion: 1, definition })).rejects.toMatchObject({
      code: 'SCHED_006',
    })
  })

  it('removes it with its history; what runs goes on and is nobody’s business then', async () => {
    const t = setUp()
    await t.begin()
    const id = await t.create({ when: HOURLY })
    await t.pass(HOUR_MS, MINUTE_MS)
    await t.schedules().remove(t.asking(), id, 'no longer needed')
    expect(() => t.schedules().get(id)).toThrow(expect.objectContaining({ code: 'SCHED_002' }))
    await t.endLast()
    await t.pass(3 * HOUR_MS, HOUR_MS)
    expect(t.orders).toHaveLength(1)
  })

  it.each([
    ['a pattern without a coming time', { when: { ...HOURLY, pattern: '0 0 30 2 *' } }, 'SCHED_003'],
    ['a wrong pattern', { when: { ...HOURLY, pattern: 'x * * * *' } }, 'SCHED_003'],
    ['a wrong zone', { when: { ...HOURLY, zone: 'Mars/Phobos' } }, 'SCHED_003'],
    ['a time that has passed', { when: { kind: 'once', atMs: 1000, zone: 'UTC' } }, 'SCHED_003'],
  ] as const)('cannot create one with %s', async (_, change, code) => {
    const t = setUp()
    await t.begin()
    await expect(t.create(change)).rejects.toMatchObject({ code })
    expect(t.schedules().list({})).toEqual([])
  })

  it('cannot schedule an external or a retired agent', async () => {
    const t = setUp()
    await t.begin()
    t.agent.mode = 'external'
    await expect(t.create()).rejects.toMatchObject({ code: 'AGENT_008' })
    Object.assign(t.agent, { mode: 'scheduled', state: 'Terminated' })
    await expect(t.create()).rejects.toMatchObject({ code: 'AGENT_002' })
  })
})

it('an agent that is retired pauses its schedules with the reason', async () => {
  const t = setUp()
  await t.begin()
  const id = await t.create({ when: HOURLY })
  t.agent.state = 'Terminated'
  t.events.publish('agents.changed', { id: AGENT })
  await t.quiet()
  expect(t.schedules().get(id)).toMatchObject({ status: 'paused', statusReason: 'The agent "hello" is retired.' })
  await expect(t.schedules().resume(t.asking(), id, 'again')).rejects.toMatchObject({ code: 'AGENT_002' })
})

it('the history keeps as many ended runs as it should, the newest, and pages backwards (schedules C10)', async () => {
  const t = setUp()
  await t.begin()
  const id = await t.create({ when: HOURLY, keepRuns: 3 })
  for (let n = 0; n < 6; n += 1) {
    await t.pass(HOUR_MS, 30 * MINUTE_MS)
    await t.endLast({ state: n % 2 === 0 ? 'succeeded' : 'failed' })
  }
  const kept = t.history(id)
  expect(states(kept)).toEqual(['failed', 'succeeded', 'failed'])
  expect(t.schedules().get(id).runs).toEqual({ succeeded: 3, failed: 3, skipped: 0 })
  const [oldest] = kept
  expect(t.schedules().history({ id, beforeSeq: (oldest?.seq ?? 0) + 1, limit: 10 })).toEqual([oldest])
  expect(states(t.schedules().history({ id, states: ['succeeded'], limit: 10 }))).toEqual(['succeeded'])
})
