import type { ApprovalId, ApprovalStatus, ErrorCode, Json } from '@contract'
import type { Audit } from '../audit'
import { type Clock, type Redactor, RuntimeError, stableStringify } from '../core'
import type { Sql, Store, Tx } from '../store'
import { masked } from './masked'
import type { ApprovalRow } from './rows'
import type { Act, HoldRequest } from './types'

/** The rows of the queue: each is written once, decided once, and never says another thing than what was shown. */
export interface Ledger {
  /** @throws APPROVAL_003 */
  row(sql: Sql, id: ApprovalId): ApprovalRow
  list(status: 'pending' | 'history', limit: number): { rows: ApprovalRow[]; total: number }
  pendingCount(sql?: Sql): number
  /** How many acts of the same caller, for an agent of the same run, wait. */
  waitingLike(sql: Sql, of: ApprovalRow): number
  /** What the same person asked for before a restart, still waiting or approved and not used. */
  earlier(sql: Sql, request: HoldRequest): ApprovalRow[]
  /** @throws RESOURCE_001 when too many wait already */
  add(tx: Tx, id: ApprovalId, request: HoldRequest): void
  /** Compare-and-set from `pending`: true for the one who closes it. */
  close(tx: Tx, id: ApprovalId, end: RowEnd): boolean
  defer(tx: Tx, id: ApprovalId): void
  claim(tx: Tx, id: ApprovalId): void
  granted(tx: Tx, id: ApprovalId, given: Pick<ApprovalRow, 'scope' | 'minutes' | 'grant_id'>): void
  settle(tx: Tx, id: ApprovalId, result: { outcome: string; code: ErrorCode | null }): void
  /** After a start: of what was approved and under way nobody knows what came of it. */
  forgetUnderway(tx: Tx): void
  prune(tx: Tx): void
}

export interface RowEnd {
  readonly status: Exclude<ApprovalStatus, 'pending'>
  readonly by: { readonly kind: string; readonly id: string }
  readonly reason: string | null
  /** Somebody waits and will do it now. */
  readonly claimed: boolean
}

export interface LedgerPorts {
  readonly store: Store
  readonly audit: Pick<Audit, 'list'>
  readonly clock: Clock
  readonly redactor: Redactor
  readonly timeoutMs: number
}

const MAX_PENDING = 1000
const MAX_PENDING_EACH = 64
const KEPT_CLOSED = 10_000
const RECENT = 10
/** How long a person who was told yes after a restart has to ask again. */
const TICKET_MS = 15 * 60_000

const countOf = (sql: Sql, where: string, params: Readonly<Record<string, string | null>> = {}): number =>
  sql.get<{ n: number }>(`SELECT count(*) AS n FROM approvals WHERE ${where}`, params)?.n ?? 0

export const createLedger = (ports: LedgerPorts): Ledger => {
  const { store, audit, clock, redactor, timeoutMs } = ports

  const pendingCount = (sql: Sql = store): number => countOf(sql, `status = 'pending'`)

  const nextPosition = (sql: Sql): number =>
    (sql.get<{ n: number | null }>('SELECT max(position) AS n FROM approvals')?.n ?? 0) + 1

  const recentOf = (act: Act): Json =>
    audit
      .list({ filter: { correlationId: act.correlationId }, limit: RECENT })
      .records.toReversed()
      .map(({ seq, atMs, action, resource, outcome, code }) => ({ seq, atMs, action, resource, outcome, code }))

  const requireRoom = (sql: Sql, { caller }: Act): void => {
    const each = countOf(sql, `status = 'pending' AND caller_kind = :kind AND caller_id = :id`, {
      kind: caller.kind,
      id: caller.id,
    })
    if (each >= MAX_PENDING_EACH || pendingCount(sql) >= MAX_PENDING)
      throw new RuntimeError('RESOURCE_001', 'Too many requests wait for a person already.', {
        nextStep: 'Decide on those that wait, then ask again.',
      })
  }

  return {
    pendingCount,

    row(sql, id) {
      const found = sql.get<ApprovalRow>('SELECT * FROM approvals WHERE id = :id', { id })
      if (found === undefined) throw new RuntimeError('APPROVAL_003', 'There is no such request.', { details: { id } })
      return found
    },

    list(status, limit) {
      const where = status === 'pending' ? `status = 'pending'` : 'decided_at IS NOT NULL'
      const order = status === 'pending' ? 'position' : 'decided_at DESC, id DESC'
      return {
        rows: store.all<ApprovalRow>(`SELECT * FROM approvals WHERE ${where} ORDER BY ${order} LIMIT :limit`, {
          limit,
        }),
        total: countOf(store, where),
      }
    },

    waitingLike: (sql, of) =>
      countOf(sql, `status = 'pending' AND caller_kind = :kind AND caller_id = :id AND execution_id IS :execution`, {
        kind: of.caller_kind,
        id: of.caller_id,
        execution: of.execution_id,
      }),

    earlier(sql, { act, digest }) {
      if (act.caller.kind === 'agent') return []
      return sql.all<ApprovalRow>(
        `SELECT * FROM approvals WHERE digest = :digest AND execution_id IS NULL AND result IS NULL
           AND ((status = 'pending' AND deadline > :now) OR (status = 'approved' AND claimed = 0 AND decided_at > :since))
         ORDER BY id`,
        { digest, now: clock.nowMs(), since: clock.nowMs() - TICKET_MS },
      )
    },

    add(tx, id, { act, digest, rule, why, policySet, redact }) {
      requireRoom(tx, act)
      const { caller } = act
      const now = clock.nowMs()
      tx.run(
        `INSERT INTO approvals (id, status, position, caller_kind, caller_id, caller_name, execution_id, tier, correlation_id,
           action, resource_type, resource, operation, consequence, arguments, arguments_bytes, recent, rule, why, policy_set,
           digest, created_at, deadline)
         VALUES (:id, 'pending', :position, :callerKind, :callerId, :callerName, :executionId, :tier, :correlationId,
           :action, :resourceType, :resource, :operation, :consequence, :shown, :bytes, :recent, :rule, :why, :policySet,
           :digest, :now, :deadline)`,
        {
          id,
          position: nextPosition(tx),
          callerKind: caller.kind,
          callerId: caller.id,
          callerName: caller.kind === 'agent' ? caller.name : caller.id,
          executionId: caller.kind === 'agent' ? caller.executionId : null,
          tier: act.tier,
          correlationId: act.correlationId,
          action: act.action,
          resourceType: act.resourceType,
          resource: redactor.text(act.resource),
          operation: act.operation,
          consequence: act.consequence,
          shown: stableStringify(masked(act.arguments, 'arguments', { redact, redactor })),
          bytes: Buffer.byteLength(stableStringify(act.arguments)),
          recent: stableStringify(recentOf(act)),
          rule,
          why: redactor.text(why),
          policySet,
          digest,
          now,
          deadline: now + timeoutMs,
        },
      )
    },

    close: (tx, id, { status, by, reason, claimed }) =>
      tx.run(
        `UPDATE approvals SET status = :status, decided_at = :now, decided_by_kind = :kind, decided_by_id = :by,
           decision_reason = :reason, claimed = :claimed WHERE id = :id AND status = 'pending'`,
        {
          id,
          status,
          now: clock.nowMs(),
          kind: by.kind,
          by: by.id,
          reason: reason === null ? null : redactor.text(reason),
          claimed: claimed ? 1 : 0,
        },
      ) === 1,

    defer(tx, id) {
      tx.run('UPDATE approvals SET position = :position, deferrals = deferrals + 1 WHERE id = :id', {
        id,
        position: nextPosition(tx),
      })
    },

    claim(tx, id) {
      tx.run('UPDATE approvals SET claimed = 1 WHERE id = :id', { id })
    },

    granted(tx, id, { scope, minutes, grant_id: grantId }) {
      tx.run('UPDATE approvals SET scope = :scope, minutes = :minutes, grant_id = :grantId WHERE id = :id', {
        id,
        scope,
        minutes,
        grantId,
      })
    },

    settle(tx, id, { outcome, code }) {
      tx.run('UPDATE approvals SET result = :outcome, result_code = :code, result_at = :now WHERE id = :id', {
        id,
        outcome,
        code,
        now: clock.nowMs(),
      })
    },

    forgetUnderway(tx) {
      tx.run(
        `UPDATE approvals SET result = 'unknown', result_at = :now
         WHERE status = 'approved' AND claimed = 1 AND result IS NULL`,
        { now: clock.nowMs() },
      )
    },

    prune(tx) {
      tx.run(
        `DELETE FROM approvals WHERE decided_at IS NOT NULL AND id NOT IN
           (SELECT id FROM approvals WHERE decided_at IS NOT NULL ORDER BY decided_at DESC LIMIT ${KEPT_CLOSED})`,
      )
    },
  }
}
