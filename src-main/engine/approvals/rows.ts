import type {
  ApprovalDetail,
  ApprovalGrant,
  ApprovalId,
  ApprovalRequester,
  ApprovalScope,
  ApprovalStatus,
  ApprovalSummary,
  Consequence,
  CorrelationId,
  ErrorCode,
  ExecutionId,
  GrantId,
  Json,
  SecurityTier,
} from '@contract'

interface CallerColumns {
  caller_kind: 'agent' | 'operator' | 'cli'
  caller_id: string
  caller_name: string
  execution_id: ExecutionId | null
  tier: SecurityTier | null
}

export interface ApprovalRow extends CallerColumns {
  id: ApprovalId
  status: ApprovalStatus
  position: number
  deferrals: number
  correlation_id: CorrelationId
  action: string
  resource_type: string
  resource: string
  operation: string
  consequence: Consequence
  arguments: string
  arguments_bytes: number
  recent: string
  rule: string | null
  why: string
  policy_set: string
  digest: string
  created_at: number
  deadline: number
  decided_at: number | null
  decided_by_kind: 'operator' | 'cli' | 'engine' | null
  decided_by_id: string | null
  decision_reason: string | null
  scope: ApprovalScope | null
  minutes: number | null
  grant_id: GrantId | null
  claimed: number
  result: 'success' | 'denied' | 'failed' | 'unknown' | null
  result_code: ErrorCode | null
  result_at: number | null
}

export interface GrantRow extends CallerColumns {
  id: GrantId
  scope: 'run' | 'arguments' | 'minutes'
  action: string
  resource_type: string
  resource: string
  consequence: Consequence
  digest: string | null
  approval_id: ApprovalId
  granted_by_kind: 'operator' | 'cli'
  granted_by_id: string
  created_at: number
  expires_at: number
  revoked_at: number | null
  uses: number
  last_used_at: number | null
}

const whoOf = (row: CallerColumns): ApprovalRequester => ({
  kind: row.caller_kind,
  id: row.caller_id,
  name: row.caller_name,
  executionId: row.execution_id,
  tier: row.tier,
})

/** What destroys is approved act by act: a grant for it covers nothing but the exact act. */
export const scopesFor = (row: Pick<ApprovalRow, 'consequence' | 'execution_id'>): ApprovalScope[] => [
  'once',
  ...(row.consequence !== 'destroy' && row.execution_id !== null ? (['run'] as const) : []),
  'arguments',
  ...(row.consequence === 'destroy' ? [] : (['minutes'] as const)),
]

const decisionOf = (row: ApprovalRow): ApprovalSummary['decision'] =>
  row.decided_at === null || row.decided_by_kind === null || row.decided_by_id === null
    ? null
    : {
        by: { kind: row.decided_by_kind, id: row.decided_by_id },
        atMs: row.decided_at,
        scope: row.scope,
        minutes: row.minutes,
        reason: row.decision_reason,
        grantId: row.grant_id,
      }

export const toSummary = (row: ApprovalRow): ApprovalSummary => ({
  id: row.id,
  status: row.status,
  who: whoOf(row),
  action: row.action,
  resourceType: row.resource_type,
  resource: row.resource,
  operation: row.operation,
  consequence: row.consequence,
  argumentsBytes: row.arguments_bytes,
  rule: row.rule,
  why: row.why,
  digest: row.digest,
  correlationId: row.correlation_id,
  createdAtMs: row.created_at,
  deadlineMs: row.deadline,
  deferrals: row.deferrals,
  scopes: scopesFor(row),
  decision: decisionOf(row),
  result:
    row.result === null || row.result_at === null
      ? null
      : { outcome: row.result, code: row.result_code, atMs: row.result_at },
})

export const toDetail = (
  row: ApprovalRow,
  hiddenCharacters: (value: Json) => ApprovalDetail['hiddenCharacters'],
): ApprovalDetail => {
  const shown = JSON.parse(row.arguments) as Json
  return {
    ...toSummary(row),
    arguments: shown,
    hiddenCharacters: hiddenCharacters({ resource: row.resource, arguments: shown }),
    policySet: row.policy_set,
    recent: JSON.parse(row.recent) as ApprovalDetail['recent'],
  }
}

export const toGrant = (row: GrantRow, active: boolean): ApprovalGrant => ({
  id: row.id,
  scope: row.scope,
  who: whoOf(row),
  action: row.action,
  resourceType: row.resource_type,
  resource: row.resource,
  consequence: row.consequence,
  digest: row.digest,
  approvalId: row.approval_id,
  grantedBy: { kind: row.granted_by_kind, id: row.granted_by_id },
  createdAtMs: row.created_at,
  expiresAtMs: row.expires_at,
  revokedAtMs: row.revoked_at,
  active,
  uses: row.uses,
  lastUsedAtMs: row.last_used_at,
})
