import { readFileSync } from 'node:fs'
import type { AuditOutcome, CorrelationId, ErrorCode, Json } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Caller, createEvents, createManualClock, createRedactor, type EngineEvent, RuntimeError } from '../core'
import { anyText } from '../testing/any-text'
import { tempStore } from '../testing/temp-store'
import { type AuditEntry, createAudit } from './audit'

const CANARY = 'canary-4711-do-not-store'
const correlation = (n: number): CorrelationId => `00000000-0000-7000-8000-00000000000${n}` as CorrelationId
const cli: Caller = { kind: 'cli', id: 'ada', scopes: new Set() }

const entry = (facts: Partial<AuditEntry> = {}): AuditEntry => ({
  correlationId: correlation(1),
  caller: cli,
  action: 'agents.create',
  resource: 'Agent hello',
  outcome: 'success',
  reason: 'because',
  ...facts,
})

const setUp = () => {
  const clock = createManualClock(1000)
  const store = tempStore(clock)
  const heard: EngineEvent[] = []
  const events = createEvents((error) => expect.fail(String(error)))
  events.subscribe((event) => heard.push(event))
  const redactor = createRedactor('')
  const audit = createAudit({ store, clock, events, redactor, bootId: 'boot-1' })
  const append = (...entries: AuditEntry[]): Promise<number[]> =>
    Promise.all(entries.map((one) => store.write((tx) => audit.append(tx, one))))
  return { audit, append, store, clock, redactor, heard }
}

const text = anyText({ maxLength: 20 })
const anyEntry: fc.Arbitrary<AuditEntry> = fc.record({
  correlationId: fc.uuid() as fc.Arbitrary<CorrelationId>,
  caller: fc.oneof(
    text.map((id): Caller => ({ kind: 'engine', id })),
    text.map((id): Caller => ({ kind: 'operator', id, scopes: new Set() })),
  ),
  action: text,
  resource: text,
  outcome: fc.constantFrom<AuditOutcome>('success', 'denied', 'failed'),
  code: fc.constantFrom<ErrorCode | undefined>(undefined, 'POLICY_001', 'INTERNAL_001'),
  reason: text,
  details: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>, { maxKeys: 4 }),
})

describe('append', () => {
  it('A2, A3: whatever is appended, the chain verifies and can be read back', async () => {
    const { audit, append } = setUp()
    let expected = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyEntry, { maxLength: 8 }), async (entries) => {
        const seqs = await append(...entries)
        expect(seqs).toEqual(entries.map((_, index) => expected + index + 1))
        expected += entries.length
        expect(await audit.verify()).toMatchObject({ ok: true, checked: expected, firstBadSeq: null, problem: null })
        expect(audit.list({ filter: {}, limit: 500 }).records.map(({ seq }) => seq)[0] ?? 0).toBe(expected)
      }),
      { numRuns: 60 },
    )
    expect(audit.headSeq()).toBe(expected)
  })

  it('keeps every field, and tells of the record once it is on the disk', async () => {
    const { audit, append, heard } = setUp()
    const agent: Caller = {
      kind: 'agent',
      id: '00000000-0000-7000-8000-0000000000aa' as Extract<Caller, { kind: 'agent' }>['id'],
      name: 'hello',
      executionId: '00000000-0000-7000-8000-0000000000ab' as Extract<Caller, { kind: 'agent' }>['executionId'],
      correlationId: correlation(2),
    }
    await append(entry({ caller: agent, outcome: 'denied', code: 'POLICY_001', details: { b: 1, a: [true, null] } }))
    expect(audit.list({ filter: {}, limit: 1 }).records[0]).toEqual({
      seq: 1,
      atMs: 1000,
      correlationId: correlation(1),
      actor: { kind: 'agent', id: agent.id },
      action: 'agents.create',
      resource: 'Agent hello',
      outcome: 'denied',
      severity: 'warning',
      code: 'POLICY_001',
      reason: 'because',
      details: { a: [true, null], b: 1 },
      boot: { id: 'boot-1', monotonicMs: 0 },
      prevHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(heard).toEqual([{ topic: 'audit.appended', payload: { seq: 1 } }])
  })

  it('verifies when a text is not valid Unicode', async () => {
    const { audit, append } = setUp()
    await append(entry({ reason: 'half a pair: \ud83d', resource: 'nul \0 inside', details: { '\udc00': '\ud800' } }))
    expect(await audit.verify()).toMatchObject({ ok: true, checked: 1 })
  })

  it('A1, A2: leaves nothing, no gap and no event behind when its write is rolled back', async () => {
    const { audit, append, store, heard } = setUp()
    await append(entry())
    const refused = store.write((tx) => {
      audit.append(tx, entry())
      audit.append(tx, entry())
      throw new RuntimeError('AGENT_002', 'Not now.')
    })
    await expect(Promise.all([refused, append(entry())])).rejects.toMatchObject({ code: 'AGENT_002' })
    expect(await append(entry())).toEqual([3])
    expect(audit.list({ filter: {}, limit: 10 }).records.map(({ seq }) => seq)).toEqual([3, 2, 1])
    expect(heard.map(({ payload }) => payload)).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }])
    expect(await audit.verify()).toMatchObject({ ok: true, checked: 3 })
  })

  it('rolls the change back with AUDIT_001 when it cannot write', async () => {
    const { audit, store } = setUp()
    await store.write((tx) => tx.run('ALTER TABLE audit RENAME TO audit_gone'))
    const change = store.write((tx) => {
      tx.run("INSERT INTO meta (key, value) VALUES ('changed', 'yes')")
      audit.append(tx, entry())
    })
    await expect(change).rejects.toMatchObject({ code: 'AUDIT_001' })
    expect(store.all('SELECT * FROM meta')).toEqual([])
  })

  it('A6: lets no known secret reach the file, wherever it stood', async () => {
    const { audit, append, store, redactor } = setUp()
    redactor.track(CANARY)
    await append(
      entry({
        resource: `Secret ${CANARY}`,
        reason: `said "${CANARY}"`,
        details: { [CANARY]: 1, note: CANARY, deep: [{ x: `a${CANARY}b` }], password: 'swordfish-9', kept: 'plain' },
      }),
    )
    expect(audit.list({ filter: {}, limit: 1 }).records[0]).toMatchObject({
      resource: 'Secret [redacted]',
      details: { '[redacted]': 1, note: '[redacted]', password: '[redacted]', kept: 'plain' },
    })
    expect(await audit.verify()).toMatchObject({ ok: true })
    const bytes = [store.path, `${store.path}-wal`].map((path) => readFileSync(path, 'latin1')).join('')
    expect(bytes).toContain('agents.create')
    expect(bytes).not.toContain(CANARY)
    expect(bytes).not.toContain('swordfish-9')
  })
})

describe('list', () => {
  it('gives pages from the newest on', async () => {
    const { audit, append } = setUp()
    await append(...Array.from({ length: 5 }, () => entry()))
    const first = audit.list({ filter: {}, limit: 2 })
    expect(first).toMatchObject({ records: [{ seq: 5 }, { seq: 4 }], nextBeforeSeq: 4, total: 5 })
    const last = audit.list({ filter: {}, beforeSeq: 3, limit: 2 })
    expect(last).toMatchObject({ records: [{ seq: 2 }, { seq: 1 }], nextBeforeSeq: null, total: 5 })
  })

  it('filters by correlation, outcome and text, in which no sign has a meaning', async () => {
    const { audit, append } = setUp()
    await append(
      entry({ resource: 'Tool 100%_sure' }),
      entry({ correlationId: correlation(2), outcome: 'denied', reason: 'No rule ALLOWS it' }),
      entry({ resource: 'Tool 100 sure' }),
    )
    const seqs = (filter: Parameters<typeof audit.list>[0]['filter']): number[] =>
      audit.list({ filter, limit: 10 }).records.map(({ seq }) => seq)
    expect(seqs({ correlationId: correlation(2) })).toEqual([2])
    expect(seqs({ outcome: 'success' })).toEqual([3, 1])
    expect(seqs({ text: '%' })).toEqual([1])
    expect(seqs({ text: '_' })).toEqual([1])
    expect(seqs({ text: '\\' })).toEqual([])
    expect(seqs({ text: 'rule allows' })).toEqual([2])
    expect(seqs({ text: "' OR 1 --" })).toEqual([])
    expect(seqs({ outcome: 'success', correlationId: correlation(2) })).toEqual([])
  })

  it('counts outcomes from a moment on', async () => {
    const { audit, append, clock } = setUp()
    await append(entry({ outcome: 'denied' }))
    clock.advance(500)
    await append(entry({ outcome: 'denied' }), entry())
    expect(audit.countSince('denied', 0)).toBe(2)
    expect(audit.countSince('denied', 1500)).toBe(1)
    expect(audit.countSince('failed', 0)).toBe(0)
  })
})
