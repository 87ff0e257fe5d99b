import type {
  ApprovalAdvice,
  ApprovalBulkDecision,
  ApprovalDecision,
  ApprovalDetail,
  ApprovalGrant,
  ApprovalId,
  ApprovalSummary,
  GrantId,
  Json,
} from '@contract'
import type { Asking } from './agents'
import { type ApprovalQueue, adviceFrom, type Decider, type Grants, toDetail, toSummary } from './approvals'
import { type Caller, type Clock, type Events, RuntimeError } from './core'
import { type Gate, LEVEL_OF_TIER } from './gate'
import type { Operation, Policy, ResourceType } from './policy'
import type { Store } from './store'

/** Where a person sees what waits and decides. The gate itself uses the queue, so the desk stands beside both. */
export interface ApprovalDesk {
  list(query: { status: 'pending' | 'history'; limit: number }): {
    approvals: ApprovalSummary[]
    total: number
    nowMs: number
  }
  /** @throws APPROVAL_003 */
  get(id: ApprovalId): ApprovalDetail
  /** @throws SEC_001 for anyone but a person; APPROVAL_003, APPROVAL_004, APPROVAL_006 */
  decide(asking: Asking, decision: ApprovalDecision): Promise<ApprovalDetail>
  /** All or none. @throws as `decide`, and APPROVAL_006 when they are not equal or not of the lowest consequence */
  decideMany(asking: Asking, decision: ApprovalBulkDecision): Promise<ApprovalSummary[]>
  grants(options: { includeEnded: boolean }): ApprovalGrant[]
  /** @throws SEC_001, APPROVAL_003 */
  revoke(asking: Asking, id: GrantId, reason?: string): Promise<ApprovalGrant>
  advice(): ApprovalAdvice[]
  pendingCount(): number
}

/** @throws SEC_001: an agent never decides about itself or others, and neither does the engine */
const personOf = (caller: Caller): Decider => {
  if (caller.kind === 'operator' || caller.kind === 'cli') return { kind: caller.kind, id: caller.id }
  throw new RuntimeError('SEC_001', 'Only a person decides what waits for approval.')
}

export const createApprovalDesk = (ports: {
  gate: Gate
  queue: ApprovalQueue
  grants: Grants
  policy: Pick<Policy, 'decide' | 'view'>
  store: Store
  clock: Clock
  events: Events
  hiddenCharacters: (value: Json) => ApprovalDetail['hiddenCharacters']
}): ApprovalDesk => {
  const { gate, queue, grants, policy, store, clock, events, hiddenCharacters } = ports

  const get = (id: ApprovalId): ApprovalDetail => toDetail(queue.row(store, id), hiddenCharacters)

  return {
    get,
    pendingCount: () => queue.pendingCount(),

    list({ status, limit }) {
      const { rows, total } = queue.list(status, limit)
      return { approvals: rows.map(toSummary), total, nowMs: clock.nowMs() }
    },

    async decide(asking, decision) {
      await gate.commit(
        {
          ...asking,
          action: 'approval.decide',
          resource: decision.id,
          details: { ...(JSON.parse(JSON.stringify(decision)) as Record<string, Json>), approval: decision.id },
          precondition: () => void personOf(asking.caller),
        },
        (tx) => queue.decide(tx, decision, personOf(asking.caller)),
      )
      return get(decision.id)
    },

    async decideMany(asking, { ids, digest, decision, reason }) {
      const each = [...new Set(ids)]
      await gate.commit(
        {
          ...asking,
          action: 'approval.decide',
          resource: `${each.length} equal requests`,
          details: { approvals: each, digest, decision, ...(reason === undefined ? {} : { reason }) },
          precondition: () => void personOf(asking.caller),
        },
        (tx) => {
          const by = personOf(asking.caller)
          for (const id of each) {
            if (queue.row(tx, id).consequence !== 'metadata')
              throw new RuntimeError('APPROVAL_006', 'Only acts that look at names and states are decided together.')
            queue.decide(
              tx,
              decision === 'approve'
                ? { decision, id, digest, scope: 'once', reason }
                : { decision, id, digest, reason },
              by,
            )
          }
        },
      )
      return each.map((id) => toSummary(queue.row(store, id)))
    },

    grants: (options) => grants.list(options),

    async revoke(asking, id, reason) {
      await gate.commit(
        {
          ...asking,
          action: 'approval.revoke',
          resource: id,
          details: { grant: id, ...(reason === undefined ? {} : { reason }) },
          precondition: () => void personOf(asking.caller),
        },
        (tx) => {
          grants.revoke(tx, id)
          tx.onCommit(() => events.publish('approvals.changed', { pending: queue.pendingCount() }))
        },
      )
      return grants.get(store, id)
    },

    advice() {
      const { rules } = policy.view()
      return adviceFrom({
        sql: store,
        priorityOf: (name) => rules.find((rule) => rule.name === name)?.priority ?? 0,
        stillAsks: ({ agentName, tier, resourceType, resource, operation }) =>
          policy.decide({
            principal: 'agent',
            agentName,
            securityLevel: tier === null ? null : LEVEL_OF_TIER[tier],
            resourceType: resourceType as ResourceType,
            resource,
            operation: operation as Operation,
          }).effect === 'RequireApproval',
      })
    },
  }
}
