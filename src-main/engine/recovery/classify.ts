import type { EndCause, ErrorCode, ErrorType } from '@contract'

interface Class {
  readonly type: ErrorType
  /** Whether what was called is at fault, which its circuit breaker counts: not a refusal, not a mistake of the caller. */
  readonly fault: boolean
}

const fault = (type: ErrorType): Class => ({ type, fault: true })
const other = (type: ErrorType): Class => ({ type, fault: false })

/** The one classifier. A code that is missing does not compile. */
const CLASSES = {
  AGENT_001: other('validation'),
  AGENT_002: other('validation'),
  AGENT_003: other('validation'),
  AGENT_004: other('validation'),
  AGENT_005: other('validation'),
  AGENT_006: other('validation'),
  AGENT_007: other('resource-exhausted'),
  AGENT_008: other('validation'),
  RESOURCE_001: other('resource-exhausted'),
  RESOURCE_002: other('validation'),
  RESOURCE_003: other('resource-exhausted'),
  COMM_001: fault('network'),
  COMM_002: other('validation'),
  COMM_003: other('security'),
  COMM_004: other('validation'),
  COMM_005: other('resource-exhausted'),
  COMM_006: fault('timeout'),
  COMM_007: other('validation'),
  COMM_008: other('timeout'),
  SCHED_001: other('resource-exhausted'),
  SCHED_002: other('validation'),
  SCHED_003: other('validation'),
  SCHED_004: other('validation'),
  SCHED_005: other('validation'),
  SCHED_006: other('validation'),
  RECOVERY_001: other('network'),
  RECOVERY_002: other('validation'),
  SEC_001: other('security'),
  CTX_001: fault('system'),
  RAG_001: fault('system'),
  VDB_001: fault('network'),
  MCP_001: fault('network'),
  MCP_002: fault('network'),
  MCP_003: other('validation'),
  MCP_004: fault('timeout'),
  SCHEMA_001: other('security'),
  REVIEW_001: other('policy'),
  REVIEW_002: other('validation'),
  REVIEW_003: other('validation'),
  POLICY_001: other('policy'),
  POLICY_002: other('validation'),
  POLICY_003: other('validation'),
  POLICY_004: other('resource-exhausted'),
  APPROVAL_001: other('policy'),
  APPROVAL_002: other('policy'),
  APPROVAL_003: other('validation'),
  APPROVAL_004: other('policy'),
  APPROVAL_005: other('policy'),
  APPROVAL_006: other('validation'),
  SECRET_001: other('validation'),
  SECRET_002: other('validation'),
  SECRET_003: other('validation'),
  SECRET_004: fault('system'),
  SECRET_005: other('security'),
  AUDIT_001: fault('system'),
  AUDIT_002: other('security'),
  AUDIT_003: other('validation'),
  AUDIT_004: fault('system'),
  SANDBOX_001: fault('sandbox'),
  SANDBOX_002: fault('sandbox'),
  SANDBOX_003: fault('sandbox'),
  SANDBOX_004: fault('sandbox'),
  CONFIG_001: other('validation'),
  CONFIG_002: other('system'),
  STORE_001: fault('system'),
  STORE_002: other('system'),
  TASK_001: other('validation'),
  IPC_001: other('validation'),
  IPC_002: other('validation'),
  IPC_003: other('system'),
  IPC_004: other('system'),
  RUN_001: other('program'),
  RUN_002: other('timeout'),
  RUN_003: other('system'),
  RUN_004: other('validation'),
  RUN_005: other('timeout'),
  RUN_006: other('timeout'),
  INTERNAL_001: fault('system'),
} as const satisfies Record<ErrorCode, Class>

/** What a cause of end says by itself; `of-code` where the code of the error says it. */
const CAUSES = {
  completed: null,
  'program-error': 'of-code',
  killed: 'program',
  'out-of-memory': 'resource-exhausted',
  'execution-timeout': 'timeout',
  'idle-timeout': 'timeout',
  'initialization-timeout': 'timeout',
  // Its time has passed: another try would come too late as well.
  'deadline-passed': null,
  'stopped-by-operator': null,
  cancelled: null,
  // The scheduler has put it back into the queue already.
  preempted: null,
  'resource-violation': 'resource-exhausted',
  refused: 'of-code',
  'sandbox-failed': 'of-code',
  'engine-stopped': 'system',
} as const satisfies Record<EndCause, ErrorType | 'of-code' | null>

/** What kind of failure an error code stands for. */
export const typeOfCode = (code: ErrorCode): ErrorType => CLASSES[code].type

/** Whether the breaker of what was called counts it. */
export const isFault = (code: ErrorCode): boolean => CLASSES[code].fault

/** What kind of failure an end was; null when it was none that anything is to be done about. */
export const typeOfEnd = (cause: EndCause, code: ErrorCode): ErrorType | null => {
  const type = CAUSES[cause]
  return type === 'of-code' ? typeOfCode(code) : type
}
