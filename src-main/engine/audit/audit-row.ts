import type { AuditOutcome, AuditRecord, ErrorCode } from '@contract'
import { recordHash } from './record-hash'

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
}

/** The hash that the record must have. */
export const hashOf = (row: AuditRow): string =>
  recordHash({
    seq: row.seq,
    atMs: row.at,
    correlationId: row.correlation_id,
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    action: row.action,
    resource: row.resource,
    outcome: row.outcome,
    code: row.code,
    reason: row.reason,
    detailsText: row.details,
    prevHash: row.prev_hash,
  })
