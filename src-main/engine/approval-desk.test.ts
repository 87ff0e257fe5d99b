import {
  type ApprovalDecision,
  ApprovalDetail,
  ApprovalGrant,
  type ApprovalId,
  ApprovalSummary,
  type ExecutionId,
} from '@contract'
import { describe, expect, it } from 'vitest'
import { createApprovalDesk } from './approval-desk'
import { engineCaller } from './core'
import { agent, cli, correlationId, held, type Plain, RULES_THAT_ASK, request, setUp } from './gate/fixtures/set-up'
import { findHiddenCharacters } from './tools'

const asking = { caller: cli, correlationId }

const open = () => {
  const parts = setUp(undefined, RULES_THAT_ASK)
  const { gate, approvals } = parts
  const desk = createApprovalDesk({ ...parts, queue: approvals, hiddenCharacters: findHiddenCharacters })
  const call = (facts: Partial<Plain> = {}) =>
    gate.perform(
      request({ action: 'tool.call', resource: 'files.read', arguments: { path: '/a' }, ...facts }),
      async () => 'done',
    )
  const decide = (id: ApprovalId, facts: Partial<ApprovalDecision> = {}) =>
    desk.decide(asking, {
      decision: 'approve',
      scope: 'once',
      id,
      digest: desk.get(id).digest,
      ...facts,
    } as ApprovalDecision)
  /** Ask and answer at once. */
  const answered = async (facts: Partial<Plain>, decision: Partial<ApprovalDecision> = {}) => {
    const result = call(facts).catch((error: unknown) => error)
    const { id } = await held(approvals)
    await decide(id, decision)
    return { id, result: await result }
  }
  return { ...parts, desk, call, decide, answered }
}

/** A run that is under way, for grants that live as long as it. */
const openRun = (store: ReturnType<typeof open>['store'], id: ExecutionId = agent.executionId) =>
  store.write((tx) => {
    tx.run(
      `INSERT OR IGNORE INTO agents (id, state, state_changed_at, version, created_at) VALUES (:id, 'Running', 0, 1, 0)`,
      { id: agent.id },
    )
    tx.run(
      `INSERT INTO executions (id, agent_id, agent_version, correlation_id, state, tier, input, output, started_at)
       VALUES (:id, :agent, 1, '', 'running', 'tier1', 'null', 'null', 0)`,
      { id, agent: agent.id },
    )
  })

describe('what waits', () => {
  it('is shown as the contract says, with hidden characters and the acts before it', async () => {
    const { desk, gate, call, approvals, clock } = open()
    await gate.perform(request({ action: 'memory.get', resource: 'self/k', arguments: { key: 'k' } }), async () => 1)
    const result = call({ arguments: { path: '/a\u202e' } })
    const { id } = await held(approvals)
    const detail = ApprovalDetail.parse(desk.get(id))
    expect(detail).toMatchObject({
      who: { kind: 'agent', name: 'hello', tier: 'tier1', executionId: agent.executionId },
      scopes: ['once', 'run', 'arguments', 'minutes'],
      hiddenCharacters: [{ pointer: '/arguments/path', codePoint: 'U+202E' }],
      recent: [{ action: 'memory.get', outcome: 'success' }],
      decision: null,
    })
    const list = desk.list({ status: 'pending', limit: 10 })
    expect(list).toMatchObject({ total: 1, nowMs: clock.nowMs() })
    expect(list.approvals.map((item) => ApprovalSummary.parse(item).id)).toEqual([id])
    clock.advance(300_000)
    await expect(result).rejects.toMatchObject({ code: 'APPROVAL_002' })
    expect(desk.list({ status: 'pending', limit: 10 }).approvals).toEqual([])
    expect(desk.list({ status: 'history', limit: 10 }).approvals).toMatchObject([
      { id, status: 'timeout', decision: { by: { kind: 'engine' } }, result: null },
    ])
  })

  it('is decided by people alone: an agent cannot, not even about another, and neither can the engine', async () => {
    const { desk, call, approvals, decide } = open()
    const result = call()
    const { id } = await held(approvals)
    const decision = { decision: 'approve', scope: 'once', id, digest: desk.get(id).digest } as const
    for (const caller of [agent, { ...agent, name: 'another' }, engineCaller('approvals')]) {
      await expect(desk.decide({ caller, correlationId }, decision)).rejects.toMatchObject({ code: 'SEC_001' })
      const many = { ids: [id], digest: decision.digest, decision: 'approve' as const }
      await expect(desk.decideMany({ caller, correlationId }, many)).rejects.toMatchObject({ code: 'SEC_001' })
    }
    expect(desk.get(id).status).toBe('pending')
    await decide(id)
    expect(await result).toBe('done')
  })

  it('keeps who decided what, and leaves it in the audit trail with the digest', async () => {
    const { desk, answered, records } = open()
    const { id } = await answered({}, { reason: 'looks right' })
    const { digest, decision, result } = desk.get(id)
    expect(decision).toMatchObject({
      by: { kind: 'cli', id: 'ada' },
      scope: 'once',
      reason: 'looks right',
      grantId: null,
    })
    expect(result).toMatchObject({ outcome: 'success', code: null })
    const record = records().find(({ action }) => action === 'approval.decide')
    expect(record).toMatchObject({
      outcome: 'success',
      details: { approval: id, digest, decision: 'approve', scope: 'once' },
    })
  })
})

describe('many at once', () => {
  const look = (gate: ReturnType<typeof open>['gate'], facts: Partial<Plain> = {}) =>
    gate.perform(
      request({ action: 'memory.get', resource: 'self/look/x', arguments: { key: 'look/x' }, ...facts }),
      async () => 'seen',
    )

  it('are decided together when they are equal and only look', async () => {
    const { desk, gate, approvals } = open()
    const results = [look(gate), look(gate), look(gate)]
    const { digest } = await held(approvals, 3)
    const ids = desk.list({ status: 'pending', limit: 10 }).approvals.map((item) => item.id)
    expect((await desk.decideMany(asking, { ids, digest, decision: 'approve' })).map((item) => item.status)).toEqual(
      ids.map(() => 'approved'),
    )
    expect(await Promise.all(results)).toEqual(['seen', 'seen', 'seen'])
  })

  it('are not decided at all when one of them differs, is gone, or does more than look', async () => {
    const { desk, gate, call, approvals, clock } = open()
    const results = [look(gate), look(gate), look(gate, { resource: 'self/look/y' }), call()]
    await held(approvals, 4)
    const waiting = desk.list({ status: 'pending', limit: 10 }).approvals
    const [a, b, other, change] = waiting
    if (a === undefined || b === undefined || other === undefined || change === undefined)
      throw new Error('too few wait')
    const together = (ids: ApprovalId[], digest: string) =>
      desk.decideMany(asking, { ids, digest, decision: 'approve' })
    await expect(together([a.id, other.id], a.digest)).rejects.toMatchObject({ code: 'APPROVAL_004' })
    await expect(together([change.id], change.digest)).rejects.toMatchObject({ code: 'APPROVAL_006' })
    const unknown = '00000000-0000-7000-8000-00000000ffff' as ApprovalId
    await expect(together([a.id, b.id, unknown], a.digest)).rejects.toMatchObject({ code: 'APPROVAL_003' })
    expect(approvals.pendingCount()).toBe(4)
    clock.advance(300_000)
    await Promise.allSettled(results)
  })
})

describe('a standing grant', () => {
  it('for a run answers for the same action and resource until the run ends', async () => {
    const { desk, call, answered, store, records, approvals, decide } = open()
    await openRun(store)
    await answered({}, { scope: 'run' })
    expect(await call({ arguments: { path: '/b' } })).toBe('done')
    const [grant] = desk.grants({ includeEnded: false })
    expect(ApprovalGrant.parse(grant)).toMatchObject({ scope: 'run', uses: 1, active: true, digest: null })
    expect(records()[0]?.details).toMatchObject({ grant: grant?.id })

    const otherRun = { ...agent, executionId: '00000000-0000-7000-8000-0000000000cc' as ExecutionId }
    const elsewhere = [call({ resource: 'files.write' }), call({ caller: otherRun }), call({ tier: 'tier0' })]
    await held(approvals, 3)
    for (const { id } of desk.list({ status: 'pending', limit: 10 }).approvals) await decide(id)
    await Promise.all(elsewhere)

    await store.write((tx) => tx.run('UPDATE executions SET ended_at = 1'))
    expect(desk.grants({ includeEnded: false })).toEqual([])
    expect(desk.grants({ includeEnded: true })).toMatchObject([{ active: false }])
    await answered({ arguments: { path: '/c' } })
  })

  it('for exact arguments answers for nothing but them, in later runs too, for a day unless told', async () => {
    const { call, answered, clock, desk } = open()
    await answered({}, { scope: 'arguments' })
    const nextRun = { ...agent, executionId: '00000000-0000-7000-8000-0000000000cc' as ExecutionId }
    expect(await call({ caller: nextRun })).toBe('done')
    await answered({ arguments: { path: '/b' } })
    expect(desk.grants({ includeEnded: false })).toMatchObject([{ expiresAtMs: clock.nowMs() + 86_400_000, uses: 1 }])
    clock.advance(86_400_000)
    await answered({})
  })

  it('for minutes answers whatever the arguments until they are over', async () => {
    const { call, answered, clock } = open()
    await answered({}, { scope: 'minutes', minutes: 10 })
    expect(await call({ arguments: { path: '/b' } })).toBe('done')
    clock.advance(599_999)
    expect(await call({ arguments: { path: '/c' } })).toBe('done')
    clock.advance(1)
    await answered({ arguments: { path: '/d' } })
  })

  it('never covers more than the exact act where something is destroyed', async () => {
    const { desk, call, approvals, decide, answered } = open()
    const destroying = { consequence: 'destroy' } as const
    const result = call(destroying)
    const { id } = await held(approvals)
    expect(desk.get(id)).toMatchObject({ consequence: 'destroy', scopes: ['once', 'arguments'] })
    for (const scope of ['run', 'minutes'] as const)
      await expect(decide(id, { scope, minutes: 5 })).rejects.toMatchObject({ code: 'APPROVAL_006' })
    await decide(id, { scope: 'arguments' })
    expect(await result).toBe('done')
    expect(await call(destroying)).toBe('done')
    await answered({ ...destroying, arguments: { path: '/b' } })
  })

  it('for minutes of a milder act does not cover the same act where it destroys', async () => {
    const { answered } = open()
    await answered({}, { scope: 'minutes', minutes: 10 })
    await answered({ consequence: 'destroy' })
  })

  it('is nothing against a Deny, and nothing once it is revoked', async () => {
    const { desk, call, answered, policy, records } = open()
    await answered({}, { scope: 'minutes', minutes: 10 })
    const { textHash, text } = policy.view()
    policy.save(
      textHash,
      `${text}  - { id: "stop", effect: Deny, match: { resource_type: Tool, resources: ["files.*"] } }\n`,
    )
    await expect(call()).rejects.toMatchObject({ code: 'POLICY_001' })
    policy.save(policy.view().textHash, text)
    expect(await call()).toBe('done')
    const [grant] = desk.grants({ includeEnded: false })
    if (grant === undefined) throw new Error('no grant')
    await expect(desk.revoke({ caller: agent, correlationId }, grant.id)).rejects.toMatchObject({ code: 'SEC_001' })
    expect(await desk.revoke(asking, grant.id, 'no longer needed')).toMatchObject({ active: false })
    await expect(desk.revoke(asking, grant.id)).rejects.toMatchObject({ code: 'APPROVAL_003' })
    expect(records().find(({ action }) => action === 'approval.revoke')).toMatchObject({ details: { grant: grant.id } })
    await answered({})
  })
})

describe('advice', () => {
  it('names the rule that would have answered, and with it nobody is asked any more', async () => {
    const { desk, answered, call, policy } = open()
    for (const path of ['/a', '/b']) await answered({ arguments: { path } })
    expect(desk.advice()).toEqual([])
    await answered({ arguments: { path: '/c' } })
    const [advice, ...others] = desk.advice()
    expect(others).toEqual([])
    expect(advice).toMatchObject({ agentName: 'hello', resourcePattern: 'files.read', decided: 'approved', prompts: 3 })
    const { textHash, text } = policy.view()
    policy.save(textHash, text + (advice?.ruleText ?? ''))
    expect(await call({ arguments: { path: '/d' } })).toBe('done')
    expect(desk.advice()).toEqual([])
  })

  it('advises a Deny where all were denied, and nothing where the last answers differ', async () => {
    const { desk, answered, call, policy } = open()
    const deny = { decision: 'deny', reason: 'never' } as const
    await answered({ resource: 'files.write' })
    for (let n = 0; n < 3; n += 1) await answered({ resource: 'files.write' }, deny)
    for (const decision of [{}, {}, deny, {}, {}]) await answered({ resource: 'files.mixed' }, decision)
    const advice = desk.advice()
    expect(advice).toMatchObject([{ resourcePattern: 'files.write', decided: 'denied', prompts: 3 }])
    const { textHash, text } = policy.view()
    policy.save(textHash, text + (advice[0]?.ruleText ?? ''))
    await expect(call({ resource: 'files.write' })).rejects.toMatchObject({ code: 'POLICY_001' })
  })

  it('widens to the server or folder where several of its things were answered the same way', async () => {
    const { desk, answered } = open()
    for (const resource of ['files.a', 'files.b', 'files.c']) await answered({ resource })
    expect(desk.advice()).toMatchObject([{ resourcePattern: 'files.*', prompts: 3 }])
  })

  it('never advises to allow what destroys', async () => {
    const { desk, answered } = open()
    for (const n of [1, 2, 3, 4]) await answered({ consequence: 'destroy', arguments: { n } })
    expect(desk.advice()).toEqual([])
  })
})
