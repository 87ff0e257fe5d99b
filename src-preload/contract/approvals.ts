/** Approvals: acts that a rule holds until a person decides, and the standing grants that come of decisions. */
import { z } from 'zod'
import { SecurityTier } from './agents'
import { ApprovalId, AtMs, CorrelationId, ExecutionId, GrantId, Json, Nothing, Reason, Sha256 } from './common'
import { command, query, topic } from './define'
import { ErrorCodeSchema } from './errors'

/**
 * What an act can lead to, mildest first: looks at names and states, changes something, lets something out,
 * destroys something. Set by the table of actions, never by who asks.
 */
export const CONSEQUENCES = ['metadata', 'change', 'disclose', 'destroy'] as const
export const Consequence = z.enum(CONSEQUENCES)
export type Consequence = z.infer<typeof Consequence>

/** A closed set. `timeout` and `cancelled` deny like `denied` does; only `approved` lets the act happen. */
export const ApprovalStatus = z.enum(['pending', 'approved', 'denied', 'timeout', 'cancelled'])
export type ApprovalStatus = z.infer<typeof ApprovalStatus>

/**
 * How far a yes reaches. `once`: this act. `run`: this action on this resource until the run ends. `arguments`: exactly
 * this act by this agent, again and again, for `minutes` (a day unless told). `minutes`: this action on this resource by
 * this agent, whatever the arguments, for `minutes`.
 */
export const ApprovalScope = z.enum(['once', 'run', 'arguments', 'minutes'])
export type ApprovalScope = z.infer<typeof ApprovalScope>

/** The longest that a grant may stand: thirty days. */
export const MAX_GRANT_MINUTES = 43_200

const Minutes = z.number().int().min(1).max(MAX_GRANT_MINUTES)

/** Who asks, as attested by the transport that carried the request: never what the request says of itself. */
export const ApprovalRequester = z.strictObject({
  kind: z.enum(['agent', 'operator', 'cli']),
  /** Id of the agent, or name of the person's account. */
  id: z.string(),
  /** Name of the agent; of a person the same as `id`. */
  name: z.string(),
  /** The run that asks; null for a person. */
  executionId: ExecutionId.nullable(),
  /** The walls around the agent; null for a person. */
  tier: SecurityTier.nullable(),
})
export type ApprovalRequester = z.infer<typeof ApprovalRequester>

export const ApprovalDecider = z.strictObject({ kind: z.enum(['operator', 'cli', 'engine']), id: z.string() })

export const ApprovalSummary = z.strictObject({
  id: ApprovalId,
  status: ApprovalStatus,
  who: ApprovalRequester,
  /** `area.verb`, as it stands in the audit trail. */
  action: z.string(),
  resourceType: z.string(),
  /** Path or name of the thing; may hold text that an agent or a tool server wrote. */
  resource: z.string(),
  operation: z.string(),
  consequence: Consequence,
  /** Length of the arguments as text, in bytes. */
  argumentsBytes: z.number().int(),
  /** The rule that holds it; null when the rule cannot be named. */
  rule: z.string().nullable(),
  /** Why a person is asked, in a sentence. */
  why: z.string(),
  /** SHA-256 over the exact act. Send it back with the decision; equal acts have equal digests. */
  digest: Sha256,
  correlationId: CorrelationId,
  createdAtMs: AtMs,
  /** Denied when nobody has decided by then. */
  deadlineMs: AtMs,
  /** How often it was moved to the end of the queue. */
  deferrals: z.number().int(),
  /** The scopes that this act may be approved with. */
  scopes: z.array(ApprovalScope),
  /** Null while it waits. */
  decision: z
    .strictObject({
      by: ApprovalDecider,
      atMs: AtMs,
      scope: ApprovalScope.nullable(),
      minutes: z.number().int().nullable(),
      /** The person's reason, or the cause of a time-out or a cancellation. */
      reason: z.string().nullable(),
      grantId: GrantId.nullable(),
    })
    .nullable(),
  /** What came of the approved act; null before that. `unknown`: the engine ended before it could be recorded. */
  result: z
    .strictObject({
      outcome: z.enum(['success', 'denied', 'failed', 'unknown']),
      code: ErrorCodeSchema.nullable(),
      atMs: AtMs,
    })
    .nullable(),
})
export type ApprovalSummary = z.infer<typeof ApprovalSummary>

export const ApprovalDetail = ApprovalSummary.extend({
  /** The exact arguments with keys in order, secrets masked. Written by the agent: show as quoted text. */
  arguments: Json,
  /** Hidden or misleading characters in the arguments, each with where it stands. */
  hiddenCharacters: z.array(z.strictObject({ pointer: z.string(), codePoint: z.string(), name: z.string() })),
  /** Version of the policy that asked. */
  policySet: z.string(),
  /** The last acts of the same run before this one, oldest first. */
  recent: z.array(
    z.strictObject({
      seq: z.number().int(),
      atMs: AtMs,
      action: z.string(),
      resource: z.string(),
      outcome: z.string(),
      code: z.string().nullable(),
    }),
  ),
})
export type ApprovalDetail = z.infer<typeof ApprovalDetail>

export const ApprovalDecision = z
  .discriminatedUnion('decision', [
    z.strictObject({
      decision: z.literal('approve'),
      id: ApprovalId,
      /** The digest that was on the screen; refused with APPROVAL_004 when it is another one. */
      digest: Sha256,
      scope: ApprovalScope.default('once'),
      /** With scope `minutes` needed, with `arguments` allowed. */
      minutes: Minutes.exactOptional(),
      reason: Reason.exactOptional(),
    }),
    z.strictObject({ decision: z.literal('deny'), id: ApprovalId, digest: Sha256, reason: Reason }),
    /** To the end of the queue; the deadline stays. */
    z.strictObject({ decision: z.literal('defer'), id: ApprovalId, digest: Sha256 }),
  ])
  .refine((given) => given.decision !== 'approve' || given.scope !== 'minutes' || given.minutes !== undefined, {
    path: ['minutes'],
    message: 'Say for how many minutes.',
  })
export type ApprovalDecision = z.infer<typeof ApprovalDecision>

export const ApprovalBulkDecision = z.strictObject({
  /** All with the same digest and of consequence `metadata`; else APPROVAL_006 and nothing is decided. */
  ids: z.array(ApprovalId).min(1).max(100),
  digest: Sha256,
  decision: z.enum(['approve', 'deny']),
  reason: Reason.optional(),
})
export type ApprovalBulkDecision = z.infer<typeof ApprovalBulkDecision>

/** A decision that goes on answering: until it expires, is revoked, or its run ends. A Deny of the policy wins over it. */
export const ApprovalGrant = z.strictObject({
  id: GrantId,
  scope: z.enum(['run', 'arguments', 'minutes']),
  who: ApprovalRequester,
  action: z.string(),
  resourceType: z.string(),
  resource: z.string(),
  consequence: Consequence,
  /** With scope `arguments` the exact act; else null. */
  digest: Sha256.nullable(),
  /** The approval that it came of. */
  approvalId: ApprovalId,
  grantedBy: ApprovalDecider,
  createdAtMs: AtMs,
  expiresAtMs: AtMs,
  revokedAtMs: AtMs.nullable(),
  /** False once expired, revoked, or when its run has ended. */
  active: z.boolean(),
  uses: z.number().int(),
  lastUsedAtMs: AtMs.nullable(),
})
export type ApprovalGrant = z.infer<typeof ApprovalGrant>

/** A rule that would have answered the last equal questions by itself. */
export const ApprovalAdvice = z.strictObject({
  agentName: z.string(),
  action: z.string(),
  resourceType: z.string(),
  /** The pattern that the rule would name. */
  resourcePattern: z.string(),
  consequence: Consequence,
  /** How all of them were decided. */
  decided: z.enum(['approved', 'denied']),
  /** How many prompts, all answered the same way in a row. */
  prompts: z.number().int(),
  lastAtMs: AtMs,
  /** Text of one rule, ready to stand in the list `policies:` of the policy file. */
  ruleText: z.string(),
})
export type ApprovalAdvice = z.infer<typeof ApprovalAdvice>

export const approvalCalls = {
  /** pending: in the order of the queue. history: newest decision first. */
  'approvals.list': query(
    'approvals.read',
    z.strictObject({ status: z.enum(['pending', 'history']), limit: z.number().int().min(1).max(500) }),
    z.strictObject({
      approvals: z.array(ApprovalSummary),
      /** All of this status, shown or not. */
      total: z.number().int(),
      /** The engine's clock, for the countdown. */
      nowMs: AtMs,
    }),
  ),
  'approvals.get': query('approvals.read', z.strictObject({ id: ApprovalId }), ApprovalDetail),
  'approvals.decide': command('approvals.decide', ApprovalDecision, ApprovalDetail),
  'approvals.decideMany': command('approvals.decide', ApprovalBulkDecision, z.array(ApprovalSummary)),
  'approvals.grants': query(
    'approvals.read',
    z.strictObject({ includeEnded: z.boolean().default(false) }),
    z.array(ApprovalGrant),
  ),
  'approvals.revoke': command(
    'approvals.decide',
    z.strictObject({ id: GrantId, reason: Reason.optional() }),
    ApprovalGrant,
  ),
  'approvals.advice': query('approvals.read', Nothing, z.array(ApprovalAdvice)),
} as const

export const approvalTopics = {
  /** A request came, was decided or ended, or a grant changed. */
  'approvals.changed': topic(z.strictObject({ pending: z.number().int() })),
  /** A person followed a notice of the system: show this request, or the queue. It decides nothing. */
  'approvals.show': topic(z.strictObject({ id: ApprovalId.nullable() })),
} as const
