import type {
  AgentState,
  ApprovalStatus,
  AuditRecord,
  Consequence,
  DoctorCheck,
  Execution,
  ExecutionMode,
  Health,
  PolicyEffect,
  Priority,
  RunOrigin,
  SecurityTier,
  Tool,
  ToolServer,
} from '@contract'
import type { ShapeName } from './StateShape'

export interface StateLook {
  readonly word: string
  readonly shape: ShapeName
  /** A text colour class. */
  readonly colour: string
}

/** How each agent state looks and reads, in the order in which they are listed. */
export const AGENT_LOOKS = {
  Running: { word: 'Running', shape: 'play', colour: 'text-run' },
  Waiting: { word: 'Waiting', shape: 'half', colour: 'text-wait' },
  Failed: { word: 'Failed', shape: 'cross', colour: 'text-bad' },
  Unreachable: { word: 'Unreachable', shape: 'broken', colour: 'text-bad' },
  Initializing: { word: 'Initializing', shape: 'quarter', colour: 'text-change' },
  Suspended: { word: 'Suspended', shape: 'bars', colour: 'text-hold' },
  Ready: { word: 'Ready', shape: 'ring', colour: 'text-text-2' },
  Created: { word: 'Created', shape: 'dotted', colour: 'text-text-2' },
  Completed: { word: 'Completed', shape: 'check', colour: 'text-ok' },
  Terminating: { word: 'Terminating', shape: 'hollow-square', colour: 'text-text-2' },
  Terminated: { word: 'Terminated', shape: 'square', colour: 'text-text-3' },
} as const satisfies Record<AgentState, StateLook>

export const AGENT_STATE_ORDER = Object.keys(AGENT_LOOKS) as readonly AgentState[]

export const EXECUTION_LOOKS = {
  queued: { word: 'Queued', shape: 'dotted', colour: 'text-text-2' },
  starting: { word: 'Starting', shape: 'quarter', colour: 'text-change' },
  running: { word: 'Running', shape: 'play', colour: 'text-run' },
  succeeded: { word: 'Succeeded', shape: 'check', colour: 'text-ok' },
  failed: { word: 'Failed', shape: 'cross', colour: 'text-bad' },
  stopped: { word: 'Stopped', shape: 'square', colour: 'text-text-2' },
  'timed-out': { word: 'Timed out', shape: 'cross', colour: 'text-bad' },
} as const satisfies Record<Execution['state'], StateLook>

/** Why a run ended, in words. */
export const END_CAUSES = {
  completed: 'Completed',
  'program-error': 'Program error',
  killed: 'Killed',
  'out-of-memory': 'Out of memory',
  'execution-timeout': 'Ran longer than allowed',
  'idle-timeout': 'Idle longer than allowed',
  'initialization-timeout': 'Not ready in time',
  'deadline-passed': 'Not started in time',
  'stopped-by-operator': 'Stopped by the operator',
  cancelled: 'Called off',
  preempted: 'Made room for a more urgent run',
  'resource-violation': 'Used more than it was granted',
  refused: 'Refused',
  'sandbox-failed': 'Sandbox failed',
  'engine-stopped': 'Engine stopped',
} as const satisfies Record<NonNullable<Execution['endCause']>, string>

export const TOOL_LOOKS = {
  pending: { word: 'Pending', shape: 'half', colour: 'text-wait' },
  changed: { word: 'Changed', shape: 'triangle', colour: 'text-bad' },
  approved: { word: 'Approved', shape: 'check', colour: 'text-ok' },
  rejected: { word: 'Rejected', shape: 'cross', colour: 'text-bad' },
  gone: { word: 'No longer offered', shape: 'broken', colour: 'text-text-3' },
} as const satisfies Record<Tool['status'], StateLook>

export const SERVER_LOOKS = {
  connecting: { word: 'Connecting', shape: 'quarter', colour: 'text-change' },
  connected: { word: 'Connected', shape: 'check', colour: 'text-ok' },
  failed: { word: 'Failed', shape: 'cross', colour: 'text-bad' },
  stopped: { word: 'Stopped', shape: 'square', colour: 'text-text-3' },
} as const satisfies Record<ToolServer['state'], StateLook>

export const CHECK_LOOKS = {
  pass: { word: 'Pass', shape: 'check', colour: 'text-ok' },
  warn: { word: 'Warn', shape: 'triangle', colour: 'text-wait' },
  fail: { word: 'Fail', shape: 'cross', colour: 'text-bad' },
} as const satisfies Record<DoctorCheck['status'], StateLook>

export const OUTCOME_LOOKS = {
  success: { word: 'Success', shape: 'check', colour: 'text-ok' },
  denied: { word: 'Denied', shape: 'bars', colour: 'text-wait' },
  failed: { word: 'Failed', shape: 'cross', colour: 'text-bad' },
} as const satisfies Record<AuditRecord['outcome'], StateLook>

export const SEVERITY_LOOKS = {
  info: { word: 'Info', shape: 'dotted', colour: 'text-text-3' },
  notice: { word: 'Notice', shape: 'ring', colour: 'text-text-2' },
  warning: { word: 'Warning', shape: 'triangle', colour: 'text-wait' },
  error: { word: 'Error', shape: 'cross', colour: 'text-bad' },
  critical: { word: 'Critical', shape: 'octagon', colour: 'text-bad' },
} as const satisfies Record<AuditRecord['severity'], StateLook>

export const APPROVAL_LOOKS = {
  pending: { word: 'Pending', shape: 'half', colour: 'text-wait' },
  approved: { word: 'Approved', shape: 'check', colour: 'text-ok' },
  denied: { word: 'Denied', shape: 'cross', colour: 'text-bad' },
  timeout: { word: 'Timed out', shape: 'hollow-square', colour: 'text-bad' },
  cancelled: { word: 'Called off', shape: 'broken', colour: 'text-text-2' },
} as const satisfies Record<ApprovalStatus, StateLook>

/** What an act can lead to: one look and one band, in the queue, in the detail, in the history and on a grant. */
export const CONSEQUENCE_LOOKS = {
  metadata: {
    word: 'Metadata',
    shape: 'ring',
    colour: 'text-text-2',
    band: 'band-metadata',
    gloss: 'looks at names and states',
  },
  change: { word: 'Change', shape: 'diamond', colour: 'text-change', band: 'band-change', gloss: 'changes something' },
  disclose: {
    word: 'Disclose',
    shape: 'outward',
    colour: 'text-wait',
    band: 'band-disclose',
    gloss: 'lets something out',
  },
  destroy: { word: 'Destroy', shape: 'octagon', colour: 'text-bad', band: 'band-destroy', gloss: 'destroys something' },
} as const satisfies Record<Consequence, StateLook & { band: string; gloss: string }>

/** What a rule says, mildest first. */
export const EFFECT_LOOKS = {
  Allow: { word: 'Allow', shape: 'check', colour: 'text-ok' },
  Limit: { word: 'Limit', shape: 'bars', colour: 'text-change' },
  RequireApproval: { word: 'Ask', shape: 'half', colour: 'text-wait' },
  Deny: { word: 'Deny', shape: 'cross', colour: 'text-bad' },
} as const satisfies Record<PolicyEffect, StateLook>

/** The tiers with their honest names. */
export const TIERS = {
  tier1: { name: 'Tier 1', wall: 'Docker container' },
  tier2: { name: 'Tier 2', wall: 'gVisor' },
  tier3: { name: 'Tier 3', wall: 'microVM' },
  tier0: { name: 'Tier 0', wall: 'no isolation, development only' },
} as const satisfies Record<SecurityTier, { name: string; wall: string }>

/** How usable a tier is here. Red only when no tier with walls is usable: one that is merely absent is not an alarm. */
export const tierLook = (status: DoctorCheck['status'], anyWalled: boolean): StateLook =>
  status === 'fail'
    ? { word: 'Not usable', shape: 'cross', colour: anyWalled ? 'text-text-2' : 'text-bad' }
    : { ...CHECK_LOOKS[status], word: status === 'pass' ? 'Usable' : 'Limited' }

/** True when at least one tier that isolates is usable. */
export const hasUsableWall = (tiers: readonly { readonly tier: string; readonly status: string }[]): boolean =>
  tiers.some((tier) => tier.tier !== 'tier0' && tier.status === 'pass')

export const TIER_ORDER = Object.keys(TIERS) as readonly SecurityTier[]

/** From the most to the least urgent. Two of the four stand out, so that the eye goes there. */
export const PRIORITY_LOOKS = {
  critical: { word: 'Critical', colour: 'text-bad font-medium' },
  high: { word: 'High', colour: 'text-wait' },
  normal: { word: 'Normal', colour: 'text-text-2' },
  low: { word: 'Low', colour: 'text-text-3' },
} as const satisfies Record<Priority, { word: string; colour: string }>

export const PRIORITY_ORDER = Object.keys(PRIORITY_LOOKS) as readonly Priority[]

/** How an agent comes to run. */
export const MODES = {
  persistent: { word: 'Persistent', gloss: 'runs on and on; started again when it fails' },
  ephemeral: { word: 'Ephemeral', gloss: 'runs once each time it is asked' },
  scheduled: { word: 'Scheduled', gloss: 'runs when a schedule says so' },
  'event-driven': { word: 'Event-driven', gloss: 'runs when a message arrives for it' },
  external: { word: 'External', gloss: 'runs elsewhere and reports from time to time' },
} as const satisfies Record<ExecutionMode, { word: string; gloss: string }>

export const MODE_ORDER = Object.keys(MODES) as readonly ExecutionMode[]

/** Who or what asked for a run. */
export const ORIGINS = {
  operator: 'the operator',
  cli: 'the command line',
  agent: 'another agent',
  schedule: 'a schedule',
  recovery: 'a restart',
  preemption: 'the queue again',
} as const satisfies Record<RunOrigin, string>

export const HEALTH_LOOKS = {
  healthy: { word: 'Healthy', shape: 'check', colour: 'text-ok' },
  degraded: { word: 'Degraded', shape: 'triangle', colour: 'text-wait' },
  unhealthy: { word: 'Unhealthy', shape: 'cross', colour: 'text-bad' },
  unknown: { word: 'Not known', shape: 'dotted', colour: 'text-text-3' },
} as const satisfies Record<Health['status'], StateLook>
