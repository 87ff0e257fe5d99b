import type { AuditFilter, AuditRecord } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engineCaller } from '../core'
import type { Sql, SqlParams } from '../store'
import { anyText } from '../testing/any-text'
import { agentsIndexedTo } from './agents-index'
import { cli, correlation, entry, openTrail } from './fixtures/open-trail'
import { listRecords, recordsAfter } from './query'

const AGENT = '00000000-0000-7000-8000-0000000000aa'
const agent = {
  kind: 'agent',
  id: AGENT,
  name: 'hello',
  executionId: correlation(70),
  correlationId: correlation(71),
} as unknown as typeof cli

const seqsOf = (records: readonly AuditRecord[]): number[] => records.map(({ seq }) => seq)

describe('queries', () => {
  it('by time, agent, actor, action, severity, outcome and text, alone and together', async () => {
    const { trail, store, clock } = await openTrail()
    const start = clock.nowMs()
    const entries = [
      entry({ action: 'tool.call', caller: agent }),
      entry({ action: 'tool.call', outcome: 'denied', code: 'REVIEW_001', caller: agent }),
      entry({ action: 'agent.run', details: { agentId: AGENT } }),
      entry({ action: 'secret.reveal', resource: 'Secret demo/key' }),
      entry({ action: 'secret.read', outcome: 'denied', code: 'SEC_001' }),
      entry({ action: 'server.connect', outcome: 'failed', code: 'MCP_001' }),
      entry({ action: 'toolbox.open' }),
    ]
    for (const one of entries) {
      await store.write((tx) => trail.append(tx, one))
      clock.advance(1000)
    }
    const seqs = (filter: AuditFilter): number[] => seqsOf(trail.list({ filter, limit: 10 }).records)
    expect(seqs({ agentId: AGENT })).toEqual([3, 2, 1])
    expect(seqs({ actorKind: 'agent' })).toEqual([2, 1])
    expect(seqs({ actorId: 'ada' })).toEqual([7, 6, 5, 4, 3])
    expect(seqs({ action: 'tool.call' })).toEqual([2, 1])
    expect(seqs({ action: 'tool.' })).toEqual([2, 1])
    expect(seqs({ action: 'secret.' })).toEqual([5, 4])
    expect(seqs({ severities: ['critical'] })).toEqual([5])
    expect(seqs({ severities: ['error', 'critical', 'notice'] })).toEqual([6, 5, 4])
    expect(seqs({ fromMs: start + 2000, beforeMs: start + 4000 })).toEqual([4, 3])
    expect(seqs({ fromMs: start + 2000, action: 'secret.', severities: ['critical'] })).toEqual([5])
    expect(seqs({ text: 'demo/KEY' })).toEqual([4])
    expect(trail.list({ filter: { action: 'secret.' }, limit: 1 })).toMatchObject({ total: 2, nextBeforeSeq: 5 })
    const shown = trail.list({ filter: {}, limit: 10 }).records.map(({ severity }) => severity)
    expect(shown).toEqual(['info', 'error', 'critical', 'notice', 'info', 'warning', 'info'])
  })

  it('find the same text before and after it is indexed, page by page', async () => {
    const { trail, append, store } = await openTrail({ everyRows: 1000 })
    await append(150, (n) => ({ reason: n % 7 === 0 ? `Lucky NUMBER ${n}` : `plain ${n}` }))
    const all = (text: string): number[] => {
      const found: number[] = []
      for (let beforeSeq: number | undefined; ; ) {
        const page = trail.list({ filter: { text }, limit: 4, beforeSeq })
        found.push(...seqsOf(page.records))
        if (page.nextBeforeSeq === null) return found
        beforeSeq = page.nextBeforeSeq
      }
    }
    const wanted = Array.from({ length: 21 }, (_, n) => (21 - n) * 7)
    expect(all('lucky number')).toEqual(wanted)
    await trail.checkpoint()
    await expect.poll(() => store.get('SELECT max(rowid) AS n FROM audit_text')).toEqual({ n: 150 })
    await append(14, (n) => ({ reason: n % 7 === 0 ? 'lucky number' : 'plain' }))
    expect(all('lucky number')).toEqual([161, 154, ...wanted])
    expect(all('lu')).toEqual([161, 154, ...wanted])
    expect(all('"lucky"')).toEqual([])
    expect(trail.list({ filter: { text: 'lucky' }, limit: 1 }).total).toBe(23)
  })

  it('find any text that stands in a record', async () => {
    const { trail, append, store } = await openTrail({ everyRows: 10_000 })
    const texts = fc.sample(anyText({ minLength: 3, maxLength: 12 }), 60).map((text) => Buffer.from(text).toString())
    await append(texts.length, (n) => ({ reason: `<${texts[n - 1]}>` }))
    const lost = (): string[] =>
      texts.filter(
        (text) => !trail.list({ filter: { text }, limit: 500 }).records.some(({ reason }) => reason === `<${text}>`),
      )
    // SQLite's LIKE ends at a NUL, before and after.
    const findable = (text: string): boolean => !text.includes('\0')
    expect(lost().filter(findable)).toEqual([])
    await trail.checkpoint()
    await expect.poll(() => store.get('SELECT max(rowid) AS n FROM audit_text')).toEqual({ n: texts.length })
    expect(lost().filter(findable)).toEqual([])
  })

  it('use an index for all but what nearly every record has', async () => {
    const { trail, append, store } = await openTrail()
    await append(3_000, (n) => ({ details: { agentId: n < 9 ? 'early' : 'late' } }))
    await trail.checkpoint()
    await expect.poll(() => agentsIndexedTo(store)).toBe(2_560)
    const plansOf = (filter: AuditFilter): string => {
      const plans: string[] = []
      const watched: Sql = {
        ...store,
        all: <Row>(statement: string, params?: SqlParams) => {
          const rows = store.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`, params)
          plans.push(rows.map(({ detail }) => detail).join('\n'))
          return store.all<Row>(statement, params)
        },
      }
      listRecords(watched, { filter, limit: 5 })
      return plans.join('\n')
    }
    for (const [filter, index] of [
      [{ severities: ['critical'] }, 'audit_by_severity'],
      [{ severities: ['error', 'warning'] }, 'audit_by_severity'],
      [{ action: 'agents.' }, 'audit_by_action (action=?'],
      [{ severities: ['notice'] }, 'audit_by_action'],
      [{ outcome: 'denied' }, 'audit_by_outcome'],
      [{ outcome: 'failed' }, 'audit_by_outcome'],
      [{ actorKind: 'agent' }, 'audit_by_kind'],
      [{ actorId: 'x' }, 'audit_by_actor'],
      [{ action: 'agent.run' }, 'audit_by_action'],
      [{ correlationId: correlation(1) }, 'audit_by_correlation'],
      [{ correlationId: correlation(1), outcome: 'success' }, 'audit_by_correlation'],
      [{ fromMs: 1, beforeMs: 2 }, 'audit_by_time'],
      [{ agentId: 'early' }, 'SEARCH audit_agents USING PRIMARY KEY (block=? AND agent_id=? AND seq<?)'],
    ] as const satisfies readonly (readonly [AuditFilter, string])[]) {
      expect([filter, plansOf(filter)]).toEqual([filter, expect.stringContaining(index)])
      expect([filter, plansOf(filter)]).toEqual([filter, expect.not.stringMatching(/^SCAN audit$/m)])
    }
    const commonplace: AuditFilter[] = [{ outcome: 'success' }, { actorKind: 'engine' }, { severities: ['info'] }]
    for (const filter of commonplace)
      expect([filter, plansOf(filter)]).toEqual([filter, expect.stringContaining('INTEGER PRIMARY KEY (rowid>? AND')])
  })

  it('look at a window of what is commonplace for one page, and go on from there', async () => {
    const { trail, append } = await openTrail({ everyRows: 100_000 })
    await append(2)
    await append(20_500, () => ({ outcome: 'denied', code: 'POLICY_001' }))
    const filters: AuditFilter[] = [{ outcome: 'success' }, { severities: ['info'] }]
    for (const filter of filters) {
      const first = trail.list({ filter, limit: 10 })
      expect(first).toEqual({ records: [], nextBeforeSeq: 503, total: 0 })
      const second = trail.list({ filter, limit: 10, beforeSeq: 503 })
      expect([seqsOf(second.records), second.nextBeforeSeq]).toEqual([[2, 1], null])
    }
  })

  it('answer as a look at every record would, whatever of them is indexed', async () => {
    const opened = await openTrail({ everyRows: 100_000, segmentRows: 512 })
    const { trail, store, clock } = opened
    const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T
    const agents = ['a-1', 'a-2', 'a"3', 'ä 4']
    let n = 0
    const write = (count: number): Promise<void> =>
      store.write((tx) => {
        for (let left = count; left > 0; left -= 1) {
          n += 1
          const outcome = pick(['success', 'success', 'success', 'denied', 'success', 'failed'] as const, n)
          const code = pick(['SEC_001', 'POLICY_001', 'MCP_001'] as const, n)
          clock.advance(n % 3)
          trail.append(
            tx,
            entry({
              action: pick(['agent.run', 'agent.create', 'tool.call', 'secret.reveal', 'audit.export'], n * 7),
              outcome,
              ...(outcome === 'success' && n % 11 !== 0 ? {} : { code }),
              caller: pick(
                [
                  cli,
                  engineCaller('lifecycle'),
                  engineCaller('audit'),
                  { ...agent, id: pick(agents, n) } as typeof cli,
                ] as const,
                n * 3,
              ),
              details: n % 2 === 0 ? { agentId: pick(agents, n >> 1) } : { about: pick(agents, n), agentId: n },
              correlationId: correlation(n % 40),
            }),
          )
        }
      })
    await write(2_300)
    await trail.checkpoint()
    await expect.poll(() => agentsIndexedTo(store)).toBe(2_048)
    await write(90)
    const everything: AuditRecord[] = []
    for (let beforeSeq: number | undefined; ; ) {
      const page = trail.list({ filter: {}, limit: 500, beforeSeq })
      everything.push(...page.records)
      if (page.nextBeforeSeq === null) break
      beforeSeq = page.nextBeforeSeq
    }
    expect(everything).toHaveLength(2_390)
    const about = (record: AuditRecord): unknown =>
      record.actor.kind === 'agent' ? record.actor.id : record.details['agentId']
    const fits = (record: AuditRecord, filter: AuditFilter): boolean =>
      (filter.outcome ?? record.outcome) === record.outcome &&
      (filter.actorKind ?? record.actor.kind) === record.actor.kind &&
      (filter.actorId ?? record.actor.id) === record.actor.id &&
      (filter.agentId === undefined || about(record) === filter.agentId) &&
      (filter.severities === undefined || filter.severities.includes(record.severity)) &&
      (filter.correlationId ?? record.correlationId) === record.correlationId &&
      (filter.action === undefined ||
        (filter.action.endsWith('.') ? record.action.startsWith(filter.action) : record.action === filter.action))
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 })
    const filters = fc.record({
      outcome: maybe(fc.constantFrom('success', 'denied', 'failed' as const)),
      actorKind: maybe(fc.constantFrom('agent', 'engine', 'cli' as const)),
      actorId: maybe(fc.constantFrom('ada', 'lifecycle', 'a-1')),
      agentId: maybe(fc.constantFrom(...agents, 'nobody')),
      severities: maybe(
        fc.uniqueArray(fc.constantFrom('critical', 'error', 'warning', 'notice', 'info' as const), { minLength: 1 }),
      ),
      action: maybe(fc.constantFrom('agent.', 'agent.create', 'tool.call', 'audit.')),
      correlationId: maybe(fc.constantFrom(correlation(7), correlation(8))),
    })
    fc.assert(
      fc.property(filters, fc.integer({ min: 1, max: 2_500 }), (filter, beforeSeq) => {
        const wanted = everything.filter((record) => fits(record, filter as AuditFilter))
        const page = trail.list({ filter: filter as AuditFilter, limit: 50, beforeSeq })
        expect(seqsOf(page.records)).toEqual(seqsOf(wanted.filter(({ seq }) => seq < beforeSeq)).slice(0, 50))
        expect(page.total).toBe(wanted.length)
        const later = recordsAfter(store, filter as AuditFilter, { afterSeq: beforeSeq, limit: 50 })
        const after = seqsOf(wanted.filter(({ seq }) => seq > beforeSeq)).toReversed()
        expect(seqsOf(later)).toEqual(after.slice(0, 50))
      }),
      { numRuns: 300 },
    )

    // What leaves the database leaves the index with it.
    await trail.archive(300)
    const kept = everything.filter(({ seq }) => seq > 2_048)
    expect(seqsOf(trail.list({ filter: { agentId: 'a-1' }, limit: 500 }).records)).toEqual(
      seqsOf(kept.filter((record) => about(record) === 'a-1')),
    )
    expect(store.get('SELECT count(*) AS n FROM audit_agents')).toEqual({ n: 0 })
  })
})

describe('the live tail', () => {
  it('brings what was committed, in order and once, from where it was asked', async () => {
    const { trail, append } = await openTrail()
    await append(5)
    const got: number[] = []
    const errors: number[] = []
    const stop = trail.tail({}, 3)({ emit: (items) => got.push(...seqsOf(items)), end: () => got.push(-1) })
    const stopErrors = trail.tail({ outcome: 'failed' })({
      emit: (items) => errors.push(...seqsOf(items)),
      end: () => undefined,
    })
    await append(500, (n) => (n === 77 ? { outcome: 'failed' } : {}))
    await expect.poll(() => got.length).toBe(502)
    expect(got).toEqual(Array.from({ length: 502 }, (_, n) => n + 4))
    expect(errors).toEqual([77])
    stop()
    stopErrors()
    await append(3)
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(got).toHaveLength(502)
  })
})
