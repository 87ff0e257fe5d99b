/** The queue of runs, and where they are run. */
import { z } from 'zod'
import { Priority, RunOrigin, SecurityTier } from './agents'
import { AgentId, AtMs, BackendId, ExecutionId, Nothing, Reason } from './common'
import { command, query, topic } from './define'

export const BALANCING_STRATEGIES = ['RoundRobin', 'LeastConnections', 'ResourceBased', 'WeightedRoundRobin'] as const
export const BalancingStrategy = z.enum(BALANCING_STRATEGIES)
export type BalancingStrategy = z.infer<typeof BalancingStrategy>

/** How another Docker host is reached. Keys and certificates are named by the secret that holds them. */
export const RemoteDocker = z.discriminatedUnion('protocol', [
  z.strictObject({
    protocol: z.literal('tls'),
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65_535),
    caSecret: z.string().min(1).max(200),
    certSecret: z.string().min(1).max(200),
    keySecret: z.string().min(1).max(200),
  }),
  z.strictObject({
    protocol: z.literal('ssh'),
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65_535),
    user: z.string().min(1).max(64),
    keySecret: z.string().min(1).max(200),
    /** SHA-256 of the host's key, Base64 as OpenSSH prints it; nothing is sent to another host. */
    hostKeySha256: z.string().regex(/^[A-Za-z0-9+/]{43}=?$/),
  }),
])
export type RemoteDocker = z.infer<typeof RemoteDocker>

export const NewBackend = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'Use lower-case letters, digits and dashes.'),
  remote: RemoteDocker,
  /** Its share under WeightedRoundRobin. */
  weight: z.number().int().min(1).max(100),
  maxConcurrent: z.number().int().min(1).max(10_000),
})
export type NewBackend = z.infer<typeof NewBackend>

/** A place where runs are executed. */
export const Backend = z.strictObject({
  id: BackendId,
  title: z.string(),
  kind: z.enum(['process', 'docker', 'docker-tls', 'docker-ssh', 'microvm']),
  tiers: z.array(SecurityTier),
  weight: z.number().int(),
  maxConcurrent: z.number().int(),
  running: z.number().int(),
  /** `resting`: its breaker is open. `unknown`: not looked at yet. */
  state: z.enum(['usable', 'degraded', 'resting', 'missing', 'unknown']),
  cause: z.string(),
  nextProbeAtMs: AtMs.nullable(),
  removable: z.boolean(),
})
export type Backend = z.infer<typeof Backend>

export const SchedulerStatus = z.strictObject({
  strategy: BalancingStrategy,
  running: z.number().int(),
  maxConcurrent: z.number().int(),
  queued: z.number().int(),
  queuedByPriority: z.record(Priority, z.number().int()),
  oldestQueuedAtMs: AtMs.nullable(),
  /** Time from being asked for to leaving the queue, of the last runs. */
  waitMs: z.strictObject({ p50: z.number(), p99: z.number() }),
  startedLastMinute: z.number().int(),
  preempted: z.number().int(),
  backends: z.array(Backend),
})
export type SchedulerStatus = z.infer<typeof SchedulerStatus>

export const QueuedRun = z.strictObject({
  executionId: ExecutionId,
  agentId: AgentId,
  agentName: z.string(),
  tier: SecurityTier,
  priority: Priority,
  /** The priority it has by now, having waited. */
  effectivePriority: Priority,
  origin: RunOrigin,
  attempt: z.number().int(),
  queuedAtMs: AtMs,
  /** Not before: a retry waits. */
  notBeforeMs: AtMs.nullable(),
  deadlineAtMs: AtMs.nullable(),
  /** Why it is not started yet, in words. */
  waitsFor: z.string(),
})
export type QueuedRun = z.infer<typeof QueuedRun>

export const schedulerCalls = {
  'scheduler.status': query('scheduler.read', Nothing, SchedulerStatus),
  /** In the order in which they would be started. */
  'scheduler.queue': query(
    'scheduler.read',
    z.strictObject({ offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(500) }),
    z.strictObject({ items: z.array(QueuedRun), total: z.number().int() }),
  ),
  'scheduler.prioritise': command(
    'scheduler.write',
    z.strictObject({ executionId: ExecutionId, priority: Priority }),
    QueuedRun,
  ),
  'backends.add': command('backends.write', z.strictObject({ backend: NewBackend }), Backend),
  /** Ask the back-end itself, now. */
  'backends.check': command('backends.write', z.strictObject({ id: BackendId }), Backend),
  /** @throws SCHED_005 while something runs on it */
  'backends.remove': command('backends.write', z.strictObject({ id: BackendId, reason: Reason }), Nothing),
} as const

export const schedulerTopics = {
  'scheduler.changed': topic(Nothing),
} as const
