import type { ApprovalId, Json } from '@contract'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { engineCaller, RuntimeError } from '../core'
import { agent, cli, held, type Plain, RULES_THAT_ASK, request, setUp } from './fixtures/set-up'

const CANARY = 'canary-4711'
const by = { kind: 'cli', id: 'ada' } as const

const open = () => {
  const parts = setUp(undefined, RULES_THAT_ASK)
  const { gate, approvals, store } = parts
  const call = (facts: Partial<Plain> = {}, act: () => Promise<unknown> = async () => 'done') =>
    gate.perform(request({ action: 'tool.call', resource: 'files.read', arguments: { path: '/a' }, ...facts }), act)
  const pending = () => approvals.list('pending', 100).rows
  const decide = (id: ApprovalId, facts: Record<string, unknown> = {}) => {
    const { digest } = approvals.row(store, id)
    return store.write((tx) =>
      approvals.decide(tx, { decision: 'approve', id, digest, scope: 'once', ...facts } as never, by),
    )
  }
  const actions = () =>
    parts
      .records()
      .toReversed()
      .map(({ action, outcome }) => `${action} ${outcome}`)
  return { ...parts, call, pending, decide, actions }
}

describe('an act that a rule holds', () => {
  it('G8: is done once a person approved it, and the record tells of digest and approval', async () => {
    const { call, approvals, decide, records, actions, store } = open()
    const act = vi.fn(async () => 'done')
    const result = call({}, act)
    const waiting = await held(approvals)
    expect(waiting).toMatchObject({
      status: 'pending',
      action: 'tool.call',
      resource_type: 'Tool',
      resource: 'files.read',
      operation: 'Execute',
      consequence: 'change',
      arguments: '{"path":"/a"}',
      caller_name: 'hello',
      execution_id: agent.executionId,
      tier: 'tier1',
      rule: 'ask about tools',
      deadline: waiting.created_at + 300_000,
    })
    expect(act).not.toHaveBeenCalled()
    await decide(waiting.id)
    expect(await result).toBe('done')
    expect(act).toHaveBeenCalledOnce()
    expect(actions()).toEqual(['approval.request success', 'tool.call success'])
    expect(records()[0]?.details).toMatchObject({
      approval: waiting.id,
      digest: waiting.digest,
      rule: 'ask about tools',
    })
    expect(approvals.row(store, waiting.id)).toMatchObject({ status: 'approved', result: 'success', scope: 'once' })
  })

  it('is refused with the reason that a person gave', async () => {
    const { call, approvals, decide, records } = open()
    const act = vi.fn(async () => 'done')
    const result = call({}, act)
    const waiting = await held(approvals)
    await decide(waiting.id, { decision: 'deny', reason: 'not today' })
    await expect(result).rejects.toMatchObject({
      code: 'APPROVAL_001',
      message: 'A person denied this: not today',
      details: { outcome: 'denied' },
    })
    expect(act).not.toHaveBeenCalled()
    expect(records()[0]).toMatchObject({ outcome: 'denied', code: 'APPROVAL_001', details: { approval: waiting.id } })
  })

  it('is refused when its time is over, and no later decision counts', async () => {
    const { call, approvals, decide, clock, actions, store } = open()
    const result = call()
    const waiting = await held(approvals)
    clock.advance(299_999)
    expect(approvals.row(store, waiting.id).status).toBe('pending')
    clock.advance(1)
    await expect(result).rejects.toMatchObject({ code: 'APPROVAL_002', details: { outcome: 'timeout' } })
    await expect(decide(waiting.id)).rejects.toMatchObject({ code: 'APPROVAL_003' })
    expect(actions()).toEqual(['approval.request success', 'approval.timeout denied', 'tool.call denied'])
  })

  it('is refused when what asked is gone, before or while it waits', async () => {
    const { call, approvals, pending } = open()
    const gone = new AbortController()
    const result = call({ signal: gone.signal })
    await held(approvals)
    gone.abort(new RuntimeError('RUN_003', 'A person stopped the agent.'))
    await expect(result).rejects.toMatchObject({
      code: 'APPROVAL_005',
      message: 'The approval was called off: A person stopped the agent.',
    })
    await expect(call({ signal: gone.signal })).rejects.toMatchObject({ code: 'APPROVAL_005' })
    expect(pending()).toEqual([])
  })

  it('G9: is refused when the policy denies it by the time it is approved', async () => {
    const { call, approvals, decide, policy, store } = open()
    const act = vi.fn(async () => 'done')
    const result = call({}, act)
    const waiting = await held(approvals)
    const { textHash, text } = policy.view()
    const deny = '  - { id: "stop", effect: Deny, match: { resource_type: Tool, resources: ["files.*"] } }\n'
    policy.save(textHash, text + deny)
    await decide(waiting.id)
    await expect(result).rejects.toMatchObject({ code: 'POLICY_001', details: { rule: 'stop' } })
    expect(act).not.toHaveBeenCalled()
    expect(approvals.row(store, waiting.id)).toMatchObject({
      status: 'approved',
      result: 'denied',
      result_code: 'POLICY_001',
    })
  })

  it('G5: is refused when a mechanical check fails by the time it is approved, and is not asked about when it fails before', async () => {
    const { call, approvals, decide, pending } = open()
    let pinned = true
    const precondition = (): void => {
      if (!pinned) throw new RuntimeError('SCHEMA_001', 'Not the definition that was decided on.')
    }
    const result = call({ precondition })
    const waiting = await held(approvals)
    pinned = false
    await decide(waiting.id)
    await expect(result).rejects.toMatchObject({ code: 'SCHEMA_001' })
    await expect(call({ precondition })).rejects.toMatchObject({ code: 'SCHEMA_001' })
    expect(pending()).toEqual([])
  })

  it('G10: is refused when it is no longer what was approved', async () => {
    const { call, approvals, decide } = open()
    const args = { path: '/a' }
    const act = vi.fn(async () => 'done')
    const result = call({ arguments: args }, act)
    const waiting = await held(approvals)
    args.path = '/etc'
    await decide(waiting.id)
    await expect(result).rejects.toMatchObject({ code: 'APPROVAL_004' })
    expect(act).not.toHaveBeenCalled()
  })

  it('shows no secret: neither what is known, nor what is named like one, nor what a rule names', async () => {
    const { call, approvals, redactor, decide, records } = open()
    redactor.track(CANARY)
    const args = { text: `it is ${CANARY}`, apiKey: 'abc', pin: 'hunter2', path: '/a' }
    const result = call({ resource: 'vault.open', arguments: args, excerpt: true })
    const waiting = await held(approvals)
    expect(JSON.parse(waiting.arguments)).toEqual({
      apiKey: '[redacted]',
      path: '/a',
      pin: '[redacted]',
      text: 'it is [redacted]',
    })
    await decide(waiting.id)
    await result
    expect(JSON.stringify([waiting, records()])).not.toMatch(/canary-4711|hunter2/)
  })

  it('records arguments and result in full where a rule wants it, but never those of a secret', async () => {
    const { gate, records } = open()
    await gate.perform(request({ action: 'memory.get', resource: 'self/k', arguments: { key: 'k' } }), async () => ({
      n: 1,
    }))
    expect(records()[0]?.details).toMatchObject({ arguments: { key: 'k' }, result: { n: 1 } })
    await gate.perform(request({ resource: 'demo/full' }), async () => CANARY)
    expect(JSON.stringify(records())).not.toContain(CANARY)
  })

  it('is counted by the hooks of whoever waits, in the same transaction', async () => {
    const { call, approvals, decide } = open()
    const seen: string[] = []
    const wait = {
      onHeld: (_tx: unknown, count: number) => void seen.push(`held ${count}`),
      onReleased: (_tx: unknown, count: number) => void seen.push(`released ${count}`),
    }
    const first = call({ wait })
    const one = await held(approvals)
    const second = call({ wait, arguments: { path: '/b' } })
    const two = await held(approvals, 2)
    await decide(one.id)
    await decide(two.id)
    await Promise.all([first, second])
    expect(seen).toEqual(['held 1', 'held 2', 'released 1', 'released 0'])
  })

  it('holds a change of state like any act', async () => {
    const { gate, approvals, decide, meta } = open()
    const made = gate.commit(request({ action: 'memory.put', resource: 'self/ask', arguments: { key: 'ask' } }), (tx) =>
      tx.run(`INSERT INTO meta (key, value) VALUES ('put', 1)`),
    )
    const waiting = await held(approvals)
    expect(meta()).toEqual([])
    await decide(waiting.id)
    expect(await made).toBe(1)
    expect(meta()).toEqual(['put'])
  })

  it('never makes the engine wait', async () => {
    const { call, pending } = open()
    await expect(call({ caller: engineCaller('tools'), tier: undefined })).rejects.toMatchObject({ code: 'POLICY_001' })
    expect(pending()).toEqual([])
  })

  it('does not ask about the decision itself, or nobody could ever decide', async () => {
    const { gate } = open()
    const facts = { caller: cli, tier: undefined, action: 'approval.decide', resource: 'x' } as const
    expect(await gate.commit(request(facts), () => 'decided')).toBe('decided')
  })

  it('is at most 64 times asked about for one agent at once', async () => {
    const { call, approvals, clock } = open()
    const many = Array.from({ length: 64 }, (_, n) => call({ arguments: { n } }))
    await held(approvals, 64)
    await expect(call({ arguments: { n: 64 } })).rejects.toMatchObject({ code: 'RESOURCE_001' })
    clock.advance(300_000)
    const ends = await Promise.allSettled(many)
    expect(ends.map((end) => end.status)).toEqual(many.map(() => 'rejected'))
  })
})

describe('the queue', () => {
  it('is in the order of asking; what is deferred goes to its end and keeps its deadline', async () => {
    const { call, approvals, decide, pending, clock } = open()
    const results = ['/a', '/b', '/c'].map((path) => call({ arguments: { path } }))
    await held(approvals, 3)
    const shown = () => pending().map((row) => (JSON.parse(row.arguments) as Record<string, Json>)['path'])
    expect(shown()).toEqual(['/a', '/b', '/c'])
    const [first] = pending()
    if (first === undefined) throw new Error('nothing waits')
    await decide(first.id, { decision: 'defer' })
    expect(shown()).toEqual(['/b', '/c', '/a'])
    expect(pending().at(-1)).toMatchObject({ deferrals: 1, deadline: first.deadline })
    clock.advance(300_000)
    await Promise.allSettled(results)
  })

  it('refuses a digest that was not shown, and an approval that is not there', async () => {
    const { call, approvals, decide, store } = open()
    const result = call()
    const waiting = await held(approvals)
    await expect(decide(waiting.id, { digest: '0'.repeat(64) })).rejects.toMatchObject({ code: 'APPROVAL_004' })
    expect(approvals.row(store, waiting.id).status).toBe('pending')
    await decide(waiting.id)
    await result
    for (const decision of ['approve', 'defer'])
      await expect(decide(waiting.id, { decision })).rejects.toMatchObject({ code: 'APPROVAL_003' })
    const unknown = '00000000-0000-7000-8000-00000000ffff' as ApprovalId
    expect(() => approvals.row(store, unknown)).toThrow(expect.objectContaining({ code: 'APPROVAL_003' }))
  })

  it('is decided once: whatever the order of a yes, a no, the time-out and the end of the run, exactly one of them wins', async () => {
    const order = fc.shuffledSubarray(['yes', 'no', 'time', 'gone'] as const, { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(order, fc.boolean(), async (what, together) => {
        const { call, approvals, decide, clock, store, records } = open()
        const act = vi.fn(async () => 'done')
        const gone = new AbortController()
        const result = call({ signal: gone.signal }, act).then(
          () => 'approved',
          (error: RuntimeError) => String(error.details?.['outcome']),
        )
        const waiting = await held(approvals)
        const steps = {
          yes: () => decide(waiting.id),
          no: () => decide(waiting.id, { decision: 'deny', reason: 'no thanks' }),
          time: async () => clock.advance(300_000),
          gone: async () => gone.abort(),
        }
        const ends: PromiseSettledResult<unknown>[] = []
        if (together) ends.push(...(await Promise.allSettled(what.map((step) => steps[step]()))))
        else for (const step of what) ends.push(...(await Promise.allSettled([steps[step]()])))
        const outcome = await result
        expect(outcome).toBe(approvals.row(store, waiting.id).status)
        expect(act).toHaveBeenCalledTimes(outcome === 'approved' ? 1 : 0)
        const byPerson = ends.filter((end, index) => {
          return end.status === 'fulfilled' && (what[index] === 'yes' || what[index] === 'no')
        }).length
        const byEngine = records().filter(({ action }) => /^approval\.(timeout|cancelled)$/.test(action)).length
        expect(byPerson + byEngine).toBe(1)
      }),
      { numRuns: 40 },
    )
  }, 30_000)

  it('denies all the same when the end of a wait cannot be written', async () => {
    const { call, approvals, clock, breakAudit } = open()
    const result = call()
    await held(approvals)
    await breakAudit()
    clock.advance(300_000)
    await expect(result).rejects.toMatchObject({ code: expect.stringMatching(/^(AUDIT|STORE)_001$/) })
  })
})
