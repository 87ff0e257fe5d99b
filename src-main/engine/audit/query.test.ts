import type { AuditFilter, AuditRecord } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../testing/any-text'
import { type cli, correlation, entry, openTrail } from './fixtures/open-trail'
import { SEVERITY_SQL } from './severity'

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

  it('use the indexes that were made for them', async () => {
    const { store } = await openTrail()
    const plan = (where: string): string =>
      store
        .all<{ detail: string }>(`EXPLAIN QUERY PLAN SELECT * FROM audit WHERE ${where} ORDER BY seq DESC LIMIT 5`)
        .map(({ detail }) => detail)
        .join(' ')
    expect(plan(`${SEVERITY_SQL} = 'critical'`)).toContain('audit_by_severity')
    expect(
      plan(
        `CASE WHEN actor_kind = 'agent' THEN actor_id WHEN json_valid(details) THEN json_extract(details, '$.agentId') END = 'x'`,
      ),
    ).toContain('audit_by_agent')
    expect(plan(`correlation_id = 'x'`)).toContain('audit_by_correlation')
    expect(plan(`actor_id = 'x'`)).toContain('audit_by_actor')
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
