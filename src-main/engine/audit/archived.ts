import type { AuditSegment } from '@contract'
import type { Sql } from '../store'
import { canonical } from './canonical'
import type { KeyHistory } from './key-history'
import { createFrontier, type Frontier } from './merkle'
import { GENESIS_HASH } from './record-hash'
import { isSignedBy } from './signing'

/** A run of records whose Merkle root was signed, so that they may leave the database without leaving the proof. */
export interface SegmentRow {
  readonly number: number
  readonly log: string
  readonly first_seq: number
  readonly last_seq: number
  readonly root: string
  readonly prev_hash: string
  readonly last_hash: string
  readonly sealed_at: number
  readonly key_id: string
  readonly signature: string
  readonly archive_file: string | null
  readonly archive_bytes: number | null
  readonly archived_at: number | null
}

export const segmentText = (
  row: Omit<SegmentRow, 'signature' | 'archive_file' | 'archive_bytes' | 'archived_at'>,
): string =>
  canonical('symbi-audit-segment-v1', [
    row.number,
    row.log,
    row.first_seq,
    row.last_seq,
    row.root,
    row.prev_hash,
    row.last_hash,
    row.sealed_at,
    row.key_id,
  ])

export const readSegments = (sql: Sql): SegmentRow[] =>
  sql.all<SegmentRow>('SELECT * FROM audit_segments ORDER BY number')

export const toSegment = (row: SegmentRow): AuditSegment => ({
  number: row.number,
  firstSeq: row.first_seq,
  lastSeq: row.last_seq,
  root: row.root,
  sealedAtMs: row.sealed_at,
  archive:
    row.archived_at === null || row.archive_file === null
      ? null
      : { file: row.archive_file, bytes: row.archive_bytes ?? 0, archivedAtMs: row.archived_at },
})

/** Where a walk over the records in the database begins. */
export interface Start {
  /** Records that are archived: 1 to this one. */
  readonly archived: number
  /** The hash of the last of them. */
  readonly prevHash: string
  readonly frontier: Frontier
  /** Something is wrong with a seal. */
  readonly fault: { readonly firstBadSeq: number; readonly lastBadSeq: number; readonly problem: string } | null
}

const problemOf = (row: SegmentRow, before: { last: number; hash: string }, keys: KeyHistory): string | null => {
  const name = `The seal of records ${row.first_seq} to ${row.last_seq}`
  if (row.first_seq !== before.last + 1 || row.prev_hash !== before.hash)
    return `${name} does not follow the one before it.`
  const level = Math.log2(row.last_seq - row.first_seq + 1)
  if (!Number.isInteger(level) || before.last % 2 ** level !== 0) return `${name} covers no whole part of the tree.`
  const publicKey = keys.publicKeys.get(row.key_id)
  if (publicKey === undefined || !isSignedBy(publicKey, segmentText(row), row.signature))
    return `${name} is not signed.`
  return null
}

/** What is archived is vouched for by its seals; the tree goes on from their roots. */
export const startAfterArchives = (sql: Sql, keys: KeyHistory): Start => {
  const frontier = createFrontier()
  let before = { last: 0, hash: GENESIS_HASH }
  for (const row of readSegments(sql)) {
    const problem = problemOf(row, before, keys)
    if (problem !== null)
      return {
        archived: frontier.size(),
        prevHash: before.hash,
        frontier,
        fault: { firstBadSeq: before.last + 1, lastBadSeq: row.last_seq, problem },
      }
    if (row.archived_at === null) break
    frontier.appendSubtree(Math.log2(row.last_seq - row.first_seq + 1), Buffer.from(row.root, 'hex'))
    before = { last: row.last_seq, hash: row.last_hash }
  }
  return { archived: frontier.size(), prevHash: before.hash, frontier, fault: null }
}
