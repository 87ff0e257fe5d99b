import type { AuditVerification, CorrelationId } from '@contract'
import BetterSqlite from 'better-sqlite3'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createEvents, createRedactor, engineCaller, systemClock } from '../core'
import { tempStore } from '../testing/temp-store'
import { type Audit, createAudit } from './audit'
import { type AuditRow, hashOf as hashOrNull, type UnhashedRow } from './audit-row'

const RECORDS = 12

const hashOf = (row: UnhashedRow): string => hashOrNull(row) ?? ''

/** A trail, and a connection beside it that respects nothing. */
let audit: Audit
let raw: BetterSqlite.Database

const fill = async (count: number): Promise<void> => {
  const store = tempStore()
  const events = createEvents((error) => expect.fail(String(error)))
  audit = createAudit({ store, clock: systemClock, events, redactor: createRedactor('') })
  await store.write((tx) => {
    for (let n = 1; n <= count; n += 1) {
      audit.append(tx, {
        correlationId: `00000000-0000-7000-8000-00000000${String(n).padStart(4, '0')}` as CorrelationId,
        caller: engineCaller(`part ${n}`),
        action: `act.${n}`,
        resource: `Thing ${n}`,
        outcome: 'success',
        reason: `reason ${n}`,
        details: { n },
      })
    }
  })
  raw = new BetterSqlite(store.path)
  raw.pragma('synchronous = OFF')
  raw.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; CREATE TABLE kept AS SELECT * FROM audit')
  onTestFinished(() => {
    raw.close()
  })
}

const restore = (): void => {
  raw.exec('DELETE FROM audit; INSERT INTO audit SELECT * FROM kept')
}

const rowAt = (seq: number): AuditRow => raw.prepare('SELECT * FROM audit WHERE seq = ?').get(seq) as AuditRow

const insert = (row: AuditRow): void => {
  const columns = Object.keys(row)
  raw.prepare(`INSERT INTO audit (${columns.join()}) VALUES (${columns.map((name) => `:${name}`).join()})`).run(row)
}

/** What verify says of a tampered trail; the trail is whole again afterwards. */
const afterTampering = async (tamper: () => void): Promise<AuditVerification> => {
  tamper()
  const found = await audit.verify()
  restore()
  expect(await audit.verify()).toMatchObject({ ok: true, checked: RECORDS })
  return found
}

describe('A5: verify', () => {
  beforeEach(() => fill(RECORDS))
  const anySeq = fc.integer({ min: 1, max: RECORDS })

  const TEXT_FIELDS = [
    'correlation_id',
    'actor_kind',
    'actor_id',
    'action',
    'resource',
    'outcome',
    'reason',
    'details',
    'prev_hash',
    'hash',
  ] as const

  it('finds every edit of every field, at the record that was edited', async () => {
    const edit = fc.oneof(
      fc.tuple(fc.constantFrom(...TEXT_FIELDS), fc.string({ maxLength: 12 })),
      fc.tuple(fc.constant('code' as const), fc.constantFrom('', '~', 'POLICY_001')),
      fc.tuple(fc.constant('at' as const), fc.integer({ min: 0 })),
    )
    await fc.assert(
      fc.asyncProperty(anySeq, edit, async (seq, [field, value]) => {
        fc.pre(rowAt(seq)[field] !== value)
        const found = await afterTampering(() =>
          raw.prepare(`UPDATE audit SET ${field} = ? WHERE seq = ?`).run(value, seq),
        )
        expect(found).toMatchObject({ ok: false, tampering: 'edited', firstBadSeq: seq, checked: seq - 1 })
        expect(found.problem).toContain(`Record ${seq} `)
      }),
      { numRuns: 120 },
    )
  })

  it.each([...TEXT_FIELDS])('finds a single character changed in %s', async (field) => {
    const found = await afterTampering(() =>
      raw.prepare(`UPDATE audit SET ${field} = ${field} || ' ' WHERE seq = 7`).run(),
    )
    expect(found).toMatchObject({ ok: false, firstBadSeq: 7 })
  })

  it('finds a record that was edited and given a fitting hash', async () => {
    const found = await afterTampering(() => {
      const row = { ...rowAt(5), reason: 'rewritten' }
      raw.prepare('UPDATE audit SET reason = ?, hash = ? WHERE seq = 5').run(row.reason, hashOf(row))
    })
    expect(found).toMatchObject({ ok: false, tampering: 'edited', firstBadSeq: 5 })
  })

  it('finds every removal but that of the newest records, which is the known limit', async () => {
    for (let seq = 1; seq < RECORDS; seq += 1) {
      const found = await afterTampering(() => raw.prepare('DELETE FROM audit WHERE seq = ?').run(seq))
      expect(found).toMatchObject({
        ok: false,
        tampering: 'deleted',
        firstBadSeq: seq,
        problem: `Record ${seq} is missing.`,
      })
    }
    const cut = await afterTampering(() => raw.prepare('DELETE FROM audit WHERE seq = ?').run(RECORDS))
    expect(cut).toMatchObject({ ok: true, checked: RECORDS - 1 })
  })

  it('finds a removal whose gap was closed by renumbering', async () => {
    const found = await afterTampering(() => {
      raw.prepare('DELETE FROM audit WHERE seq = 4').run()
      for (let seq = 5; seq <= RECORDS; seq += 1)
        raw.prepare('UPDATE audit SET seq = ? WHERE seq = ?').run(seq - 1, seq)
    })
    expect(found).toMatchObject({ ok: false, tampering: 'deleted', firstBadSeq: 4 })
  })

  it('finds every swap of two records, at the first of them', async () => {
    await fc.assert(
      fc.asyncProperty(anySeq, anySeq, async (a, b) => {
        fc.pre(a < b)
        const found = await afterTampering(() => {
          const move = raw.prepare('UPDATE audit SET seq = ? WHERE seq = ?')
          move.run(9999, a)
          move.run(a, b)
          move.run(b, 9999)
        })
        expect(found).toMatchObject({ ok: false, tampering: 'swapped', firstBadSeq: a })
      }),
      { numRuns: 40 },
    )
  })

  it.each([
    ['before the first one', 0, 0],
    ['far before the first one', -5, -5],
    ['after the newest one', RECORDS + 1, RECORDS + 1],
    ['far after the newest one', RECORDS + 7, RECORDS + 1],
  ])('finds a record that was slipped in %s', async (_where, seq, firstBadSeq) => {
    const found = await afterTampering(() => {
      const row = { ...rowAt(3), seq }
      insert({ ...row, hash: hashOf(row) })
    })
    expect(found).toMatchObject({ ok: false, firstBadSeq })
  })

  it('finds a record that was slipped in between, with a fitting hash and the rest moved up', async () => {
    const found = await afterTampering(() => {
      const row: AuditRow = { ...rowAt(6), seq: 7, prev_hash: rowAt(6).hash, action: 'forged' }
      for (let seq = RECORDS; seq > 6; seq -= 1) raw.prepare('UPDATE audit SET seq = ? WHERE seq = ?').run(seq + 1, seq)
      insert({ ...row, hash: hashOf(row) })
    })
    expect(found).toMatchObject({ ok: false, tampering: 'inserted', firstBadSeq: 7 })
  })

  it('shows a record whose details were made unreadable', async () => {
    raw.prepare("UPDATE audit SET details = 'not json' WHERE seq = 5").run()
    const { records } = audit.list({ filter: {}, limit: RECORDS })
    expect(records.find(({ seq }) => seq === 5)?.details).toEqual({ unreadable: 'not json' })
    expect(records.find(({ seq }) => seq === 6)?.details).toEqual({ n: 6 })
  })
})

describe('verify on a long trail', () => {
  it.each([250, 251, 500, 501, 599])('finds the edit of record %d, across its slices', async (seq) => {
    await fill(600)
    expect(await audit.verify()).toMatchObject({ ok: true, checked: 600 })
    raw.prepare("UPDATE audit SET reason = 'x' WHERE seq = ?").run(seq)
    expect(await audit.verify()).toMatchObject({ ok: false, firstBadSeq: seq })
  })

  it('can be called off, and an empty trail is whole', async () => {
    await fill(600)
    await expect(audit.verify({ signal: AbortSignal.abort() })).rejects.toThrow()
    await fill(0)
    expect(await audit.verify()).toMatchObject({ ok: true, checked: 0, headHash: null })
  })
})
