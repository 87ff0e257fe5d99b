import type { AuditOutcome, AuditRecord, CorrelationId, ErrorCode, Json } from '@contract'
import { field, sha256Hex } from './canonical'
import { severityOf } from './severity'

/** A record as it is stored. */
export interface AuditRow {
  seq: number
  at: number
  correlation_id: string
  actor_kind: AuditRecord['actor']['kind']
  actor_id: string
  action: string
  resource: string
  outcome: AuditOutcome
  code: ErrorCode | null
  reason: string
  details: string
  prev_hash: string
  hash: string
  /** Of the encoding that the hash covers: 1 has no boot and no steady clock. */
  version: number
  boot_id: string | null
  mono: number | null
}

/** What a row needs to be hashed: everything but its hash. */
export type UnhashedRow = Omit<AuditRow, 'hash'>

/** A damaged file can hold bytes where a text was; as bytes they would hash the same and mean nothing to a reader. */
const isReadable = (row: UnhashedRow): boolean =>
  typeof row.correlation_id === 'string' &&
  typeof row.actor_kind === 'string' &&
  typeof row.actor_id === 'string' &&
  typeof row.action === 'string' &&
  typeof row.resource === 'string' &&
  typeof row.outcome === 'string' &&
  typeof row.reason === 'string' &&
  typeof row.details === 'string' &&
  typeof row.prev_hash === 'string' &&
  (row.code === null || typeof row.code === 'string') &&
  (row.boot_id === null || typeof row.boot_id === 'string')

/** The hash that the record must have; null when no version of ours writes such a row. The same text as `recordHash`. */
export const hashOf = (row: UnhashedRow): string | null => {
  if (!isReadable(row)) return null
  const fields =
    field(row.seq) +
    field(row.at) +
    field(row.correlation_id) +
    field(row.actor_kind) +
    field(row.actor_id) +
    field(row.action) +
    field(row.resource) +
    field(row.outcome) +
    field(row.code) +
    field(row.reason) +
    field(row.details) +
    field(row.prev_hash)
  if (row.version === 2 && row.boot_id !== null && row.mono !== null)
    return sha256Hex(`symbi-audit-v2${fields}${field(row.boot_id)}${field(row.mono)}`)
  if (row.version === 1 && row.boot_id === null && row.mono === null) return sha256Hex(`symbi-audit-v1${fields}`)
  return null
}

/** A record that was tampered with must still be shown: nobody hides one by making it unreadable. */
const detailsOf = (text: string): Record<string, Json> => {
  try {
    return JSON.parse(text) as Record<string, Json>
  } catch {
    return { unreadable: text }
  }
}

export const toRecord = (row: AuditRow): AuditRecord => ({
  seq: row.seq,
  atMs: row.at,
  correlationId: row.correlation_id as CorrelationId,
  actor: { kind: row.actor_kind, id: row.actor_id },
  action: row.action,
  resource: row.resource,
  outcome: row.outcome,
  severity: severityOf(row),
  code: row.code,
  reason: row.reason,
  details: detailsOf(row.details),
  boot: row.boot_id === null || row.mono === null ? null : { id: row.boot_id, monotonicMs: row.mono },
  prevHash: row.prev_hash,
  hash: row.hash,
})
