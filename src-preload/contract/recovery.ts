/** What failed, what was done about it, and what is not tried for now. */
import { z } from 'zod'
import { AgentId, AtMs, CorrelationId, ExecutionId, Nothing, Reason } from './common'
import { command, query, topic } from './define'
import { ErrorCodeSchema } from './errors'

/** What kind of failure an error is; it decides what is done about it. */
export const ERROR_TYPES = [
  'resource-exhausted',
  'network',
  'security',
  'policy',
  'validation',
  'sandbox',
  'program',
  'timeout',
  'system',
] as const
export const ErrorType = z.enum(ERROR_TYPES)
export type ErrorType = z.infer<typeof ErrorType>

export const RecoveryStep = z.enum(['none', 'retry', 'restart', 'failover', 'suspend', 'terminate', 'escalate'])
export type RecoveryStep = z.infer<typeof RecoveryStep>

export const BreakerState = z.enum(['closed', 'open', 'half-open'])
export type BreakerState = z.infer<typeof BreakerState>

/** Stops calls to what failed too often of late, and lets one through from time to time to see. */
export const Breaker = z.strictObject({
  /** `backend:docker:local`, `tool:server.tool`, `endpoint:host`. */
  id: z.string().min(1).max(300),
  kind: z.enum(['backend', 'tool', 'endpoint']),
  name: z.string(),
  state: BreakerState,
  /** Of the calls within the window. */
  failures: z.number().int(),
  successes: z.number().int(),
  windowMs: z.number().int(),
  threshold: z.number().int(),
  openedAtMs: AtMs.nullable(),
  nextProbeAtMs: AtMs.nullable(),
  /** How often it opened since the console started. */
  trips: z.number().int(),
  lastError: z.strictObject({ code: ErrorCodeSchema, message: z.string(), atMs: AtMs }).nullable(),
})
export type Breaker = z.infer<typeof Breaker>

export const RecoveryEvent = z.strictObject({
  seq: z.number().int(),
  atMs: AtMs,
  agentId: AgentId.nullable(),
  agentName: z.string().nullable(),
  executionId: ExecutionId.nullable(),
  correlationId: CorrelationId,
  type: ErrorType,
  code: ErrorCodeSchema,
  message: z.string(),
  step: RecoveryStep,
  /** Why that step, in words. */
  reason: z.string(),
  attempt: z.number().int(),
  delayMs: z.number().int().nullable(),
})
export type RecoveryEvent = z.infer<typeof RecoveryEvent>

/** Equal failures within the window, counted once. */
export const ErrorGroup = z.strictObject({
  key: z.string(),
  agentId: AgentId.nullable(),
  agentName: z.string().nullable(),
  type: ErrorType,
  code: ErrorCodeSchema,
  message: z.string(),
  count: z.number().int(),
  firstAtMs: AtMs,
  lastAtMs: AtMs,
  /** A person was told. */
  escalated: z.boolean(),
})
export type ErrorGroup = z.infer<typeof ErrorGroup>

export const recoveryCalls = {
  'breakers.list': query('recovery.read', Nothing, z.array(Breaker)),
  /** Let the next call through now, whatever the time of the next probe. */
  'breakers.probe': command('recovery.write', z.strictObject({ id: z.string().max(300), reason: Reason }), Breaker),
  'recovery.events': query(
    'recovery.read',
    z.strictObject({
      agentId: AgentId.optional(),
      types: z.array(ErrorType).optional(),
      beforeSeq: z.number().int().optional(),
      limit: z.number().int().min(1).max(500),
    }),
    z.array(RecoveryEvent),
  ),
  'recovery.groups': query(
    'recovery.read',
    z.strictObject({ windowMs: z.number().int().min(1_000) }),
    z.array(ErrorGroup),
  ),
} as const

export const recoveryTopics = {
  'breakers.changed': topic(Nothing),
  'recovery.changed': topic(Nothing),
  /** For a notification: it failed again and again, or nothing more can be done by itself. */
  'recovery.escalated': topic(z.strictObject({ agentId: AgentId.nullable(), title: z.string(), text: z.string() })),
} as const
