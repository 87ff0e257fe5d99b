/** What the machine has, what was granted of it, what is used, and who went beyond. */
import { z } from 'zod'
import { AgentId, AtMs, BackendId, ExecutionId, Nothing } from './common'
import { query, topic } from './define'

/** The four things that are granted. Memory in bytes, processors in thousandths of a core, rates in MB/s. */
export const Amounts = z.strictObject({
  memoryBytes: z.number().int().nonnegative(),
  cpuMillis: z.number().int().nonnegative(),
  diskIoMbps: z.number().nonnegative(),
  networkIoMbps: z.number().nonnegative(),
})
export type Amounts = z.infer<typeof Amounts>

/** What was measured. Null where the back-end does not tell. */
export const Usage = z.strictObject({
  atMs: AtMs,
  memoryBytes: z.number().nullable(),
  cpuMillis: z.number().nullable(),
  diskIoMbps: z.number().nullable(),
  networkIoMbps: z.number().nullable(),
  pids: z.number().int().nullable(),
})
export type Usage = z.infer<typeof Usage>

export const RESOURCE_KINDS = ['memory', 'cpu', 'disk', 'network'] as const
export const ResourceKind = z.enum(RESOURCE_KINDS)
export type ResourceKind = z.infer<typeof ResourceKind>

/** How a limit is kept: by the kernel, by watching and then throttling and stopping, or not at all here. */
export const Enforcement = z.enum(['kernel', 'monitor', 'none'])
export type Enforcement = z.infer<typeof Enforcement>

export const Allocation = z.strictObject({
  executionId: ExecutionId,
  agentId: AgentId,
  agentName: z.string(),
  backend: BackendId,
  granted: Amounts,
  used: Usage.nullable(),
  sinceMs: AtMs,
  enforcement: z.record(ResourceKind, Enforcement),
  /** Samples in a row beyond the grant; it is stopped when they reach the limit. */
  violationsInARow: z.number().int(),
  throttled: z.boolean(),
  notEnforced: z.array(z.string()),
})
export type Allocation = z.infer<typeof Allocation>

export const ResourceAlert = z.strictObject({
  kind: ResourceKind,
  level: z.enum(['warning', 'critical']),
  /** Granted or used share of what may be granted, 0 to 1. */
  share: z.number(),
  what: z.enum(['granted', 'used']),
  text: z.string(),
  sinceMs: AtMs,
})
export type ResourceAlert = z.infer<typeof ResourceAlert>

export const ResourceOverview = z.strictObject({
  /** What there is: of the machine, or as configured. */
  totals: Amounts,
  source: z.record(ResourceKind, z.enum(['machine', 'configured', 'assumed'])),
  /** Held back for the console and the system. */
  reserved: Amounts,
  granted: Amounts,
  available: Amounts,
  /** What agents use now. */
  used: Usage,
  /** What the whole machine uses now, where it tells. */
  machine: Usage,
  /** Whether requests beyond the totals are refused. */
  enforcing: z.boolean(),
  allocations: z.array(Allocation),
  alerts: z.array(ResourceAlert),
  stopAfterViolations: z.number().int(),
  sampledAtMs: AtMs.nullable(),
  /** This machine (null), then each back-end elsewhere. The figures above are those of all together. */
  pools: z.array(
    z.strictObject({
      backend: BackendId.nullable(),
      totals: Amounts,
      reserved: Amounts,
      granted: Amounts,
      available: Amounts,
    }),
  ),
  /** What the history of use takes on the disk, about, and how long it is kept. */
  history: z.strictObject({
    steps: z.number().int().nonnegative(),
    bytes: z.number().int().nonnegative(),
    retentionMs: z.number().int(),
  }),
})
export type ResourceOverview = z.infer<typeof ResourceOverview>

export const Violation = z.strictObject({
  seq: z.number().int(),
  atMs: AtMs,
  executionId: ExecutionId,
  agentId: AgentId,
  agentName: z.string(),
  kind: ResourceKind,
  used: z.number(),
  limit: z.number(),
  /** What was done about it. */
  action: z.enum(['noted', 'throttled', 'released', 'stopped']),
  inARow: z.number().int(),
})
export type Violation = z.infer<typeof Violation>

/** One step of a chart: least, mean and most of the samples in it. */
export const UsagePoint = z.strictObject({
  atMs: AtMs,
  min: z.number(),
  mean: z.number(),
  max: z.number(),
})
export type UsagePoint = z.infer<typeof UsagePoint>

export const UsageSeries = z.strictObject({
  kind: ResourceKind,
  /** Width of one step. */
  stepMs: z.number().int(),
  points: z.array(UsagePoint),
  /** What was granted at each step, the same times as `points`. */
  granted: z.array(z.number()),
})
export type UsageSeries = z.infer<typeof UsageSeries>

export const resourceCalls = {
  'resources.overview': query('resources.read', Nothing, ResourceOverview),
  'resources.history': query(
    'resources.read',
    z.strictObject({
      /** Of one agent, or of all together. */
      agentId: AgentId.optional(),
      fromMs: AtMs,
      toMs: AtMs,
      points: z.number().int().min(2).max(2_000),
    }),
    z.array(UsageSeries),
  ),
  'resources.violations': query(
    'resources.read',
    z.strictObject({
      agentId: AgentId.optional(),
      beforeSeq: z.number().int().optional(),
      limit: z.number().int().min(1).max(500),
    }),
    z.array(Violation),
  ),
} as const

export const resourceTopics = {
  /** At most once a second. */
  'resources.changed': topic(Nothing),
} as const
