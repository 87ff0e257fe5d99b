import type { AuditTampering } from '@contract'
import type { Sql } from '../store'
import { type AuditRow, hashOf } from './audit-row'

/** Where a walk came to a record that does not fit. */
export interface Break {
  readonly row: AuditRow
  /** The number that the record should have. */
  readonly expectedSeq: number
  /** The hash of the record before it. */
  readonly prevHash: string
}

export interface Finding {
  readonly tampering: AuditTampering
  readonly firstBadSeq: number
  /** Greater than `firstBadSeq` where the exact record cannot be told. */
  readonly suspectToSeq: number
  readonly problem: string
}

/** How far a record is looked for from where it was written. */
const FARTHEST_SHIFT = 1_000
const SLICE = 1_000

const fitsAt = (row: AuditRow, seq: number): boolean => hashOf({ ...row, seq }) === row.hash

/** The number under which this record was written, when it stands under another now. */
const writtenAt = (row: AuditRow): number | null => {
  for (let shift = 1; shift <= FARTHEST_SHIFT; shift += 1) {
    if (fitsAt(row, row.seq + shift)) return row.seq + shift
    if (fitsAt(row, row.seq - shift)) return row.seq - shift
  }
  return null
}

const rowAt = (sql: Sql, seq: number): AuditRow | undefined =>
  sql.get<AuditRow>('SELECT * FROM audit WHERE seq = :seq', { seq })

/** The first record from `from` on with this hash, or with this hash before it; looked for in slices. */
const findRow = async (
  sql: Sql,
  column: 'hash' | 'prev_hash',
  looked: { readonly hash: string; readonly from: number },
): Promise<AuditRow | null> => {
  const head = sql.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0
  for (let at = looked.from; at <= head; at += SLICE) {
    const found = sql.get<AuditRow>(
      `SELECT * FROM audit WHERE seq BETWEEN :at AND :to AND ${column} = :hash ORDER BY seq LIMIT 1`,
      { at, to: at + SLICE - 1, hash: looked.hash },
    )
    if (found !== undefined) return found
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return null
}

const finding = (tampering: AuditTampering, firstBadSeq: number, problem: string): Finding => ({
  tampering,
  firstBadSeq,
  suspectToSeq: firstBadSeq,
  problem,
})

const edited = (seq: number): Finding => finding('edited', seq, `Record ${seq} was changed after it was written.`)
const inserted = (seq: number): Finding =>
  finding('inserted', seq, `Record ${seq} was slipped in; it was not written there.`)

/** What was done to the first record that does not fit, and which one is the first bad one. */
export const classifyBreak = async (sql: Sql, { row, expectedSeq, prevHash }: Break): Promise<Finding> => {
  if (row.seq < expectedSeq) return finding('inserted', row.seq, `Record ${row.seq} stands before the first one.`)
  if (row.seq > expectedSeq) return finding('deleted', expectedSeq, `Record ${expectedSeq} is missing.`)

  const { seq } = row
  const fitsHere = hashOf(row) === row.hash
  const next = rowAt(sql, seq + 1)

  if (row.prev_hash === prevHash) {
    // A copy in the place of the real one, which was moved up.
    return next !== undefined && next.prev_hash === prevHash && fitsAt(next, seq) ? inserted(seq) : edited(seq)
  }
  if (fitsHere) {
    // It stands where it was written and vouches for another content of the one before it, unless it was rewritten whole:
    // then the one after it vouches for another one. At the end nothing does; a copy names a record that is there.
    if (seq > 1 && next?.prev_hash === row.hash) return edited(seq - 1)
    if (seq === 1 || next !== undefined) return edited(seq)
    return (await findRow(sql, 'hash', { hash: row.prev_hash, from: 0 })) === null ? edited(seq - 1) : inserted(seq)
  }
  const real = await findRow(sql, 'prev_hash', { hash: prevHash, from: seq + 1 })
  if (real !== null && fitsAt(real, seq) && fitsAt(row, real.seq))
    return finding('swapped', seq, `Record ${seq} and record ${real.seq} were swapped.`)
  const written = writtenAt(row)
  if (written !== null && written > seq) {
    return real === null
      ? finding('deleted', seq, `Record ${seq} is missing; those after it were moved down.`)
      : finding('swapped', seq, `Record ${seq} was moved; it was written as record ${written}.`)
  }
  if (written !== null) return inserted(written)
  return real !== null && real.seq === seq + 1 && fitsAt(real, seq) ? inserted(seq) : edited(seq)
}
