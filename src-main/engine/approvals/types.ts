import type {
  ApprovalId,
  ApprovalScope,
  ApprovalStatus,
  Consequence,
  CorrelationId,
  GrantId,
  Json,
  SecurityTier,
} from '@contract'
import type { Caller } from '../core'
import type { Tx } from '../store'

/** One exact act as the gate is about to do it. */
export interface Act {
  readonly caller: Caller
  readonly correlationId: CorrelationId
  readonly tier: SecurityTier | null
  readonly action: string
  readonly resourceType: string
  readonly resource: string
  readonly operation: string
  readonly consequence: Consequence
  /** Exactly what the act is done with. */
  readonly arguments: Json
  /** What belongs to the act and may be shown to nobody, such as a digest of a secret value. */
  readonly sealed: string | null
}

/** What whoever asks wants to happen in the same transaction as the beginning and the end of its waiting. */
export interface WaitHooks {
  /** `waiting` acts of the same caller wait now, this one among them. */
  onHeld(tx: Tx, waiting: number): void
  onReleased(tx: Tx, waiting: number): void
}

export interface HoldRequest {
  readonly act: Act
  readonly digest: string
  readonly rule: string | null
  readonly why: string
  readonly policySet: string
  /** Fields such as `arguments.password` that nobody may see. */
  readonly redact: readonly string[]
  readonly hooks?: WaitHooks | undefined
  /** Aborted when what asks is gone: then the request is called off. */
  readonly signal?: AbortSignal | undefined
}

/** How a hold ended. */
export interface Verdict {
  readonly approvalId: ApprovalId
  readonly status: Exclude<ApprovalStatus, 'pending'>
  readonly reason: string | null
}

/** A person's decision, as the queue takes it. */
export type Decision =
  | {
      readonly decision: 'approve'
      readonly id: ApprovalId
      readonly digest: string
      readonly scope: ApprovalScope
      readonly minutes?: number | undefined
      readonly reason?: string | undefined
    }
  | {
      readonly decision: 'deny'
      readonly id: ApprovalId
      readonly digest: string
      readonly reason?: string | undefined
    }
  | { readonly decision: 'defer'; readonly id: ApprovalId; readonly digest: string }

/** A person, as the transport attests them. Agents and the engine decide nothing. */
export interface Decider {
  readonly kind: 'operator' | 'cli'
  readonly id: string
}

/** A standing grant that answers instead of a person. */
export interface StandingGrant {
  readonly id: GrantId
  readonly scope: string
}
