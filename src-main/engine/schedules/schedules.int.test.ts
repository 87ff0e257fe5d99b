import type { ScheduleId } from '@contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asking, testEngine } from '../testing/test-engine'
import { scheduleOf } from './fixtures/schedule-of'

let host: Awaited<ReturnType<typeof testEngine>>
beforeEach(async () => {
  host = await testEngine()
})
afterEach(() => host.close())

const EVERY_SECOND = { kind: 'cron', pattern: '* * * * * *', zone: 'Europe/Berlin' } as const
const soon = { timeout: 20_000, interval: 20 }

const schedules = () => host.engine().schedules
const history = (id: ScheduleId) => [...schedules().history({ id, limit: 500 })].reverse()

const agent = (body: string, change = {}) => host.engine().agents.create(asking(), host.definition(body, change))

describe('with a real engine and real processes', () => {
  it('a time succeeded when its agent did, with the input, the origin and one story in the audit trail', async () => {
    const { id: agentId } = await agent('return { got: input }')
    const { id } = await schedules().create(
      asking(),
      scheduleOf(agentId, { when: EVERY_SECOND, input: { n: 7 }, priority: 'high' }),
    )
    await expect.poll(() => schedules().get(id).runs.succeeded, soon).toBeGreaterThan(0)
    await schedules().pause(asking(), id, 'enough')
    const run = history(id).find(({ state }) => state === 'succeeded')
    const [attempt] = run?.attempts ?? []
    if (attempt === undefined) throw new Error('it has no attempt')
    const execution = host.engine().runs.get(attempt.executionId)
    expect(execution).toMatchObject({
      origin: 'schedule',
      scheduleId: id,
      attempt: 1,
      priority: 'high',
      state: 'succeeded',
      output: { got: { n: 7 } },
    })
    const { records } = host.engine().audit.list({ filter: { correlationId: execution.correlationId }, limit: 50 })
    expect(records.map(({ action }) => action)).toEqual(expect.arrayContaining(['agent.run', 'schedule.settle']))
    expect(records.find(({ action }) => action === 'agent.run')?.actor).toEqual({ kind: 'engine', id: 'schedules' })
  })

  it('a program that fails is tried again, then the time has failed, then the schedule is set aside', async () => {
    const { id: agentId } = await agent(`throw new Error('no')`)
    const { id } = await schedules().create(
      asking(),
      scheduleOf(agentId, { when: EVERY_SECOND, maxRetries: 1, retryDelayMs: 100, deadLetterAfter: 1 }),
    )
    await expect.poll(() => schedules().get(id).status, soon).toBe('dead-letter')
    const failed = history(id).filter(({ state }) => state === 'failed')
    expect(failed).toHaveLength(1)
    expect(failed[0]?.attempts.map(({ state }) => state)).toEqual(['failed', 'failed'])
    expect(schedules().get(id).statusReason).toMatch(/failed/)
    expect(schedules().health()).toMatchObject({ status: 'degraded' })
  })

  it('a run that is under way when the engine is closed has failed, and is tried again at the next start', async () => {
    const { id: agentId } = await agent('await new Promise((resolve) => setTimeout(resolve, input.ms)); return 1')
    const { id } = await schedules().create(
      asking(),
      scheduleOf(agentId, { input: { ms: 3000 }, maxRetries: 1, retryDelayMs: 100 }),
    )
    const { seq } = await schedules().trigger(asking(), id, 'to see')
    await expect.poll(() => history(id)[0]?.attempts[0]?.state, soon).toBe('running')
    await host.restart()
    await expect.poll(() => history(id).find((run) => run.seq === seq)?.state, soon).toBe('succeeded')
    expect(history(id)[0]?.attempts).toMatchObject([{ endCause: 'engine-stopped' }, { state: 'succeeded' }])
  })

  it('an agent that is stopped pauses its schedules', async () => {
    const { id: agentId } = await agent('return 1')
    const { id } = await schedules().create(asking(), scheduleOf(agentId))
    await host.engine().runs.stop(asking(), agentId, 'no longer needed')
    await expect.poll(() => schedules().get(id), soon).toMatchObject({ status: 'paused', nextAtMs: null })
    expect(schedules().get(id).statusReason).toMatch(/retired/)
  })
})
