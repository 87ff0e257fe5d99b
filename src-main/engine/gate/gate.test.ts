import { describe, expect, it, vi } from 'vitest'
import { engineCaller, RuntimeError } from '../core'
import type { Policy } from '../policy'
import { agent, cli, correlationId, type Plain, request, setUp } from './fixtures/set-up'

const CANARY = 'canary-4711'

type Gate = ReturnType<typeof setUp>['gate']
const note = (gate: Gate, key: string, facts: Partial<Plain> = {}): Promise<number> =>
  gate.commit(request(facts), (tx) => tx.run('INSERT INTO meta (key, value) VALUES (:key, 1)', { key }))

describe('commit', () => {
  it('G2, G3: makes an allowed change and leaves exactly one record of it', async () => {
    const { gate, records, meta, policySet } = setUp()
    expect(await note(gate, 'a', { details: { size: 3 } })).toBe(1)
    expect(meta()).toEqual(['a'])
    expect(records()).toEqual([
      expect.objectContaining({
        seq: 1,
        correlationId,
        actor: { kind: 'agent', id: agent.id },
        action: 'secret.read',
        resource: 'Secret demo/key',
        outcome: 'success',
        code: null,
        reason: 'The rule "agents read demo secrets" allows Read on Secret demo/key.',
        details: {
          size: 3,
          agent: 'hello',
          execution: agent.executionId,
          rule: 'agents read demo secrets',
          policySet,
          policy: {
            request: {
              principal: 'agent',
              agentName: 'hello',
              securityLevel: 'standard',
              resourceType: 'Secret',
              resource: 'demo/key',
              operation: 'Read',
            },
            atMs: 1000,
            effect: 'Allow',
            rule: 'agents read demo secrets',
            setHash: policySet,
          },
        },
      }),
    ])
  })

  it('G1: does nothing when no rule allows it, and records the refusal with its reason', async () => {
    const { gate, records, meta } = setUp()
    const resource = 'prod/key'
    await expect(note(gate, 'a', { resource })).rejects.toMatchObject({ code: 'POLICY_001', details: { rule: null } })
    expect(meta()).toEqual([])
    expect(records()).toEqual([
      expect.objectContaining({
        outcome: 'denied',
        code: 'POLICY_001',
        resource: 'Secret prod/key',
        reason: 'No rule allows Read on Secret prod/key; what is not allowed is denied.',
      }),
    ])
  })

  it('lets a Deny of the file win over the built-in rules for people', async () => {
    const { gate, records, meta } = setUp()
    const facts = { caller: cli, tier: undefined, action: 'secret.delete' } as const
    await note(gate, 'free', { ...facts, resource: 'free/x' })
    const refused = note(gate, 'kept', { ...facts, resource: 'keep/x' })
    await expect(refused).rejects.toMatchObject({ code: 'POLICY_001', details: { rule: 'nobody deletes' } })
    expect(meta()).toEqual(['free'])
    expect(records().map(({ outcome, actor }) => [outcome, actor.kind])).toEqual([
      ['denied', 'cli'],
      ['success', 'cli'],
    ])
  })

  it('G7: records what happened even where a rule would deny the act, but only for the engine', async () => {
    const { gate, records, meta } = setUp()
    const facts = { action: 'secret.delete', resource: 'keep/x', tier: undefined } as const
    await note(gate, 'ended', { ...facts, caller: engineCaller('lifecycle'), accountOf: 'fact' })
    await expect(note(gate, 'asked', { ...facts, caller: engineCaller('lifecycle') })).rejects.toMatchObject({
      code: 'POLICY_001',
    })
    await expect(note(gate, 'posed', { ...facts, caller: cli, accountOf: 'fact' })).rejects.toMatchObject({
      code: 'SEC_001',
    })
    expect(meta()).toEqual(['ended'])
    expect(records().map(({ outcome }) => outcome)).toEqual(['denied', 'denied', 'success'])
  })

  it.each([
    ['tier0', 'denied'],
    ['tier1', 'success'],
    ['tier2', 'success'],
    ['tier3', 'success'],
  ] as const)('tells the policy which walls stand around the agent: %s is %s', async (tier, outcome) => {
    const { gate, records } = setUp()
    const resource = 'demo/walled'
    await Promise.allSettled([note(gate, 'a', { tier, resource })])
    expect(records().map((record) => record.outcome)).toEqual([outcome])
  })

  it('records a change that failed as failed, and leaves nothing of it', async () => {
    const { gate, records, meta } = setUp()
    const change = gate.commit(request(), (tx) => {
      tx.run("INSERT INTO meta (key, value) VALUES ('half', 1)")
      throw new RuntimeError('SECRET_001', 'There is none.')
    })
    await expect(change).rejects.toMatchObject({ code: 'SECRET_001' })
    expect(meta()).toEqual([])
    expect(records()).toEqual([
      expect.objectContaining({ outcome: 'failed', code: 'SECRET_001', reason: 'There is none.' }),
    ])
  })

  it('says nothing of the content of an error that is not ours', async () => {
    const { gate, records } = setUp()
    const change = gate.commit(request(), () => {
      throw new TypeError(CANARY)
    })
    await expect(change).rejects.toMatchObject({ code: 'INTERNAL_001', message: expect.not.stringContaining(CANARY) })
    expect(records()).toMatchObject([{ outcome: 'failed', code: 'INTERNAL_001' }])
    expect(JSON.stringify(records())).not.toContain(CANARY)
  })

  it.each(['ABORT', 'FAIL', 'ROLLBACK'] as const)(
    'G3, G4: changes nothing when the record cannot be written (%s)',
    async (how) => {
      const { gate, breakAudit, meta, records, verify } = setUp()
      await note(gate, 'before')
      await breakAudit(how)
      await expect(note(gate, 'after')).rejects.toMatchObject({ code: expect.stringMatching(/^(AUDIT|STORE)_001$/) })
      expect(meta()).toEqual(['before'])
      expect(records()).toHaveLength(1)
      expect(await verify()).toMatchObject({ ok: true, checked: 1 })
    },
  )

  it('G4: refuses with AUDIT_001 when not even the refusal can be recorded', async () => {
    const { gate, breakAudit } = setUp()
    await breakAudit()
    const refused = note(gate, 'a', { resource: 'prod/key' })
    await expect(refused).rejects.toMatchObject({ code: 'AUDIT_001' })
  })

  it('keeps many at once apart', async () => {
    const { gate, meta, records, verify } = setUp()
    const paths = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? `demo/${n}` : `prod/${n}`))
    await Promise.allSettled(paths.map((path) => note(gate, path, { resource: path })))
    expect(meta()).toHaveLength(20)
    expect(records()).toHaveLength(40)
    for (const record of records()) expect(record.outcome).toBe(record.resource.includes('demo') ? 'success' : 'denied')
    expect(await verify()).toMatchObject({ ok: true, checked: 40 })
  })
})

describe('perform', () => {
  it('acts, then records what came of it together with what it settles', async () => {
    const { gate, records, meta } = setUp()
    const result = await gate.perform(
      request(),
      async () => {
        expect(records()).toEqual([])
        return 'answer'
      },
      (tx, answer) => tx.run('INSERT INTO meta (key, value) VALUES (:answer, 1)', { answer }),
    )
    expect(result).toBe('answer')
    expect(meta()).toEqual(['answer'])
    expect(records()).toMatchObject([{ outcome: 'success' }])
  })

  it('G1: does not act when it is refused', async () => {
    const { gate, records } = setUp()
    const act = vi.fn(async () => 'answer')
    const refused = gate.perform(request({ action: 'tool.call', resource: 'a.b' }), act)
    await expect(refused).rejects.toMatchObject({ code: 'POLICY_001' })
    expect(act).not.toHaveBeenCalled()
    expect(records()).toMatchObject([{ outcome: 'denied', code: 'POLICY_001' }])
  })

  it('records an act that failed, once', async () => {
    const { gate, records } = setUp()
    const act = () => Promise.reject(new RuntimeError('MCP_004', 'Too slow.'))
    await expect(gate.perform(request(), act)).rejects.toMatchObject({ code: 'MCP_004' })
    expect(records()).toMatchObject([{ outcome: 'failed', code: 'MCP_004', reason: 'Too slow.' }])
  })

  it('G4: withholds the result when its record cannot be written', async () => {
    const { gate, breakAudit, records } = setUp()
    await breakAudit()
    const act = vi.fn(async () => CANARY)
    const withheld = gate.perform(request(), act)
    await expect(withheld).rejects.toMatchObject({ code: 'AUDIT_001', message: expect.not.stringContaining(CANARY) })
    expect(act).toHaveBeenCalledOnce()
    expect(records()).toEqual([])
  })

  it('G2: records as failed an act whose outcome could not be settled', async () => {
    const { gate, records, meta } = setUp()
    const act = gate.perform(
      request(),
      async () => 'answer',
      (tx) => {
        tx.run("INSERT INTO meta (key, value) VALUES ('half', 1)")
        throw new RuntimeError('AGENT_002', 'Gone meanwhile.')
      },
    )
    await expect(act).rejects.toMatchObject({ code: 'AGENT_002' })
    expect(meta()).toEqual([])
    expect(records()).toMatchObject([{ outcome: 'failed', code: 'AGENT_002' }])
  })

  it('G2: records as failed an act whose success could not be recorded', async () => {
    const { gate, breakAudit, records } = setUp()
    await breakAudit('ABORT', "NEW.outcome = 'success'")
    await expect(gate.perform(request(), async () => 'answer')).rejects.toMatchObject({ code: 'AUDIT_001' })
    expect(records()).toMatchObject([{ outcome: 'failed', code: 'AUDIT_001' }])
  })

  it('records refusals and failures only, where that is asked', async () => {
    const { gate, records, meta } = setUp()
    const quiet = { record: 'refusals' } as const
    expect(await gate.perform(request(quiet), async () => 1)).toBe(1)
    await gate.perform(
      request(quiet),
      async () => 1,
      (tx) => tx.run("INSERT INTO meta (key, value) VALUES ('settled', 1)"),
    )
    expect(meta()).toEqual(['settled'])
    expect(records()).toEqual([])
    const refused = gate.perform(request({ ...quiet, action: 'secret.delete' }), async () => 1)
    await expect(refused).rejects.toMatchObject({ code: 'POLICY_001' })
    const failed = gate.perform(request(quiet), () => Promise.reject(new RuntimeError('MCP_002', 'It said no.')))
    await expect(failed).rejects.toMatchObject({ code: 'MCP_002' })
    expect(records().map(({ outcome }) => outcome)).toEqual(['failed', 'denied'])
  })
})

describe('deciding', () => {
  const allow: Policy['decide'] = () => ({
    effect: 'Allow',
    rule: 'all',
    reason: 'All.',
    matched: ['all'],
    limits: [],
    obligations: { redact: [], audit: 'basic' },
    wouldHave: [],
    errors: [],
    setHash: '',
    volatile: false,
  })

  it('G5: asks the precondition first, and no rule can allow what it refuses', async () => {
    const decide = vi.fn(allow)
    const { gate, records, meta } = setUp(decide)
    const precondition = (): never => {
      throw new RuntimeError('REVIEW_001', 'Not approved.')
    }
    await expect(note(gate, 'a', { precondition })).rejects.toMatchObject({ code: 'REVIEW_001' })
    expect(decide).not.toHaveBeenCalled()
    expect(meta()).toEqual([])
    expect(records()).toMatchObject([
      { outcome: 'denied', code: 'REVIEW_001', reason: 'Not approved.', details: { agent: 'hello' } },
    ])
    await note(gate, 'a', { precondition: () => undefined })
    expect(meta()).toEqual(['a'])
  })

  it('G1: an error while deciding is a refusal that says nothing of the error', async () => {
    const { gate, records, meta } = setUp(() => {
      throw new Error(CANARY)
    })
    await expect(note(gate, 'a')).rejects.toMatchObject({
      code: 'SEC_001',
      message: expect.not.stringContaining(CANARY),
    })
    expect(meta()).toEqual([])
    expect(records()).toMatchObject([{ outcome: 'denied', code: 'SEC_001' }])
    expect(JSON.stringify(records())).not.toContain(CANARY)
  })

  it('G6: tells the policy who asks from the caller alone, whatever the request says', async () => {
    const decide = vi.fn(allow)
    const { gate, records } = setUp(decide)
    const details = { principal: 'operator', agent: 'somebody else', execution: 'another', rule: 'forged' }
    await note(gate, 'a', { details })
    await note(gate, 'b', { caller: cli, tier: undefined })
    await note(gate, 'c', { caller: engineCaller('reconcile'), tier: undefined })
    expect(decide.mock.calls.map(([asked]) => [asked.principal, asked.agentName, asked.securityLevel])).toEqual([
      ['agent', 'hello', 'standard'],
      ['cli', '', null],
      ['engine', '', null],
    ])
    expect(records().map(({ actor }) => actor)).toEqual([
      { kind: 'engine', id: 'reconcile' },
      { kind: 'cli', id: 'ada' },
      { kind: 'agent', id: agent.id },
    ])
    expect(records().at(-1)?.details).toMatchObject({ agent: 'hello', execution: agent.executionId, rule: 'all' })
  })

  it('keeps a known secret out of the record', async () => {
    const { gate, redactor, records } = setUp()
    redactor.track(CANARY)
    await note(gate, 'a', { details: { note: `it is ${CANARY}` } })
    expect(records()).toMatchObject([{ details: { note: 'it is [redacted]' } }])
  })
})
