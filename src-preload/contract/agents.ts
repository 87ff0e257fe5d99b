/** Agents, their versions, their runs. */
import { z } from 'zod'
import { AgentId, AtMs, CorrelationId, ExecutionId, Json, Nothing, Reason } from './common'
import { command, query, stream, topic } from './define'
import { ErrorCodeSchema } from './errors'

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
export const Priority = z.enum(['low', 'normal', 'high', 'critical'])

/** What an agent may ask for at all; the policy decides about each request on top. */
export const Capability = z.enum(['memory', 'tools', 'secrets'])
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
  priority: Priority,
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

export const EXECUTION_STATES = ['starting', 'running', 'succeeded', 'failed', 'stopped', 'timed-out'] as const
export const ExecutionState = z.enum(EXECUTION_STATES)
export type ExecutionState = z.infer<typeof ExecutionState>

/** Why a run ended. One closed set, so that a list can be filtered by it. */
export const EndCause = z.enum([
  'completed',
  'program-error',
  'killed',
  'out-of-memory',
  'execution-timeout',
  'stopped-by-operator',
  'sandbox-failed',
  'engine-stopped',
])
export type EndCause = z.infer<typeof EndCause>

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
  /** The actions that the state allows now. */
  actions: z.array(z.enum(['run', 'suspend', 'resume', 'stop', 'edit'])),
})
export type AgentSummary = z.infer<typeof AgentSummary>

export const AgentDetail = AgentSummary.extend({
  definition: AgentDefinition,
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
  /** Where the figures come from, e.g. "docker stats". */
  source: z.string(),
})
export type StatsSample = z.infer<typeof StatsSample>

const Act = z.strictObject({ id: AgentId, reason: Reason.optional() })

export const agentCalls = {
  'agents.templates': query('agents.read', Nothing, z.array(AgentTemplate)),
  'agents.list': query(
    'agents.read',
    z.strictObject({ states: z.array(AgentState).optional() }),
    z.array(AgentSummary),
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
  'agents.run': command('agents.run', z.strictObject({ id: AgentId, input: Json.optional() }), Execution),
  'agents.suspend': command('agents.run', Act, AgentSummary),
  'agents.resume': command('agents.run', Act, AgentSummary),
  /** Ends the current run, if any, and retires the agent: it is Terminated and stays so. */
  'agents.stop': command('agents.run', Act, AgentSummary),
  'agents.timeline': query('agents.read', z.strictObject({ id: AgentId }), z.array(StateChange)),
  'executions.list': query(
    'agents.read',
    z.strictObject({ agentId: AgentId.optional(), limit: z.number().int().min(1).max(200) }),
    z.array(Execution),
  ),
  'executions.get': query('agents.read', z.strictObject({ id: ExecutionId }), Execution),
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
