import type { BackendId, CorrelationId } from '@contract'
import { describe, expect, it } from 'vitest'
import { failureOf, newExecutionId, openRecovery } from './fixtures'
import type { Failure } from './types'

const DOCKER = 'docker:local' as BackendId
const { agentId } = failureOf()

/** The run that a decision asked for: queued, and started when it is time. */
const goOn = async (open: ReturnType<typeof openRecovery>, delayMs: number) => {
  const executionId = newExecutionId()
  await open.store.write((tx) => open.recovery.restartQueued(tx, agentId, executionId))
  open.clock.advance(delayMs)
  await open.store.write((tx) => open.recovery.restartStarted(tx, agentId, executionId))
  return executionId
}

describe('the attempts of an agent', () => {
  it('are counted down, wait longer each time, and end with a person (V6, V8)', async () => {
    const open = openRecovery()
    let failure = failureOf()
    const delays: (number | null)[] = []
    for (let count = 0; count < 3; count += 1) {
      const decision = await open.decide(failure)
      expect(decision).toMatchObject({ type: 'program', step: 'restart', nextAttempt: count + 2 })
      delays.push(decision.delayMs)
      const executionId = await goOn(open, decision.delayMs ?? 0)
      failure = failureOf({ executionId, attempt: decision.nextAttempt ?? 0 })
    }
    expect(delays).toEqual([500, 1_000, 2_000])
    expect(open.recovery.restartState(agentId)).toEqual({ attempts: 3, max: 3, nextAtMs: null })
    expect(await open.decide(failure)).toMatchObject({
      step: 'none',
      reason: 'No attempt is left of 3.',
      delayMs: null,
    })
    expect(open.recovery.restarts(agentId, 10).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [3, 'given-up'],
      [3, 'failed'],
      [2, 'failed'],
      [1, 'failed'],
    ])
    expect(open.told).toEqual([
      { agentId, title: 'hello failed, and no attempt is left', text: 'The program ended with exit code 1.' },
    ])
    expect(open.records()[0]).toMatchObject({
      action: 'recovery.escalate',
      outcome: 'success',
      details: { why: 'given-up', code: 'RUN_001' },
    })
  })

  it('survive the end of the engine: a crash grants no new ones (V7)', async () => {
    const before = openRecovery()
    const first = await before.decide(failureOf())
    await goOn(before, first.delayMs ?? 0)
    await before.decide(failureOf({ attempt: 2 }))
    await before.store.close()

    const after = openRecovery({}, { dir: before.dir })
    expect(after.recovery.restartState(agentId)).toMatchObject({ attempts: 2, max: 3 })
    expect(after.recovery.restarts(agentId, 10)).toHaveLength(2)
    expect(after.recovery.events({ limit: 10 })).toHaveLength(2)
    expect(await after.decide(failureOf({ attempt: 3 }))).toMatchObject({ step: 'restart', nextAttempt: 4 })
    expect(await after.decide(failureOf({ attempt: 4 }))).toMatchObject({ step: 'none' })
  })

  it('are all there again after a run that was healthy for long enough, and not after a shorter one (V7)', async () => {
    const open = openRecovery()
    const first = await open.decide(failureOf())
    const second = await goOn(open, first.delayMs ?? 0)
    open.clock.advance(299_999)
    const short = await open.decide(failureOf({ executionId: second, attempt: 2 }))
    expect(short.nextAttempt).toBe(3)
    const third = await goOn(open, short.delayMs ?? 0)
    open.clock.advance(300_000)
    const long = await open.decide(failureOf({ executionId: third, attempt: 3 }))
    expect(long).toMatchObject({ step: 'restart', nextAttempt: 2 })
    expect(open.recovery.restarts(agentId, 10).map(({ outcome }) => outcome)).toEqual(['waiting', 'reset', 'failed'])
  })

  it('are all there again when a run went well, and when a person takes over (V7)', async () => {
    const open = openRecovery()
    const first = await open.decide(failureOf())
    await goOn(open, first.delayMs ?? 0)
    await open.store.write((tx) => open.recovery.healthy(tx, agentId))
    expect(open.recovery.restartState(agentId)).toBeNull()
    expect(open.recovery.restarts(agentId, 1)).toMatchObject([{ outcome: 'recovered' }])

    await open.decide(failureOf())
    await open.store.write((tx) => open.recovery.restartCalledOff(tx, agentId))
    expect(open.recovery.restartState(agentId)).toBeNull()
    expect(open.recovery.restarts(agentId, 1)).toMatchObject([{ outcome: 'called-off' }])
    expect(await open.decide(failureOf())).toMatchObject({ step: 'restart', nextAttempt: 2 })
  })

  it('of a run that never began are its own, in every mode (V2)', async () => {
    const open = openRecovery()
    const unstarted = (attempt: number): Failure =>
      failureOf({ mode: 'ephemeral', cause: 'sandbox-failed', code: 'RESOURCE_001', started: false, attempt })
    expect(await open.decide(unstarted(1))).toMatchObject({ step: 'retry', nextAttempt: 2 })
    expect(await open.decide(unstarted(2))).toMatchObject({ step: 'retry', nextAttempt: 3 })
    expect(await open.decide(unstarted(3))).toMatchObject({ step: 'none', reason: 'No attempt is left of 2.' })
    expect(await open.decide({ ...unstarted(1), started: true })).toMatchObject({ step: 'none' })
  })

  it('are not spent on a back-end that rests (V6)', async () => {
    const open = openRecovery()
    const resting = failureOf({
      cause: 'sandbox-failed',
      code: 'RECOVERY_001',
      started: false,
      attempt: 2,
      mode: 'ephemeral',
    })
    for (let count = 0; count < 5; count += 1)
      expect(await open.decide(resting)).toMatchObject({ step: 'retry', nextAttempt: 2 })
  })
})

describe('what is decided', () => {
  it('takes another back-end than the one that failed (V2)', async () => {
    const open = openRecovery()
    const failed = failureOf({ cause: 'sandbox-failed', code: 'SANDBOX_002', started: false, backend: DOCKER })
    expect(await open.decide(failed)).toMatchObject({ type: 'sandbox', step: 'failover', avoid: DOCKER })
    expect(await open.decide({ ...failed, backend: null })).toMatchObject({ step: 'retry', avoid: null })
    expect(await open.decide(failureOf())).toMatchObject({ step: 'restart', avoid: null })
  })

  it('suspends for a person what the policy refuses, and ends what violates security; both tell a person (V2, V8)', async () => {
    const open = openRecovery()
    expect(await open.decide(failureOf({ code: 'POLICY_001', message: 'No rule allows this.' }))).toMatchObject({
      type: 'policy',
      step: 'suspend',
    })
    expect(await open.decide(failureOf({ code: 'SCHEMA_001', message: 'It changed.' }))).toMatchObject({
      type: 'security',
      step: 'terminate',
    })
    expect(open.told.map(({ title }) => title)).toEqual([
      'hello was suspended until a person has looked at it',
      'hello was ended for a violation of security',
    ])
    expect(open.recovery.told(0)).toHaveLength(2)
    expect(open.recovery.told(0)).toContainEqual({
      agentId,
      atMs: open.clock.nowMs(),
      title: 'hello was ended for a violation of security',
      text: 'It changed.',
    })
    expect(open.recovery.told(open.clock.nowMs())).toEqual([])
  })

  it('leaves alone what somebody ended on purpose, and starts again what an engine that was killed left behind (V2)', async () => {
    const open = openRecovery()
    for (const cause of ['stopped-by-operator', 'cancelled', 'preempted', 'engine-stopped', 'deadline-passed'] as const)
      expect(await open.decide(failureOf({ cause, code: 'RUN_003' })), cause).toMatchObject({ step: 'none' })
    expect(open.recovery.events({ limit: 10 })).toEqual([])
    const killed = failureOf({ cause: 'engine-stopped', code: 'RUN_003', engineKilled: true, attempt: 2 })
    for (let count = 0; count < 9; count += 1)
      expect(await open.decide(killed)).toMatchObject({ step: 'restart', nextAttempt: 2 })
    expect(await open.decide({ ...killed, mode: 'ephemeral' })).toMatchObject({ step: 'none' })
  })

  it('obeys the switches of the configuration; containment has none (V2)', async () => {
    const noRestarts = openRecovery({ restartsAgents: false })
    expect(await noRestarts.decide(failureOf())).toMatchObject({
      step: 'none',
      reason: expect.stringContaining('lifecycle.enable_auto_recovery'),
    })
    const unstarted = failureOf({ cause: 'sandbox-failed', code: 'SANDBOX_002', started: false })
    expect(await noRestarts.decide(unstarted)).toMatchObject({ step: 'retry' })
    const nothing = openRecovery({ recovers: false })
    expect(await nothing.decide(unstarted)).toMatchObject({
      step: 'none',
      reason: expect.stringContaining('error_handler.enable_auto_recovery'),
    })
    expect(await nothing.decide(failureOf({ code: 'SEC_001' }))).toMatchObject({ step: 'terminate' })
    const never = openRecovery({ maxRestartAttempts: 0 })
    expect(await never.decide(failureOf())).toMatchObject({ step: 'none', reason: 'No attempt is left of 0.' })
  })

  it('is part of the transaction: nothing of it stays when that is rolled back (V7)', async () => {
    const open = openRecovery()
    const undone = open.store.write((tx) => {
      open.recovery.decide(tx, failureOf({ code: 'POLICY_001' }))
      throw new Error('no')
    })
    await expect(undone).rejects.toMatchObject({ code: 'INTERNAL_001' })
    expect(open.recovery.events({ limit: 10 })).toEqual([])
    expect(open.recovery.restartState(agentId)).toBeNull()
    expect(open.told).toEqual([])
  })
})

describe('the history', () => {
  const correlationId = '00000000-0000-7000-8000-0000000000cc' as CorrelationId
  const fault = (message: string) => ({
    correlationId,
    agentId: null,
    agentName: null,
    code: 'MCP_001' as const,
    message,
  })
  const written = async (open: ReturnType<typeof openRecovery>) => {
    for (let count = 0; count < 3; count += 1) await open.store.write(() => undefined)
  }

  it('counts equal failures together and tells a person once at the threshold (V8)', async () => {
    const open = openRecovery()
    for (let count = 1; count <= 4; count += 1) open.recovery.note(fault(`The server ended after ${count} ms.`))
    open.recovery.note(fault('Something else.'))
    await written(open)
    expect(open.told).toEqual([])
    expect(open.recovery.groups(60_000).map(({ count, escalated }) => [count, escalated])).toEqual([
      [1, false],
      [4, false],
    ])
    for (let count = 5; count <= 9; count += 1) open.recovery.note(fault(`The server ended after ${count} ms.`))
    await written(open)
    expect(open.told).toEqual([
      { agentId: null, title: 'The console fails again and again', text: 'The server ended after 5 ms.' },
    ])
    const group = open.recovery.groups(60_000).find(({ count }) => count === 9)
    expect(group).toMatchObject({
      type: 'network',
      code: 'MCP_001',
      message: 'The server ended after 9 ms.',
      escalated: true,
    })
    expect(open.records().filter(({ action }) => action === 'recovery.escalate')).toHaveLength(1)
  })

  it('forgets groups with the window, and tells a person again when it begins anew (V8)', async () => {
    const open = openRecovery({ escalationThreshold: 2 })
    const twice = async () => {
      open.recovery.note(fault('The server ended.'))
      open.recovery.note(fault('The server ended.'))
      await written(open)
    }
    await twice()
    await twice()
    expect(open.told).toHaveLength(1)
    open.clock.advance(300_001)
    expect(open.recovery.groups(300_000)).toEqual([])
    await twice()
    expect(open.told).toHaveLength(2)
  })

  it('keeps as many failures as the configuration says, the newest (V9)', async () => {
    const open = openRecovery({ historyLimit: 10, escalationThreshold: 1_000 })
    for (let count = 1; count <= 25; count += 1) open.recovery.note(fault(`failure ${count}`))
    await written(open)
    const kept = open.recovery.events({ limit: 500 })
    expect(kept.map(({ message }) => message)).toEqual(
      Array.from({ length: 10 }, (_, index) => `failure ${25 - index}`),
    )
    expect(open.recovery.events({ limit: 3, beforeSeq: kept[4]?.seq ?? 0 }).map(({ message }) => message)).toEqual([
      'failure 20',
      'failure 19',
      'failure 18',
    ])
    await open.decide(failureOf({ code: 'POLICY_001' }))
    expect(open.recovery.events({ limit: 10, types: ['policy'], agentId }).map(({ step }) => step)).toEqual([
      'escalate',
      'suspend',
    ])
  })

  it('holds no secret (V9)', async () => {
    const open = openRecovery()
    open.redactor.track('canary-value')
    open.recovery.note(fault('The server said canary-value.'))
    await open.decide(failureOf({ message: 'It printed canary-value.', code: 'POLICY_001' }))
    await written(open)
    const everything = JSON.stringify([
      open.recovery.events({ limit: 10 }),
      open.recovery.groups(60_000),
      open.recovery.restarts(agentId, 10),
      open.told,
      open.records(),
    ])
    expect(everything).toContain('[redacted]')
    expect(everything).not.toContain('canary-value')
  })
})
