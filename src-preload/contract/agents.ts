/** Agents, their versions, their runs. */
import { z } from 'zod'
import { AgentId, AtMs, BackendId, CorrelationId, ExecutionId, Json, Nothing, Reason, ScheduleId } from './common'
import { command, query, stream, topic } from './define'
import { ErrorCodeSchema, WireError } from './errors'

export const AGENT_STATES = [
  'Created',
  'Initializing',
  'Ready',
  'Running',
  'Waiting',
  'Suspended',
  'Completed',
  'Failed',
  'Terminating',
  'Terminated',
  'Unreachable',
] as const
export const AgentState = z.enum(AGENT_STATES)
export type AgentState = z.infer<typeof AgentState>

/** Which walls stand around an agent. tier0 has none: development only. */
export const SecurityTier = z.enum(['tier0', 'tier1', 'tier2', 'tier3'])
export type SecurityTier = z.infer<typeof SecurityTier>

export const ExecutionMode = z.enum(['persistent', 'ephemeral', 'scheduled', 'event-driven', 'external'])
export type ExecutionMode = z.infer<typeof ExecutionMode>

/** From the least to the most urgent. */
export const PRIORITIES = ['low', 'normal', 'high', 'critical'] as const
export const Priority = z.enum(PRIORITIES)
export type Priority = z.infer<typeof Priority>

/** What an agent may ask for at all; the policy decides about each request on top. */
export const Capability = z.enum(['memory', 'tools', 'secrets', 'messages'])
export type Capability = z.infer<typeof Capability>

export const ResourceLimits = z.strictObject({
  memoryMb: z.number().int().min(32).max(65_536),
  /** Cores, fractions allowed. */
  cpuCores: z.number().min(0.05).max(64),
  diskIoMbps: z.number().int().min(1).max(10_000),
  networkIoMbps: z.number().int().min(1).max(10_000),
  executionTimeoutMs: z.number().int().min(1_000).max(86_400_000),
  idleTimeoutMs: z.number().int().min(1_000).max(86_400_000),
})
export type ResourceLimits = z.infer<typeof ResourceLimits>

export const AgentName = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, 'Use letters, digits, spaces, dots, dashes and underscores.')

/** A file that is staged read-only beside the program, under /work/files. */
export const AgentFile = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
  text: z.string().max(1_048_576),
})
export type AgentFile = z.infer<typeof AgentFile>

/** What a person writes: the definition that becomes one immutable version. */
export const AgentDefinition = z.strictObject({
  name: AgentName,
  description: z.string().trim().max(500),
  source: z.strictObject({ language: z.literal('javascript'), text: z.string().min(1).max(1_048_576) }),
  files: z.array(AgentFile).max(50),
  executionMode: ExecutionMode,
  securityTier: SecurityTier,
  limits: ResourceLimits,
  capabilities: z.array(Capability).max(10),
  /** Which tools it may see, as `server.tool` globs. */
  tools: z.array(z.string().min(1).max(200)).max(100),
  /** Which secrets it may ask for, as path globs. */
  secrets: z.array(z.string().min(1).max(200)).max(100),
  /** Whom it may write to and which topics it may use: globs over `agent/NAME` and `topic/NAME`. */
  messages: z.array(z.string().min(1).max(200)).max(100).default([]),
  priority: Priority,
  /** How many runs of it may be under way at once. */
  concurrency: z.number().int().min(1).max(32).default(1),
  /** External agents: how often it reports; it counts as unreachable after three times as long without a report. */
  heartbeatIntervalMs: z.number().int().min(1_000).max(3_600_000).default(30_000),
  metadata: z.record(z.string().min(1).max(100), z.string().max(1000)),
})
export type AgentDefinition = z.infer<typeof AgentDefinition>

export const AgentTemplate = z.strictObject({
  id: z.string(),
  title: z.string(),
  definition: AgentDefinition,
  /** The input to run it with when none is given. */
  exampleInput: Json,
})
export type AgentTemplate = z.infer<typeof AgentTemplate>

export const EXECUTION_STATES = [
  'queued',
  'starting',
  'running',
  'succeeded',
  'failed',
  'stopped',
  'timed-out',
] as const
export const ExecutionState = z.enum(EXECUTION_STATES)
export type ExecutionState = z.infer<typeof ExecutionState>

/** Why a run ended. One closed set, so that a list can be filtered by it. */
export const EndCause = z.enum([
  'completed',
  'program-error',
  'killed',
  'out-of-memory',
  'execution-timeout',
  'idle-timeout',
  'initialization-timeout',
  'deadline-passed',
  'stopped-by-operator',
  'cancelled',
  'preempted',
  'resource-violation',
  'refused',
  'sandbox-failed',
  'engine-stopped',
])
export type EndCause = z.infer<typeof EndCause>

/** Who or what asked for a run. */
export const RunOrigin = z.enum(['operator', 'cli', 'agent', 'schedule', 'recovery', 'preemption'])
export type RunOrigin = z.infer<typeof RunOrigin>

export const Execution = z.strictObject({
  id: ExecutionId,
  agentId: AgentId,
  agentVersion: z.number().int(),
  correlationId: CorrelationId,
  state: ExecutionState,
  tier: SecurityTier,
  input: Json,
  output: Json,
  exitCode: z.number().int().nullable(),
  endCause: EndCause.nullable(),
  /** The code and sentence behind a bad end. */
  errorCode: ErrorCodeSchema.nullable(),
  errorMessage: z.string().nullable(),
  /** What the person can do about `errorCode`; null when there is none. */
  errorNextStep: z.string().nullable(),
  origin: RunOrigin,
  scheduleId: ScheduleId.nullable(),
  /** 1 for the first try; a retry is a run of its own that names how often it was tried before. */
  attempt: z.number().int().min(1),
  priority: Priority,
  /** Where it runs or ran; null while it waits. */
  backend: BackendId.nullable(),
  queuedAtMs: AtMs,
  /** When it left the queue; while it waits, when it was asked for. */
  startedAtMs: AtMs,
  endedAtMs: AtMs.nullable(),
  peakMemoryBytes: z.number().int().nullable(),
  cpuTimeMs: z.number().nullable(),
  /** What really ran: back-end, image, container id, and what could not be enforced here. */
  sandbox: z
    .strictObject({
      backend: z.string(),
      id: z.string(),
      image: z.string().nullable(),
      notEnforced: z.array(z.string()),
    })
    .nullable(),
})
export type Execution = z.infer<typeof Execution>

export const AgentSummary = z.strictObject({
  id: AgentId,
  name: z.string(),
  description: z.string(),
  state: AgentState,
  stateReason: z.string().nullable(),
  mode: ExecutionMode,
  tier: SecurityTier,
  priority: Priority,
  version: z.number().int(),
  createdAtMs: AtMs,
  stateChangedAtMs: AtMs,
  /** The newest run, when there was one. */
  lastExecution: Execution.pick({
    id: true,
    state: true,
    startedAtMs: true,
    endedAtMs: true,
    endCause: true,
  }).nullable(),
  /** Runs that wait for a place, and runs under way. */
  queuedRuns: z.number().int(),
  liveRuns: z.number().int(),
  /** Starts by the engine after a failure; null when it never had to. */
  restarts: z.strictObject({ attempts: z.number().int(), max: z.number().int(), nextAtMs: AtMs.nullable() }).nullable(),
  /** External agents: the last report. */
  lastHeartbeatAtMs: AtMs.nullable(),
  /** The actions that the state allows now. */
  actions: z.array(z.enum(['run', 'suspend', 'resume', 'stop', 'edit'])),
})
export type AgentSummary = z.infer<typeof AgentSummary>

/** How well something is, and why it is not better. */
export const Health = z.strictObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
  causes: z.array(z.strictObject({ code: z.string(), text: z.string(), sinceMs: AtMs.nullable() })),
})
export type Health = z.infer<typeof Health>

export const AgentDetail = AgentSummary.extend({
  definition: AgentDefinition,
  health: Health,
  versions: z.array(z.strictObject({ version: z.number().int(), createdAtMs: AtMs, note: z.string() })),
})
export type AgentDetail = z.infer<typeof AgentDetail>

export const StateChange = z.strictObject({
  seq: z.number().int(),
  atMs: AtMs,
  from: AgentState.nullable(),
  to: AgentState,
  reason: z.string(),
  correlationId: CorrelationId,
})
export type StateChange = z.infer<typeof StateChange>

/** One line of an execution's log. `agent` is its stderr, `gateway` what it asked for, `engine` what we did. */
export const LogLine = z.strictObject({
  seq: z.number().int().nonnegative(),
  atMs: AtMs,
  source: z.enum(['agent', 'gateway', 'engine']),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  text: z.string(),
})
export type LogLine = z.infer<typeof LogLine>

/** One sample of what a sandbox uses, once a second. */
export const StatsSample = z.strictObject({
  atMs: AtMs,
  /** Percent of one core; null until two samples exist. */
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number(),
  memoryLimitBytes: z.number().nullable(),
  pids: z.number().int().nullable(),
  /** Read and written, and received and sent, per second since the sample before; null where it is not told. */
  diskBytesPerSecond: z.number().nullable(),
  networkBytesPerSecond: z.number().nullable(),
  /** Where the figures come from, e.g. "docker stats". */
  source: z.string(),
})
export type StatsSample = z.infer<typeof StatsSample>

/** One start by the engine after a failure: what failed, how long it waited, what came of it. */
export const Restart = z.strictObject({
  atMs: AtMs,
  attempt: z.number().int(),
  max: z.number().int(),
  delayMs: z.number().int(),
  reason: z.string(),
  failedExecutionId: ExecutionId.nullable(),
  executionId: ExecutionId.nullable(),
  /** `given-up`: no attempt was left. `reset`: it was healthy long enough. */
  outcome: z.enum(['waiting', 'started', 'recovered', 'failed', 'given-up', 'called-off', 'reset']),
})
export type Restart = z.infer<typeof Restart>

const Act = z.strictObject({ id: AgentId, reason: Reason.optional() })

/** What a list of agents can be narrowed to. Everything that is given must hold. */
export const AgentFilter = z.strictObject({
  /** Part of the name, the description or the id. */
  text: z.string().max(200).optional(),
  states: z.array(AgentState).optional(),
  tiers: z.array(SecurityTier).optional(),
  modes: z.array(ExecutionMode).optional(),
  priorities: z.array(Priority).optional(),
})
export type AgentFilter = z.infer<typeof AgentFilter>

export const AgentSort = z.strictObject({
  by: z.enum(['created', 'name', 'state', 'changed', 'priority']),
  descending: z.boolean(),
})

export const BULK_ACTS = ['run', 'suspend', 'resume', 'stop'] as const
export const BulkAct = z.enum(BULK_ACTS)
export type BulkAct = z.infer<typeof BulkAct>

export const agentCalls = {
  'agents.templates': query('agents.read', Nothing, z.array(AgentTemplate)),
  'agents.list': query(
    'agents.read',
    z.strictObject({ states: z.array(AgentState).optional() }),
    z.array(AgentSummary),
  ),
  /** One window of a list that may hold thousands: rows `offset` to `offset + limit` of what the filter leaves. */
  'agents.page': query(
    'agents.read',
    z.strictObject({
      filter: AgentFilter,
      sort: AgentSort,
      offset: z.number().int().nonnegative(),
      limit: z.number().int().min(1).max(200),
    }),
    z.strictObject({
      items: z.array(AgentSummary),
      /** Agents that the filter leaves, and agents in all. */
      matched: z.number().int(),
      total: z.number().int(),
      /** Of what the filter leaves when its states are set aside, so that the count beside each state stays. */
      countByState: z.partialRecord(AgentState, z.number().int()),
    }),
  ),
  /** The ids that a filter leaves, for "select all that match". */
  'agents.ids': query(
    'agents.read',
    z.strictObject({ filter: AgentFilter, sort: AgentSort, limit: z.number().int().min(1).max(10_000) }),
    z.array(AgentId),
  ),
  'agents.get': query('agents.read', z.strictObject({ id: AgentId }), AgentDetail),
  'agents.create': command('agents.write', z.strictObject({ definition: AgentDefinition }), AgentDetail),
  'agents.edit': command(
    'agents.write',
    z.strictObject({
      id: AgentId,
      /** The version that was shown; refused with AGENT_003 when it is no longer the newest. */
      baseVersion: z.number().int(),
      definition: AgentDefinition,
      note: z.string().trim().max(200),
    }),
    AgentDetail,
  ),
  'agents.run': command(
    'agents.run',
    z.strictObject({
      id: AgentId,
      input: Json.optional(),
      /** In place of the priority of the definition. */
      priority: Priority.optional(),
      /** The run is not started any more when it still waits after this time. */
      startWithinMs: z.number().int().min(1).max(86_400_000).optional(),
    }),
    Execution,
  ),
  'agents.suspend': command('agents.run', Act, AgentSummary),
  'agents.resume': command('agents.run', Act, AgentSummary),
  /** Ends the current run, if any, and retires the agent: it is Terminated and stays so. */
  'agents.stop': command('agents.run', Act, AgentSummary),
  /** The same act on many agents. Each is decided, done and recorded by itself; what fails does not stop the others. */
  'agents.bulk': command(
    'agents.run',
    z.strictObject({ ids: z.array(AgentId).min(1).max(5_000), act: BulkAct, reason: Reason.optional() }),
    z.strictObject({
      done: z.number().int(),
      failed: z.array(z.strictObject({ id: AgentId, name: z.string(), error: WireError })),
    }),
  ),
  /** An external agent reports that it is there. */
  'agents.heartbeat': command(
    'agents.run',
    z.strictObject({ id: AgentId, note: z.string().max(500).optional() }),
    AgentSummary,
  ),
  'agents.restarts': query(
    'agents.read',
    z.strictObject({ id: AgentId, limit: z.number().int().min(1).max(500) }),
    z.array(Restart),
  ),
  'agents.timeline': query('agents.read', z.strictObject({ id: AgentId }), z.array(StateChange)),
  'executions.list': query(
    'agents.read',
    z.strictObject({ agentId: AgentId.optional(), limit: z.number().int().min(1).max(200) }),
    z.array(Execution),
  ),
  'executions.get': query('agents.read', z.strictObject({ id: ExecutionId }), Execution),
  /** End one run, waiting or under way; the agent stays and can run again. @throws RUN_004 when it has ended */
  'executions.cancel': command('agents.run', z.strictObject({ id: ExecutionId, reason: Reason.optional() }), Execution),
  /** The log backwards from `beforeSeq` (exclusive), oldest line first; for scrolling up and for download. */
  'executions.log': query(
    'agents.read',
    z.strictObject({
      id: ExecutionId,
      beforeSeq: z.number().int().optional(),
      limit: z.number().int().min(1).max(1000),
    }),
    z.array(LogLine),
  ),
} as const

export const agentTopics = {
  'agents.changed': topic(z.strictObject({ id: AgentId })),
  'executions.changed': topic(z.strictObject({ id: ExecutionId, agentId: AgentId })),
} as const

export const agentStreams = {
  /** Lines after `afterSeq`, first what is stored, then live until the run ends. */
  'executions.tail': stream('agents.read', z.strictObject({ id: ExecutionId, afterSeq: z.number().int() }), LogLine),
  /** Usage samples: what was kept of this run, then live until the run ends. */
  'executions.stats': stream('agents.read', z.strictObject({ id: ExecutionId }), StatsSample),
} as const
