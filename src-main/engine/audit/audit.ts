import type { AuditOutcome, AuditVerification, CorrelationId, ErrorCode, Json } from '@contract'
import { asRuntimeError, type Caller, type Clock, type Events, type Redactor, randomId, stableStringify } from '../core'
import type { Store, Tx } from '../store'
import { hashOf, type UnhashedRow } from './audit-row'
import { type AuditQuery, type AuditQueryPage, listRecords } from './query'
import { GENESIS_HASH } from './record-hash'
import { type VerifyOptions, verifyTrail } from './verify-trail'

export interface AuditEntry {
  readonly correlationId: CorrelationId
  readonly caller: Caller
  /** `area.verb` */
  readonly action: string
  readonly resource: string
  readonly outcome: AuditOutcome
  readonly code?: ErrorCode | undefined
  readonly reason: string
  readonly details?: Readonly<Record<string, Json>> | undefined
}

/** A record that is on the disk. */
export interface CommittedRecord {
  readonly seq: number
  readonly hash: string
}

/** The log itself: written in the transaction of the change it tells of, and read. */
export interface Audit {
  /**
   * Append within the caller's transaction: the record and the change it tells of commit together or not at all.
   * @throws AUDIT_001, which rolls the change back
   */
  append(tx: Tx, entry: AuditEntry): number
  /** Newest first. */
  list(query: AuditQuery): AuditQueryPage
  /** Walk the whole trail in slices, so that nothing else waits for it. Aborting rejects. */
  verify(options?: VerifyOptions): Promise<AuditVerification>
  headSeq(): number
  countSince(outcome: AuditOutcome, sinceMs: number): number
  /** Hear of each record once it is on the disk, in order; returns how to stop. */
  onCommitted(listener: (record: CommittedRecord) => void): () => void
}

export interface AuditPorts {
  readonly store: Store
  readonly clock: Clock
  readonly events: Events
  readonly redactor: Redactor
  /** Tells this start of the engine from others; random by default. */
  readonly bootId?: string
}

/** The append-only, hash-chained log of everything that was asked, decided and done. */
export const createAudit = (ports: AuditPorts): Audit => {
  const { store, clock, events, redactor } = ports
  const bootId = ports.bootId ?? randomId()
  const listeners = new Set<(record: CommittedRecord) => void>()

  return {
    append(tx, entry) {
      try {
        // Read in the transaction, so a rolled back savepoint takes its head with it; the page is always in the cache.
        const head = tx.get<CommittedRecord>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')
        const row: UnhashedRow = {
          seq: (head?.seq ?? 0) + 1,
          at: clock.nowMs(),
          correlation_id: entry.correlationId,
          actor_kind: entry.caller.kind,
          actor_id: entry.caller.id,
          action: entry.action,
          resource: redactor.text(entry.resource),
          outcome: entry.outcome,
          code: entry.code ?? null,
          reason: redactor.text(entry.reason),
          details: stableStringify(redactor.value(entry.details ?? {}) as Json),
          prev_hash: head?.hash ?? GENESIS_HASH,
          version: 2,
          boot_id: bootId,
          mono: Math.round(clock.monotonicMs()),
        }
        const hash = hashOf(row)
        tx.run(
          `INSERT INTO audit (seq, at, correlation_id, actor_kind, actor_id, action, resource, outcome, code, reason, details,
                              prev_hash, hash, version, boot_id, mono)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [
            row.seq,
            row.at,
            row.correlation_id,
            row.actor_kind,
            row.actor_id,
            row.action,
            row.resource,
            row.outcome,
            row.code,
            row.reason,
            row.details,
            row.prev_hash,
            hash,
            row.version,
            row.boot_id,
            row.mono,
          ],
        )
        const { seq } = row
        tx.onCommit(() => {
          for (const listener of listeners) listener({ seq, hash: hash ?? '' })
          events.publish('audit.appended', { seq })
        })
        return seq
      } catch (error) {
        throw asRuntimeError(error, 'AUDIT_001', 'The audit record could not be written')
      }
    },

    list: (query) => listRecords(store, query),

    verify: (options) => verifyTrail({ sql: store, clock, ...options }),

    headSeq: () => store.get<{ seq: number }>('SELECT seq FROM audit ORDER BY seq DESC LIMIT 1')?.seq ?? 0,
    countSince: (outcome, sinceMs) =>
      store.get<{ n: number }>('SELECT count(*) AS n FROM audit WHERE +outcome = :outcome AND at >= :sinceMs', {
        outcome,
        sinceMs,
      })?.n ?? 0,
    onCommitted(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
