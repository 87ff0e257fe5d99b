import type { ApprovalGrant, GrantId } from '@contract'
import { type Clock, type NewId, RuntimeError } from '../core'
import type { Sql, Store, Tx } from '../store'
import { type ApprovalRow, type GrantRow, toGrant } from './rows'
import type { Act, Decider, StandingGrant } from './types'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const KEPT_ENDED_MS = 30 * DAY_MS

/** Decisions that go on answering. */
export interface Grants {
  /** The grant that answers for this act right now, or null. Ask only after the policy. */
  find(act: Act, digest: string): StandingGrant | null
  /** Write a grant that comes of an approval. */
  add(tx: Tx, approval: ApprovalRow, given: { scope: GrantRow['scope']; minutes: number | null; by: Decider }): GrantId
  used(tx: Tx, id: GrantId): void
  /** Active ones first, newest first. */
  list(options: { includeEnded: boolean }): ApprovalGrant[]
  get(sql: Sql, id: GrantId): ApprovalGrant
  /** @throws APPROVAL_003 when there is none or it has ended already */
  revoke(tx: Tx, id: GrantId): void
  /** Forget those that ended long ago. */
  prune(tx: Tx): void
}

/** A grant for a run lives as long as the run; a run lasts a day at most. */
const ACTIVE = `revoked_at IS NULL AND expires_at > :now AND (scope <> 'run' OR EXISTS (
  SELECT 1 FROM executions WHERE executions.id = approval_grants.execution_id AND executions.ended_at IS NULL))`

export const createGrants = (ports: { store: Store; clock: Clock; newId: NewId }): Grants => {
  const { store, clock, newId } = ports

  const viewOf = (row: GrantRow & { active: number }): ApprovalGrant => toGrant(row, row.active === 1)

  const get = (sql: Sql, id: GrantId): ApprovalGrant => {
    const row = sql.get<GrantRow & { active: number }>(
      `SELECT *, (${ACTIVE}) AS active FROM approval_grants WHERE id = :id`,
      { id, now: clock.nowMs() },
    )
    if (row === undefined) throw new RuntimeError('APPROVAL_003', 'There is no such grant.')
    return viewOf(row)
  }

  return {
    get,

    find(act, digest) {
      const { caller } = act
      const row = store.get<{ id: GrantId; scope: string }>(
        `SELECT id, scope FROM approval_grants
         WHERE caller_id = :callerId AND action = :action AND caller_kind = :callerKind AND tier IS :tier AND ${ACTIVE}
           AND (
             (scope = 'arguments' AND digest = :digest)
             OR (
               :consequence <> 'destroy' AND resource_type = :resourceType AND resource = :resource
               AND (scope = 'minutes' OR (scope = 'run' AND execution_id = :executionId))
             )
           )
         ORDER BY scope, id LIMIT 1`,
        {
          callerId: caller.id,
          callerKind: caller.kind,
          tier: act.tier,
          action: act.action,
          digest,
          consequence: act.consequence,
          resourceType: act.resourceType,
          resource: act.resource,
          executionId: caller.kind === 'agent' ? caller.executionId : null,
          now: clock.nowMs(),
        },
      )
      return row ?? null
    },

    add(tx, approval, { scope, minutes, by }) {
      const id = newId<GrantId>()
      const now = clock.nowMs()
      tx.run(
        `INSERT INTO approval_grants (id, scope, caller_kind, caller_id, caller_name, execution_id, tier, action,
           resource_type, resource, consequence, digest, approval_id, granted_by_kind, granted_by_id, created_at, expires_at)
         VALUES (:id, :scope, :caller_kind, :caller_id, :caller_name, :execution_id, :tier, :action, :resource_type, :resource,
           :consequence, :digest, :approvalId, :byKind, :byId, :now, :expires)`,
        {
          id,
          scope,
          caller_kind: approval.caller_kind,
          caller_id: approval.caller_id,
          caller_name: approval.caller_name,
          execution_id: scope === 'run' ? approval.execution_id : null,
          tier: approval.tier,
          action: approval.action,
          resource_type: approval.resource_type,
          resource: approval.resource,
          consequence: approval.consequence,
          digest: scope === 'arguments' ? approval.digest : null,
          approvalId: approval.id,
          byKind: by.kind,
          byId: by.id,
          now,
          expires: now + (scope === 'run' || minutes === null ? DAY_MS : minutes * MINUTE_MS),
        },
      )
      return id
    },

    used(tx, id) {
      tx.run('UPDATE approval_grants SET uses = uses + 1, last_used_at = :now WHERE id = :id', {
        id,
        now: clock.nowMs(),
      })
    },

    list: ({ includeEnded }) =>
      store
        .all<GrantRow & { active: number }>(
          `SELECT *, (${ACTIVE}) AS active FROM approval_grants WHERE :all OR (${ACTIVE})
           ORDER BY active DESC, id DESC LIMIT 1000`,
          { now: clock.nowMs(), all: includeEnded ? 1 : 0 },
        )
        .map(viewOf),

    revoke(tx, id) {
      if (!get(tx, id).active) throw new RuntimeError('APPROVAL_003', 'This grant has ended already.')
      tx.run('UPDATE approval_grants SET revoked_at = :now WHERE id = :id', { id, now: clock.nowMs() })
    },

    prune(tx) {
      const before = clock.nowMs() - KEPT_ENDED_MS
      tx.run('DELETE FROM approval_grants WHERE expires_at < :before OR revoked_at < :before', { before })
    },
  }
}
