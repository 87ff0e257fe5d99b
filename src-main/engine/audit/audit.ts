import type {
  AuditFilter,
  AuditOutcome,
  AuditRecord,
  AuditVerification,
  CorrelationId,
  ErrorCode,
  Json,
} from '@contract'
import { asRuntimeError, type Caller, type Clock, type Events, type Redactor, stableStringify } from '../core'
import type { SqlParams, Store, Tx } from '../store'
import { type AuditRow, hashOf } from './audit-row'
import { GENESIS_HASH } from './record-hash'
import { verifyChain } from './verify-chain'

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

export interface Audit {
  /**
   * Append within the caller's transaction: the record and the change it tells of commit together or not at all.
   * @throws AUDIT_001, which rolls the change back
   */
  append(tx: Tx, entry: AuditEntry): number
  /** Newest first. */
  list(query: { filter: AuditFilter; beforeSeq?: number | undefined; limit: number }): {
    records: AuditRecord[]
    nextBeforeSeq: number | null
    total: number
  }
  /** Walk the whole chain in slices, so that nothing else waits for it. */
  verify(signal?: AbortSignal): Promise<AuditVerification>
  headSeq(): number
  countSince(outcome: AuditOutcome, sinceMs: number): number
}

/** A record that was tampered with must still be shown: nobody hides one by making it unreadable. */
const detailsOf = (text: string): Record<string, Json> => {
  try {
    return JSON.parse(text) as Record<string, Json>
  } catch {
    return { unreadable: text }
  }
}

const toRecord = (row: AuditRow): AuditRecord => ({
  seq: row.seq,
  atMs: row.at,
  correlationId: row.correlation_id as CorrelationId,
  actor: { kind: row.actor_kind, id: row.actor_id },
  action: row.action,
  resource: row.resource,
  outcome: row.outcome,
  code: row.code,
  reason: row.reason,
  details: detailsOf(row.details),
  prevHash: row.prev_hash,
  hash: row.hash,
})

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, (character) => `\\${character}`)

const whereOf = (filter: AuditFilter): { where: string; params: SqlParams } => {
  const parts: string[] = []
  const params: Record<string, string> = {}
  if (filter.correlationId !== undefined) {
    parts.push('correlation_id = :correlationId')
    params['correlationId'] = filter.correlationId
  }
  if (filter.outcome !== undefined) {
    parts.push('outcome = :outcome')
    params['outcome'] = filter.outcome
  }
  if (filter.text !== undefined && filter.text !== '') {
    parts.push(
      `(action LIKE :text ESCAPE '\\' OR resource LIKE :text ESCAPE '\\' OR actor_id LIKE :text ESCAPE '\\' OR reason LIKE :text ESCAPE '\\')`,
    )
    params['text'] = `%${escapeLike(filter.text)}%`
  }
  return { where: parts.length === 0 ? '1' : parts.join(' AND '), params }
}

/** The append-only, hash-chained log of everything that was asked, decided and done. */
export const createAudit = (ports: { store: Store; clock: Clock; events: Events; redactor: Redactor }): Audit => {
  const { store, clock, events, redactor } = ports

  return {
    append(tx, entry) {
      try {
        const head = tx.get<{ seq: number; hash: string }>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')
        const row: AuditRow = {
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
          hash: '',
        }
        row.hash = hashOf(row)
        tx.run(
          `INSERT INTO audit (seq, at, correlation_id, actor_kind, actor_id, action, resource, outcome, code, reason, details, prev_hash, hash)
           VALUES (:seq, :at, :correlation_id, :actor_kind, :actor_id, :action, :resource, :outcome, :code, :reason, :details, :prev_hash, :hash)`,
          { ...row },
        )
        tx.onCommit(() => events.publish('audit.appended', { seq: row.seq }))
        return row.seq
      } catch (error) {
        throw asRuntimeError(error, 'AUDIT_001', 'The audit record could not be written')
      }
    },

    list({ filter, beforeSeq, limit }) {
      const { where, params } = whereOf(filter)
      const rows = store.all<AuditRow>(
        `SELECT * FROM audit WHERE ${where} AND seq < :beforeSeq ORDER BY seq DESC LIMIT :limit`,
        { ...params, beforeSeq: beforeSeq ?? Number.MAX_SAFE_INTEGER, limit: limit + 1 },
      )
      const page = rows.slice(0, limit)
      const total = store.get<{ n: number }>(`SELECT count(*) AS n FROM audit WHERE ${where}`, params)?.n ?? 0
      return {
        records: page.map(toRecord),
        nextBeforeSeq: rows.length > limit ? (page.at(-1)?.seq ?? null) : null,
        total,
      }
    },

    verify: (signal) => verifyChain(store, clock, signal),

    headSeq: () => store.get<{ seq: number }>('SELECT seq FROM audit ORDER BY seq DESC LIMIT 1')?.seq ?? 0,
    countSince: (outcome, sinceMs) =>
      store.get<{ n: number }>('SELECT count(*) AS n FROM audit WHERE outcome = :outcome AND at >= :sinceMs', {
        outcome,
        sinceMs,
      })?.n ?? 0,
  }
}
