/** The console itself: what runs, its health, its requirements, its long tasks, its look. */
import { z } from 'zod'
import { AgentState, Execution, Health } from './agents'
import { AtMs, Nothing, TaskId } from './common'
import { command, query, topic } from './define'
import { WireError } from './errors'

export const CheckStatus = z.enum(['pass', 'warn', 'fail'])

/** One requirement of the product, what is wrong with it, and how to mend it. */
export const DoctorCheck = z.strictObject({
  id: z.string(),
  title: z.string(),
  status: CheckStatus,
  /** What was found. */
  cause: z.string(),
  /** What to do; empty when nothing is to do. */
  fix: z.string(),
  /** A command to copy, when one mends it. */
  command: z.string().nullable(),
})
export type DoctorCheck = z.infer<typeof DoctorCheck>

export const DoctorReport = z.strictObject({ checks: z.array(DoctorCheck), ranAtMs: AtMs })
export type DoctorReport = z.infer<typeof DoctorReport>

export const SystemInfo = z.strictObject({
  version: z.string(),
  /** The runtime that really runs. */
  electron: z.string().nullable(),
  chrome: z.string().nullable(),
  node: z.string(),
  platform: z.string(),
  dataDir: z.string(),
  engine: z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('starting') }),
    z.strictObject({ state: z.literal('ready') }),
    z.strictObject({ state: z.literal('failed'), error: WireError }),
  ]),
})
export type SystemInfo = z.infer<typeof SystemInfo>

export const Overview = z.strictObject({
  agentsByState: z.partialRecord(AgentState, z.number().int()),
  pendingReviews: z.number().int(),
  /** Acts that wait for a person's decision. */
  pendingApprovals: z.number().int(),
  changedTools: z.number().int(),
  serversFailed: z.number().int(),
  recentExecutions: z.array(
    Execution.pick({ id: true, agentId: true, state: true, startedAtMs: true, endedAtMs: true, endCause: true }).extend(
      { agentName: z.string() },
    ),
  ),
  /** Each part of the engine, and why it is not well. */
  health: z.array(Health.extend({ part: z.string() })),
  queuedRuns: z.number().int(),
  liveRuns: z.number().int(),
  openBreakers: z.number().int(),
  deadLetters: z.number().int(),
  deniedLastHour: z.number().int(),
  auditHead: z.number().int(),
  /** Delay of the main event loop over the last minute, milliseconds. */
  eventLoopDelayMs: z.strictObject({ p50: z.number(), p99: z.number() }),
  /** Resident memory of the engine's process, bytes. */
  rssBytes: z.number().int(),
  uptimeMs: z.number(),
  /** The sandbox tiers as they are on this machine. */
  tiers: z.array(z.strictObject({ tier: z.string(), status: CheckStatus, cause: z.string() })),
  sampledAtMs: AtMs,
})
export type Overview = z.infer<typeof Overview>

/** Work that takes long: shown with progress, and cancellable where it can be. */
export const Task = z.strictObject({
  id: TaskId,
  title: z.string(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  /** What it does right now. */
  step: z.string(),
  /** 0 to 1, or null when it cannot be known. */
  progress: z.number().min(0).max(1).nullable(),
  cancellable: z.boolean(),
  error: WireError.nullable(),
  startedAtMs: AtMs,
  endedAtMs: AtMs.nullable(),
})
export type Task = z.infer<typeof Task>

export const Theme = z.enum(['light', 'dark', 'system'])
export type Theme = z.infer<typeof Theme>

export const systemCalls = {
  'system.info': query('system.read', Nothing, SystemInfo),
  'system.overview': query('system.read', Nothing, Overview),
  'doctor.run': query('system.read', Nothing, DoctorReport),
  'tasks.list': query('system.read', Nothing, z.array(Task)),
  'tasks.cancel': command('tasks.write', z.strictObject({ id: TaskId }), Nothing),
  'settings.get': query('system.read', Nothing, z.strictObject({ theme: Theme })),
  'settings.set': command('settings.write', z.strictObject({ theme: Theme }), z.strictObject({ theme: Theme })),
} as const

export const systemTopics = {
  'engine.changed': topic(Nothing),
  'tasks.changed': topic(Nothing),
  'settings.changed': topic(Nothing),
} as const
