import type { ExecutionId } from '@contract'
import { describe, expect, it } from 'vitest'
import { RuntimeError } from '../core'
import { setUpLifecycle } from './lifecycle-fixture'

const LONG_MS = 3_600_000

describe('a run', () => {
  it('L1: waits in the queue, is allocated as its agent, runs and gives everything back', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create()
    const asked = await lab.runs.start(lab.asking(), { id, input: { n: 1 } })
    expect(asked).toMatchObject({ state: 'queued', origin: 'operator', attempt: 1, backend: null, input: { n: 1 } })
    expect(lab.agents.summary(id)).toMatchObject({ state: 'Created', queuedRuns: 1, liveRuns: 0 })
    await lab.until(() => lab.runs.get(asked.id).state).toBe('running')
    expect(lab.agents.summary(id)).toMatchObject({ state: 'Running', queuedRuns: 0, liveRuns: 1 })
    lab.sandbox(asked.id).end()
    expect(await lab.runs.ended(asked.id)).toMatchObject({ state: 'succeeded', backend: 'fake:local' })
    expect(lab.steps(id)).toEqual(['Created', 'Initializing', 'Ready', 'Running', 'Completed'])
    expect(lab.releases).toEqual(lab.reserved)
    const { records } = lab.audit.list({ filter: { correlationId: asked.correlationId }, limit: 50 })
    expect(records.map(({ action, actor }) => [action, actor.kind]).reverse()).toEqual([
      ['agent.run', 'operator'],
      ['compute.allocate', 'agent'],
      ['agent.ready', 'engine'],
      ['agent.running', 'engine'],
      ['run.end', 'engine'],
    ])
  })

  it('waits its turn when its agent runs already, and runs beside it where the definition allows', async () => {
    const lab = setUpLifecycle()
    const one = await lab.create()
    const first = await lab.begin(one.id)
    const second = await lab.runs.start(lab.asking(), { id: one.id, input: null })
    expect(lab.agents.summary(one.id)).toMatchObject({ queuedRuns: 1, liveRuns: 1 })
    lab.sandbox(first.id).end()
    await lab.until(() => lab.runs.get(second.id).state).toBe('running')
    lab.sandbox(second.id).end({ exitCode: 1 })
    expect(await lab.runs.ended(second.id)).toMatchObject({ state: 'failed' })
    expect(lab.steps(one.id).slice(4)).toEqual(['Completed', 'Ready', 'Running', 'Failed'])

    const two = await lab.create({ concurrency: 2 })
    const runs = [await lab.begin(two.id), await lab.begin(two.id)]
    expect(lab.agents.summary(two.id)).toMatchObject({ state: 'Running', liveRuns: 2 })
    for (const [index, run] of runs.entries()) {
      lab.sandbox(run.id).end()
      await lab.runs.ended(run.id)
      expect(lab.agents.summary(two.id).state).toBe(index === 0 ? 'Running' : 'Completed')
    }
  })

  it('is refused with POLICY_001 when the rules deny its resources, and its agent is left as it was', async () => {
    const lab = setUpLifecycle({
      rules:
        'version: "1.0"\npolicies:\n  - id: "nothing for it"\n    effect: Deny\n    match: { resource_type: Compute, resources: ["fake:local/poor"] }\n',
    })
    const rich = await lab.create({ name: 'rich' })
    await lab.begin(rich.id)
    const poor = await lab.create({ name: 'poor' })
    const run = await lab.runs.start(lab.asking(), { id: poor.id, input: null })
    expect(await lab.runs.ended(run.id)).toMatchObject({
      state: 'failed',
      endCause: 'refused',
      errorCode: 'POLICY_001',
    })
    expect(lab.steps(poor.id)).toEqual(['Created'])
    expect(lab.queue.size).toBe(0)
    expect(lab.reserved.has(run.id)).toBe(false)
  })

  it('waits on when its resources are not free now, and ends when there will never be enough', async () => {
    const lab = setUpLifecycle()
    lab.scarce.refuse = new RuntimeError('RESOURCE_001', 'Not now.')
    const { id } = await lab.create()
    const run = await lab.runs.start(lab.asking(), { id, input: null })
    const failed = () => lab.audit.list({ filter: { action: 'compute.allocate' }, limit: 9 }).records.length
    await lab.until(failed).toBe(1)
    expect(lab.runs.get(run.id).state).toBe('queued')
    lab.scarce.refuse = new RuntimeError('RESOURCE_002', 'Never.')
    lab.hold(false)
    expect(await lab.runs.ended(run.id)).toMatchObject({ endCause: 'refused', errorCode: 'RESOURCE_002' })
    expect(lab.agents.summary(id)).toMatchObject({ state: 'Created', queuedRuns: 0 })
  })

  it('can be followed from the moment it waits, to its end or until it is called off', async () => {
    const lab = setUpLifecycle()
    lab.hold(true)
    const { id } = await lab.create()
    const follow = (run: ExecutionId) => {
      const seen: string[] = []
      lab.logs.tail(
        run,
        0,
      )({
        emit: (lines) => seen.push(...lines.map(({ text }) => text)),
        end: () => seen.push('the end'),
      })
      return seen
    }
    const called = await lab.runs.start(lab.asking(), { id, input: null })
    const nothing = follow(called.id)
    await lab.runs.cancel(lab.asking(), called.id, 'not now')
    await lab.until(() => nothing).toEqual(['the end'])
    const run = await lab.runs.start(lab.asking(), { id, input: null })
    const everything = follow(run.id)
    lab.hold(false)
    await lab.until(() => lab.runs.get(run.id).state).toBe('running')
    lab.sandbox(run.id).say('hello')
    lab.sandbox(run.id).end()
    await lab.until(() => everything.at(-1)).toBe('the end')
    expect(everything).toEqual(expect.arrayContaining(['hello', 'Ended: completed.']))
    const again = follow(run.id)
    await lab.until(() => again.at(-1)).toBe('the end')
    expect(again).toEqual(everything)
  })

  it('is given up by the scheduler: too late, or nowhere to go', async () => {
    const lab = setUpLifecycle()
    lab.hold(true)
    const { id } = await lab.create()
    const late = await lab.runs.start(lab.asking(), { id, input: null, startWithinMs: 5 })
    const entry = lab.queue.get(late.id)
    if (entry === undefined) throw new Error('it does not wait')
    expect(entry.deadlineAtMs).toBe(lab.clock.nowMs() + 5)
    await lab.runs.starter.giveUp(entry, new RuntimeError('RUN_005', 'Too late.'))
    expect(lab.runs.get(late.id)).toMatchObject({
      state: 'timed-out',
      endCause: 'deadline-passed',
      errorCode: 'RUN_005',
    })
    expect(lab.failures).toEqual([])
    const lost = await lab.runs.start(lab.asking(), { id, input: null })
    const other = lab.queue.get(lost.id)
    if (other === undefined) throw new Error('it does not wait')
    await lab.runs.starter.giveUp(other, new RuntimeError('SANDBOX_001', 'No such tier.'))
    expect(lab.runs.get(lost.id)).toMatchObject({ endCause: 'sandbox-failed', errorCode: 'SANDBOX_001' })
    expect(lab.failures).toMatchObject([{ cause: 'sandbox-failed', started: false }])
  })
})

describe('ends of a run from outside', () => {
  it.each([
    ['its execution time is over', 'execution-timeout', 'RUN_002', { executionTimeoutMs: 1_000 }],
    ['it did nothing for too long', 'idle-timeout', 'RUN_006', { idleTimeoutMs: 1_000 }],
  ])('%s', async (_what, endCause, errorCode, change) => {
    const lab = setUpLifecycle()
    const { id, definition } = await lab.create()
    await lab.agents.edit(lab.asking(), {
      id,
      baseVersion: 1,
      definition: { ...definition, limits: { ...definition.limits, ...change } },
      note: '',
    })
    const run = await lab.begin(id)
    lab.sandbox(run.id).use({ cpuPercent: 0 })
    lab.clock.advance(999)
    expect(lab.runs.get(run.id).state).toBe('running')
    lab.clock.advance(1)
    expect(await lab.runs.ended(run.id)).toMatchObject({ state: 'timed-out', endCause, errorCode })
    expect(lab.agents.summary(id).state).toBe('Failed')
  })

  it('is not idle while it speaks or computes, nor where nobody can tell', async () => {
    const lab = setUpLifecycle()
    const limits = { ...(await lab.create()).definition.limits, idleTimeoutMs: 1_000, executionTimeoutMs: LONG_MS }
    const { id } = await lab.create({ limits })
    const run = await lab.begin(id)
    // Nothing was measured yet.
    lab.clock.advance(2_500)
    for (let second = 0; second < 3; second += 1) {
      lab.sandbox(run.id).use({ cpuPercent: 40 })
      lab.clock.advance(900)
    }
    lab.sandbox(run.id).say('still here')
    await lab.until(() => lab.logs.page(run.id, undefined, 50).some(({ text }) => text === 'still here')).toBe(true)
    lab.clock.advance(900)
    expect(lab.runs.get(run.id).state).toBe('running')
    lab.clock.advance(1_000)
    expect(await lab.runs.ended(run.id)).toMatchObject({ endCause: 'idle-timeout' })
  })

  it('its sandbox is not ready in time', async () => {
    const lab = setUpLifecycle({ limits: { initializationTimeoutMs: 3_000 } })
    lab.faults.hangs = true
    const { id } = await lab.create()
    const run = await lab.runs.start(lab.asking(), { id, input: null })
    await lab.until(() => lab.agents.summary(id).state).toBe('Ready')
    lab.clock.advance(3_000)
    expect(await lab.runs.ended(run.id)).toMatchObject({ state: 'timed-out', endCause: 'initialization-timeout' })
    expect(lab.agents.summary(id).state).toBe('Failed')
    expect(lab.releases).toEqual(lab.reserved)
  })

  it('it used more than it was granted', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create()
    const run = await lab.begin(id)
    lab.watches.get(run.id)?.('memory')
    expect(await lab.runs.ended(run.id)).toMatchObject({
      state: 'failed',
      endCause: 'resource-violation',
      errorCode: 'RESOURCE_003',
    })
  })

  it('its sandbox vanished', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create()
    const run = await lab.begin(id)
    lab.clock.advance(5_000)
    await lab.until(() => lab.runs.get(run.id).state).toBe('running')
    lab.present.delete(run.id)
    for (let look = 0; look < 3; look += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      lab.clock.advance(5_000)
    }
    expect(await lab.runs.ended(run.id)).toMatchObject({ endCause: 'sandbox-failed', errorCode: 'SANDBOX_004' })
  })

  it('a person cancels it: the agent is Ready again, by way of Suspended', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create()
    const run = await lab.begin(id)
    expect(await lab.runs.cancel(lab.asking(), run.id, 'not now')).toMatchObject({
      state: 'stopped',
      endCause: 'cancelled',
      errorMessage: 'The run was cancelled: not now',
    })
    expect(lab.steps(id).slice(3)).toEqual(['Running', 'Suspended', 'Ready'])
    expect(lab.failures.filter(({ cause }) => cause !== 'cancelled')).toEqual([])
    await expect(lab.runs.cancel(lab.asking(), run.id, 'again')).rejects.toMatchObject({ code: 'RUN_004' })
    lab.hold(true)
    const waiting = await lab.runs.start(lab.asking(), { id, input: null })
    expect(await lab.runs.cancel(lab.asking(), waiting.id, 'not that either')).toMatchObject({ endCause: 'cancelled' })
    expect(lab.queue.size).toBe(0)
  })

  it('something more urgent takes its place: the same input waits again, with the time it has waited', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create()
    const run = await lab.begin(id)
    lab.hold(true)
    lab.started(run.id)?.preempt()
    expect(await lab.runs.ended(run.id)).toMatchObject({ state: 'stopped', endCause: 'preempted' })
    expect(lab.agents.summary(id)).toMatchObject({ state: 'Ready', queuedRuns: 1 })
    const [next] = lab.runs.list({ agentId: id, limit: 1 })
    expect(next).toMatchObject({
      state: 'queued',
      origin: 'preemption',
      attempt: 1,
      queuedAtMs: run.queuedAtMs,
      correlationId: run.correlationId,
    })
  })

  it('a graceful stop that is not heeded becomes a kill, and what waits is ended with it', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create()
    const run = await lab.begin(id)
    lab.sandbox(run.id).stubborn = true
    const waiting = await lab.runs.start(lab.asking(), { id, input: null })
    const stopped = lab.runs.stop(lab.asking(), id, 'enough')
    await lab.until(() => lab.runs.get(waiting.id).state).toBe('stopped')
    expect(lab.agents.summary(id).state).toBe('Terminating')
    lab.clock.advance(1_999)
    expect(lab.sandbox(run.id).isGone()).toBe(false)
    lab.clock.advance(1)
    expect((await stopped).state).toBe('Terminated')
    expect(lab.runs.get(run.id)).toMatchObject({ endCause: 'stopped-by-operator' })
    expect(lab.releases).toEqual(lab.reserved)
  })
})

describe('an agent that does not go on', () => {
  it('L5: suspended, freezes every sandbox of it and their clocks; resumed, thaws them', async () => {
    const lab = setUpLifecycle()
    const limits = { ...(await lab.create()).definition.limits, executionTimeoutMs: 1_000 }
    const { id } = await lab.create({ concurrency: 2, limits })
    const runs = [await lab.begin(id), await lab.begin(id)]
    const frozen = () => runs.map((run) => lab.sandbox(run.id).isPaused())
    await lab.runs.suspend(lab.asking(), id, 'look closer')
    expect(frozen()).toEqual([true, true])
    lab.clock.advance(LONG_MS)
    expect(lab.agents.summary(id).state).toBe('Suspended')
    expect((await lab.runs.resume(lab.asking(), id, 'go on')).state).toBe('Running')
    expect(frozen()).toEqual([false, false])
    lab.clock.advance(999)
    expect(runs.map((run) => lab.runs.get(run.id).state)).toEqual(['running', 'running'])
    lab.clock.advance(1)
    expect(await Promise.all(runs.map((run) => lab.runs.ended(run.id)))).toMatchObject([
      { endCause: 'execution-timeout' },
      { endCause: 'execution-timeout' },
    ])
  })

  it('waits for its back-end, does not use up its time, and goes on', async () => {
    const lab = setUpLifecycle()
    const limits = { ...(await lab.create()).definition.limits, executionTimeoutMs: 1_000 }
    const { id } = await lab.create({ limits })
    const run = await lab.begin(id)
    lab.sandbox(run.id).link('lost', 'Docker does not answer')
    await lab
      .until(() => lab.agents.summary(id))
      .toMatchObject({
        state: 'Waiting',
        stateReason: 'waits for the back-end: Docker does not answer',
      })
    expect(lab.agents.get(id).health).toMatchObject({ status: 'degraded' })
    lab.clock.advance(LONG_MS)
    lab.sandbox(run.id).link('back', '')
    await lab.until(() => lab.agents.summary(id).state).toBe('Running')
    expect(lab.runs.get(run.id).state).toBe('running')
    lab.sandbox(run.id).end()
    expect(await lab.runs.ended(run.id)).toMatchObject({ state: 'succeeded' })
  })

  it('starts nothing while it is suspended', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create()
    const run = await lab.begin(id)
    const next = await lab.runs.start(lab.asking(), { id, input: null })
    await lab.runs.suspend(lab.asking(), id, 'look closer')
    const entry = lab.queue.get(next.id)
    expect(entry === undefined ? 'gone' : lab.runs.starter.mayStart(entry)).toBe('its agent is suspended')
    await expect(lab.runs.start(lab.asking(), { id, input: null })).rejects.toMatchObject({ code: 'AGENT_002' })
    lab.sandbox(run.id).end()
    await lab.runs.ended(run.id)
    await lab.until(() => lab.runs.get(next.id).state).toBe('running')
  })
})

describe('recovery', () => {
  it('L4: queues the next attempt in the transaction that records the failure', async () => {
    const lab = setUpLifecycle({
      decide: ({ attempt }) =>
        attempt < 3 ? { step: 'restart', reason: 'Once more.', delayMs: 500, nextAttempt: attempt + 1 } : {},
    })
    const { id } = await lab.create({ executionMode: 'persistent' })
    let run = await lab.begin(id)
    for (const attempt of [2, 3]) {
      lab.sandbox(run.id).end({ exitCode: 1 })
      await lab.runs.ended(run.id)
      const [next] = lab.runs.list({ agentId: id, limit: 1 })
      if (next === undefined) throw new Error('nothing follows')
      expect(next).toMatchObject({ state: 'queued', origin: 'recovery', attempt })
      expect(lab.agents.summary(id)).toMatchObject({ state: 'Failed', queuedRuns: 1 })
      lab.clock.advance(500)
      await lab.until(() => lab.runs.get(next.id).state).toBe('running')
      run = next
    }
    lab.sandbox(run.id).end()
    await lab.runs.ended(run.id)
    expect(lab.agents.summary(id)).toMatchObject({ state: 'Completed', queuedRuns: 0 })
    expect(lab.told).toEqual(['queued', 'started', 'queued', 'started', 'healthy'])
    expect(lab.releases).toEqual(lab.reserved)
  })

  it('is told when a run it started stays well', async () => {
    const lab = setUpLifecycle({
      decide: ({ attempt }) => (attempt === 1 ? { step: 'restart', delayMs: 0, nextAttempt: 2 } : {}),
    })
    const { id } = await lab.create({ executionMode: 'persistent' })
    const first = await lab.begin(id)
    lab.sandbox(first.id).end({ exitCode: 1 })
    await lab.runs.ended(first.id)
    await lab.until(() => lab.agents.summary(id).state).toBe('Running')
    lab.clock.advance(300_000)
    await lab.until(() => lab.told).toEqual(['queued', 'started', 'healthy'])
  })

  it.each(['run', 'stop', 'cancel'] as const)('is called off when a person does: %s', async (what) => {
    const lab = setUpLifecycle({ decide: () => ({ step: 'restart', delayMs: 60_000, nextAttempt: 2 }) })
    const { id } = await lab.create({ executionMode: 'persistent' })
    const first = await lab.begin(id)
    lab.sandbox(first.id).end({ exitCode: 1 })
    await lab.runs.ended(first.id)
    const [next] = lab.runs.list({ agentId: id, limit: 1 })
    if (next === undefined) throw new Error('nothing follows')
    if (what === 'run') await lab.runs.start(lab.asking(), { id, input: null })
    if (what === 'stop') await lab.runs.stop(lab.asking(), id, 'enough')
    if (what === 'cancel') await lab.runs.cancel(lab.asking(), next.id, 'leave it')
    expect(lab.runs.get(next.id).state).toBe('stopped')
    expect(lab.told).toContain('called-off')
  })

  it.each([
    ['suspend', 'Suspended'],
    ['terminate', 'Terminated'],
    ['none', 'Failed'],
    ['escalate', 'Failed'],
  ] as const)('can %s', async (step, state) => {
    const lab = setUpLifecycle({ decide: () => ({ step, reason: 'So it was decided.' }) })
    const { id } = await lab.create()
    const run = await lab.begin(id)
    lab.sandbox(run.id).end({ exitCode: 1 })
    await lab.runs.ended(run.id)
    expect(lab.agents.summary(id).state).toBe(state)
  })
})

describe('external agents', () => {
  const external = { executionMode: 'external', heartbeatIntervalMs: 1_000 } as const

  it('report, fall silent, and report again; they are never started here', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create(external)
    await expect(lab.runs.start(lab.asking(), { id, input: null })).rejects.toMatchObject({ code: 'AGENT_008' })
    lab.clock.advance(LONG_MS)
    expect(lab.agents.summary(id)).toMatchObject({ state: 'Created', actions: ['stop', 'edit'] })
    await lab.heartbeats.report(lab.asking(), id, undefined)
    expect(lab.steps(id)).toEqual(['Created', 'Initializing', 'Ready'])
    lab.clock.advance(2_999)
    await lab.heartbeats.report(lab.asking(), id, undefined)
    lab.clock.advance(2_999)
    expect(lab.agents.summary(id).state).toBe('Ready')
    lab.clock.advance(1)
    await lab.until(() => lab.agents.summary(id).state).toBe('Unreachable')
    expect(lab.agents.get(id).health.status).toBe('unhealthy')
    await lab.heartbeats.report(lab.asking(), id, 'back again')
    expect(lab.agents.summary(id)).toMatchObject({ state: 'Ready', stateReason: 'back again' })
    const { id: other } = await lab.create()
    await expect(lab.heartbeats.report(lab.asking(), other, undefined)).rejects.toMatchObject({ code: 'AGENT_008' })
    await lab.runs.stop(lab.asking(), id, 'enough')
    await expect(lab.heartbeats.report(lab.asking(), id, undefined)).rejects.toMatchObject({ code: 'AGENT_002' })
  })

  it('are watched on after a restart', async () => {
    const before = setUpLifecycle()
    const { id } = await before.create(external)
    await before.heartbeats.report(before.asking(), id, undefined)
    await before.close()
    const after = setUpLifecycle({ dir: before.dir })
    expect(after.agents.summary(id)).toMatchObject({ state: 'Ready', mode: 'external' })
    after.heartbeats.start()
    after.clock.advance(2_999)
    expect(after.agents.summary(id).state).toBe('Ready')
    after.clock.advance(1)
    await after.until(() => after.agents.summary(id).state).toBe('Unreachable')
  })
})

describe('a restart of the engine', () => {
  it('L3: leaves what waits in its place, and no run open that was under way', async () => {
    const before = setUpLifecycle()
    const { id } = await before.create()
    const run = await before.begin(id)
    const waiting = await before.runs.start(before.asking(), { id, input: null })
    // As if it were killed: nothing more is written.
    await before.store.close()
    const after = setUpLifecycle({ dir: before.dir })
    await after.runs.reconcile()
    expect(after.runs.get(run.id)).toMatchObject({ state: 'failed', endCause: 'engine-stopped' })
    expect(after.failures).toMatchObject([{ cause: 'engine-stopped', engineKilled: true, started: true }])
    expect(after.runs.get(waiting.id).state).toBe('queued')
    expect(after.agents.summary(id)).toMatchObject({ state: 'Failed', queuedRuns: 1 })
  })
})

describe('bulk', () => {
  it('does each by itself, tells what failed, and is a task that can be watched', async () => {
    const lab = setUpLifecycle()
    const made = await Promise.all(Array.from({ length: 40 }, (_, n) => lab.create({ name: `agent ${n}` })))
    const ids = made.map(({ id }) => id)
    const [first] = ids
    if (first === undefined) throw new Error('none was made')
    await lab.runs.stop(lab.asking(), first, 'gone before')
    const answer = await lab.bulk(lab.asking(), { ids: [...ids, first], act: 'stop', reason: 'all of them' })
    expect(answer).toMatchObject({ done: 39, failed: [{ id: first, name: 'agent 0', error: { code: 'AGENT_002' } }] })
    expect(lab.agents.countByState()).toEqual({ Terminated: 40 })
    expect(lab.tasks.list()).toMatchObject([{ title: 'Stop 40 agents', state: 'succeeded', progress: 1 }])
    expect(lab.audit.list({ filter: { action: 'agent.stop', outcome: 'success' }, limit: 100 }).records).toHaveLength(
      40,
    )
  })
})
