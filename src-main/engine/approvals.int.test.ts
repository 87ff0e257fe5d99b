import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentId, ApprovalDetail, AuditRecord, CorrelationId } from '@contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { asking, testEngine } from './testing/test-engine'

let host: Awaited<ReturnType<typeof testEngine>>

const ASK = `
  - id: "ask about memory"
    effect: RequireApproval
    priority: 1000
    match: { resource_type: Memory, operations: [Write] }
`
/** Remembers what it is told, and gives back what came of each. */
const BODY = `
  const said = []
  for (const value of input) {
    try { await memory.put('k', value); said.push('kept ' + value) }
    catch (error) { said.push([error.code, error.outcome, error.message].join(' | ')) }
  }
  return said`

beforeEach(async () => {
  host = await testEngine('[approvals]\ntimeout = "5s"\n')
})
afterEach(() => host.close())

const begin = async (input: string[]) => {
  await host.addRules(ASK)
  const agent = await host.engine().agents.create(asking(), host.definition(BODY, { capabilities: ['memory'] }))
  return host.engine().runs.start(asking(), { id: agent.id, input })
}

const waiting = async (): Promise<ApprovalDetail> => {
  const list = () => host.engine().approvals.list({ status: 'pending', limit: 10 }).approvals
  await vi.waitFor(() => expect(list()).toHaveLength(1), { timeout: 10_000, interval: 10 })
  const [first] = list()
  if (first === undefined) throw new Error('nothing waits')
  return host.engine().approvals.get(first.id)
}

const decide = async (how: { decision: 'approve' } | { decision: 'deny'; reason: string }) => {
  const shown = await waiting()
  const { id, digest } = shown
  await host
    .engine()
    .approvals.decide(
      asking(),
      how.decision === 'approve' ? { ...how, id, digest, scope: 'once' } : { ...how, id, digest },
    )
  return shown
}

const stateIs = (id: AgentId, state: string) =>
  vi.waitFor(() => expect(host.engine().agents.summary(id).state).toBe(state), { timeout: 10_000, interval: 10 })

const auditOf = (correlationId: CorrelationId): AuditRecord[] =>
  host.engine().audit.list({ filter: { correlationId }, limit: 200 }).records.toReversed()

describe('an agent whose calls are held', () => {
  it('waits: one is approved and done with the digest shown, one is denied with a reason, one by time-out', async () => {
    const run = await begin(['one', 'two', 'three'])
    const first = await waiting()
    await stateIs(run.agentId, 'Waiting')
    expect(first).toMatchObject({
      who: { kind: 'agent', id: run.agentId, executionId: run.id, tier: 'tier0' },
      action: 'memory.put',
      arguments: { key: 'k', content: 'one' },
      correlationId: run.correlationId,
    })
    expect((await host.engine().overview()).pendingApprovals).toBe(1)
    await decide({ decision: 'approve' })
    await vi.waitFor(() => expect(host.engine().approvals.get(first.id).result?.outcome).toBe('success'), {
      interval: 10,
    })
    const second = await decide({ decision: 'deny', reason: 'not this one' })
    expect(second.arguments).toMatchObject({ content: 'two' })
    const third = await waiting()
    const end = await host.engine().runs.ended(run.id)
    expect(end).toMatchObject({
      state: 'succeeded',
      output: [
        'kept one',
        'APPROVAL_001 | denied | A person denied this: not this one',
        'APPROVAL_002 | timeout | Nobody approved this in time: Nobody decided in time, so it is denied.',
      ],
    })
    const puts = auditOf(run.correlationId).filter(({ action }) => action === 'memory.put')
    expect(puts.map(({ outcome, code, details }) => [outcome, code, details['approval'], details['digest']])).toEqual([
      ['success', null, first.id, first.digest],
      ['denied', 'APPROVAL_001', second.id, second.digest],
      ['denied', 'APPROVAL_002', third.id, third.digest],
    ])
    const steps = host
      .engine()
      .agents.timeline(run.agentId)
      .map(({ to }) => to)
    expect(steps.slice(steps.indexOf('Running'))).toEqual([
      'Running',
      'Waiting',
      'Running',
      'Waiting',
      'Running',
      'Waiting',
      'Running',
      'Completed',
    ])
    expect(await host.engine().audit.verify()).toMatchObject({ ok: true })
  })

  it('can be suspended while it waits, and waits on when it is resumed', async () => {
    const run = await begin(['one'])
    await waiting()
    await stateIs(run.agentId, 'Waiting')
    expect((await host.engine().runs.suspend(asking(), run.agentId, 'look closer')).state).toBe('Suspended')
    expect((await host.engine().runs.resume(asking(), run.agentId, 'go on')).state).toBe('Waiting')
    await decide({ decision: 'approve' })
    expect(await host.engine().runs.ended(run.id)).toMatchObject({ state: 'succeeded', output: ['kept one'] })
  })

  it('is asked about no longer once it is stopped', async () => {
    const run = await begin(['one'])
    const { id } = await waiting()
    expect((await host.engine().runs.stop(asking(), run.agentId, 'enough')).state).toBe('Terminated')
    expect(host.engine().approvals.get(id)).toMatchObject({
      status: 'cancelled',
      decision: { reason: 'A person stopped the agent.' },
    })
    expect(host.engine().runs.get(run.id)).toMatchObject({ state: 'stopped' })
  })

  it('loses nothing by a restart: the history, the grant and the next run', async () => {
    const run = await begin(['one', 'two'])
    const first = await waiting()
    await host
      .engine()
      .approvals.decide(asking(), { decision: 'approve', id: first.id, digest: first.digest, scope: 'arguments' })
    const second = await vi.waitFor(
      async () => {
        const shown = await waiting()
        expect(shown.id).not.toBe(first.id)
        return shown
      },
      { timeout: 5000, interval: 10 },
    )
    await host.restart()
    const { approvals, runs, agents } = host.engine()
    expect(runs.get(run.id)).toMatchObject({ endCause: 'engine-stopped' })
    expect(approvals.get(first.id)).toMatchObject({ status: 'approved', result: { outcome: 'success' } })
    expect(approvals.get(second.id)).toMatchObject({ status: 'cancelled', digest: second.digest })
    expect(approvals.list({ status: 'pending', limit: 10 }).total).toBe(0)
    expect(agents.summary(run.agentId).state).toBe('Failed')
    const next = await runs.start(asking(), { id: run.agentId, input: ['one'] })
    expect(await runs.ended(next.id)).toMatchObject({ output: ['kept one'] })
    expect(approvals.grants({ includeEnded: false })).toMatchObject([{ scope: 'arguments', uses: 1 }])
    expect(await host.engine().audit.verify()).toMatchObject({ ok: true })
  })
})

describe('the policy in force', () => {
  it('leaves in the audit trail that it changed, and that a file was refused and why', async () => {
    await host.addRules(ASK)
    const { setHash } = host.engine().policy.view()
    await writeFile(join(host.dataDir, 'access_policies.yaml'), 'version: "1.0"\npolicies:\n  - effect: Perhaps\n')
    const reloads = () => host.engine().audit.list({ filter: { action: 'policy.reload' }, limit: 10 }).records
    await vi.waitFor(() => expect(reloads()[0]?.outcome).toBe('failed'), { timeout: 10_000, interval: 20 })
    const [refused, saved] = reloads()
    expect(refused).toMatchObject({
      actor: { kind: 'engine' },
      code: 'POLICY_002',
      reason: expect.stringContaining('Line 3'),
    })
    expect(saved).toMatchObject({ outcome: 'success', details: { setHash, origin: 'console', by: 'test' } })
    expect(host.engine().policy.view().setHash).toBe(setHash)
  })

  it('is explained, replayed on what was decided, and rolled back', async () => {
    const { policy } = host.engine()
    const before = policy.view()
    await host.addRules(ASK)
    const request = {
      principal: 'agent',
      agentName: 'hello',
      securityLevel: 'none',
      resourceType: 'Memory',
      resource: 'self/k',
      operation: 'Write',
    } as const
    expect(policy.explain({ request, which: 'active' }).decision).toMatchObject({
      effect: 'RequireApproval',
      rule: 'ask about memory',
    })
    expect(policy.explain({ request, which: { hash: before.setHash } }).decision).toMatchObject({ effect: 'Allow' })
    const run = await host.engine().agents.create(asking(), host.definition(BODY, { capabilities: ['memory'] }))
    const started = await host.engine().runs.start(asking(), { id: run.id, input: ['one'] })
    await decide({ decision: 'approve' })
    await host.engine().runs.ended(started.id)
    const { changes } = await policy.replay({ which: { hash: before.setHash }, last: 100 })
    expect(changes).toContainEqual(
      expect.objectContaining({
        direction: 'looser',
        count: 1,
        before: { effect: 'RequireApproval', rule: 'ask about memory' },
      }),
    )
    const after = await policy.rollback(asking(), { baseHash: policy.view().textHash, hash: before.setHash })
    expect(after.setHash).toBe(before.setHash)
    expect(policy.versions(10)[0]).toMatchObject({ origin: 'rollback', by: 'test', hash: before.setHash })
  })
})
