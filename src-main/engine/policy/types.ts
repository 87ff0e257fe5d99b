import { POLICY_OPERATIONS, POLICY_RESOURCE_TYPES } from '@contract'
import type { Caller } from '../core'

/** What a request can be about. */
export const RESOURCE_TYPES = POLICY_RESOURCE_TYPES
export type ResourceType = (typeof RESOURCE_TYPES)[number]

export const OPERATIONS = POLICY_OPERATIONS
export type Operation = (typeof OPERATIONS)[number]

export const PRINCIPALS = ['operator', 'cli', 'agent', 'engine'] as const satisfies readonly Caller['kind'][]
export type Principal = (typeof PRINCIPALS)[number]

/** How strong the walls around the asking agent are, weakest first. */
export const SECURITY_LEVELS = ['none', 'standard', 'high', 'maximum'] as const
export type SecurityLevel = (typeof SECURITY_LEVELS)[number]

export const SECURITY_TIERS = ['tier0', 'tier1', 'tier2', 'tier3'] as const

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export const EFFECTS = ['Allow', 'Limit', 'RequireApproval', 'Deny'] as const
/** From the most lenient to the strictest. */
export type Effect = (typeof EFFECTS)[number]

export const AUDIT_LEVELS = ['basic', 'full'] as const
export type AuditLevel = (typeof AUDIT_LEVELS)[number]

/** What is asked. Everything in it is attested by the gate or by a transport, never by the asking program. */
export interface PolicyRequest {
  readonly principal: Principal
  /** The agent's name; empty for others. */
  readonly agentName: string
  readonly securityLevel: SecurityLevel | null
  readonly resourceType: ResourceType
  readonly resource: string
  readonly operation: Operation
  /** Roles of the caller, as its transport attests them. */
  readonly roles?: readonly string[]
  /** Labels of the agent's definition. */
  readonly labels?: readonly string[]
  /** Capabilities that the agent's definition grants. */
  readonly capabilities?: readonly string[]
  /** `server.tool` through which a thing is reached; for a Tool the resource itself counts. */
  readonly tool?: string
  /** Facts of the surroundings by name, such as stage: production. */
  readonly environment?: Readonly<Record<string, string>>
  /** Network: the addresses that the host stands for right now. A name without them is refused. */
  readonly addresses?: readonly string[]
  /** File: where the path leads once links are followed. */
  readonly realPath?: string
}

/** A span of the week. With `start` after `end` it reaches into the next day and belongs to the day on which it starts. */
export interface TimeWindow {
  readonly days: readonly Weekday[]
  /** Minutes from midnight, 0 to 1439. */
  readonly startMinute: number
  /** Minutes from midnight, 1 to 1440; not part of the window. */
  readonly endMinute: number
  /** IANA name of the zone. */
  readonly zone: string
}

/** When a rule fits: of each list that is given one entry must hold, and all lists that are given must hold. */
export interface Match {
  readonly resources: readonly string[]
  readonly operations: readonly Operation[]
  readonly principals?: readonly Principal[]
  readonly agents?: readonly string[]
  readonly roles?: readonly string[]
  readonly labels?: readonly string[]
  readonly capabilities?: readonly string[]
  readonly securityLevels?: readonly SecurityLevel[]
  readonly resourceTypes?: readonly ResourceType[]
  readonly tools?: readonly string[]
  /** Address ranges in CIDR form or classes of {@link import('./address').ADDRESS_CLASSES}. */
  readonly addresses?: readonly string[]
  readonly times?: readonly TimeWindow[]
  readonly environment?: Readonly<Record<string, readonly string[]>>
}

export interface Limit {
  /** Token bucket: `requests` each `perMs`, at most `burst` at once. */
  readonly rate?: { readonly requests: number; readonly perMs: number; readonly burst: number }
  readonly bytes?: {
    readonly perRequest?: number
    /** Sliding window. */
    readonly perWindow?: { readonly bytes: number; readonly windowMs: number }
  }
  /** Acts that may run at the same time. */
  readonly concurrency?: number
}

/** What the gate owes when it lets a request pass, and what it owes the record in any case. */
export interface Obligations {
  /** Paths of argument fields, such as `arguments.password`, that neither record nor approval may show. */
  readonly redact: readonly string[]
  /** `full` records arguments and result, `basic` their digests. */
  readonly audit: AuditLevel
}

export interface Rule {
  /** `id` of the typed form, `name` of the seed's; no two rules share one. */
  readonly name: string
  readonly priority: number
  /** A rule in `audit` never decides; what it would have done is reported. */
  readonly mode: 'enforce' | 'audit'
  readonly effect: Effect
  readonly match: Match
  /** Given with effect Limit, and only then. */
  readonly limit?: Limit
  /** What a person reads when this rule decides. */
  readonly reason?: string
  readonly obligations?: Partial<Obligations>
  readonly origin: 'builtin' | 'file'
}

/** A limit that an allowed request must keep; hand the decision to the {@link import('./limiter').Limiter}. */
export interface AppliedLimit {
  readonly rule: string
  readonly limit: Limit
}

export interface Decision {
  readonly effect: Effect
  /** The deciding rule; null when none matched and the default decided. */
  readonly rule: string | null
  readonly reason: string
  /** Names of all enforced rules that matched, by priority, then strictness, then name. */
  readonly matched: readonly string[]
  /** Limits to keep; only with effect Limit or RequireApproval. */
  readonly limits: readonly AppliedLimit[]
  /** Those of all enforced rules that matched, put together. */
  readonly obligations: Obligations
  /** Rules in mode `audit` that matched, and what they would have said. */
  readonly wouldHave: readonly { readonly rule: string; readonly effect: Effect }[]
  /** Rules that failed while they were evaluated. A failing Deny counts as matched, any other as not matched. */
  readonly errors: readonly { readonly rule: string; readonly message: string }[]
  /** SHA-256 of the policy text that decided. */
  readonly setHash: string
  /** The time, a limit or a person has a part in it: the next answer may differ, so it is never kept. */
  readonly volatile: boolean
}
