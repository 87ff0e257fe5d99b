/** Runs by the calendar. */
import { z } from 'zod'
import { EndCause, ExecutionState, Priority } from './agents'
import { AgentId, AtMs, ExecutionId, Json, Nothing, Reason, ScheduleId } from './common'
import { command, query, topic } from './define'
import { ErrorCodeSchema } from './errors'

/** When: a cron pattern of five, six (seconds first) or seven (year last) fields, or one point in time. */
export const When = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cron'),
    pattern: z.string().trim().min(1).max(200),
    /** IANA name, such as Europe/Berlin. */
    zone: z.string().min(1).max(64),
  }),
  z.strictObject({ kind: z.literal('once'), atMs: AtMs, zone: z.string().min(1).max(64) }),
])
export type When = z.infer<typeof When>

/** What happens to times that passed while the console was closed: nothing, one run, or each of them (at most 100). */
export const CatchUp = z.enum(['none', 'one', 'all'])
export type CatchUp = z.infer<typeof CatchUp>

export const ScheduleDefinition = z.strictObject({
  name: z.string().trim().min(1).max(80),
  agentId: AgentId,
  when: When,
  input: Json,
  /** In place of the priority of the agent. */
  priority: Priority.nullable(),
  /** Each run starts up to so much later, by chance. */
  jitterMs: z.number().int().min(0).max(3_600_000),
  catchUp: CatchUp,
  /** Runs of this schedule at once; a time that finds as many under way is skipped, and that is recorded. */
  maxConcurrent: z.number().int().min(1).max(32),
  /** How often a failed run is tried again before the time counts as failed. */
  maxRetries: z.number().int().min(0).max(10),
  retryDelayMs: z.number().int().min(100).max(3_600_000),
  /** After so many failed times in a row it is set aside as a dead letter. */
  deadLetterAfter: z.number().int().min(1).max(100),
  /** How many ended runs its history keeps. */
  keepRuns: z.number().int().min(1).max(10_000),
})
export type ScheduleDefinition = z.infer<typeof ScheduleDefinition>

export const ScheduleRunState = z.enum(['waiting', 'running', 'succeeded', 'failed', 'skipped'])
export type ScheduleRunState = z.infer<typeof ScheduleRunState>

/** What came of one time of a schedule. It succeeded only when the agent did. */
export const ScheduleRun = z.strictObject({
  seq: z.number().int(),
  scheduleId: ScheduleId,
  /** The time that was due. */
  dueAtMs: AtMs,
  trigger: z.enum(['calendar', 'catch-up', 'person']),
  state: ScheduleRunState,
  /** Why it was skipped, or how it failed. */
  reason: z.string().nullable(),
  code: ErrorCodeSchema.nullable(),
  attempts: z.array(
    z.strictObject({
      executionId: ExecutionId,
      state: ExecutionState,
      endCause: EndCause.nullable(),
      startedAtMs: AtMs,
      endedAtMs: AtMs.nullable(),
    }),
  ),
  endedAtMs: AtMs.nullable(),
})
export type ScheduleRun = z.infer<typeof ScheduleRun>

export const Schedule = z.strictObject({
  id: ScheduleId,
  definition: ScheduleDefinition,
  agentName: z.string(),
  status: z.enum(['active', 'paused', 'completed', 'dead-letter']),
  statusReason: z.string().nullable(),
  createdAtMs: AtMs,
  /** Grows with each change; a change names the one it was made on. */
  version: z.number().int(),
  nextAtMs: AtMs.nullable(),
  lastRun: ScheduleRun.nullable(),
  running: z.number().int(),
  runs: z.strictObject({
    succeeded: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int(),
  }),
  failuresInARow: z.number().int(),
})
export type Schedule = z.infer<typeof Schedule>

/** One coming time, as a person in the zone reads it. */
export const ComingTime = z.strictObject({
  atMs: AtMs,
  /** Such as 2026-10-25 02:30:00. */
  local: z.string(),
  /** Such as +02:00. */
  offset: z.string(),
  /** Said where summer time begins or ends around it. */
  note: z.string().nullable(),
})
export type ComingTime = z.infer<typeof ComingTime>

const Change = z.strictObject({ id: ScheduleId, reason: Reason.optional() })

export const scheduleCalls = {
  'schedules.list': query('schedules.read', z.strictObject({ agentId: AgentId.optional() }), z.array(Schedule)),
  'schedules.get': query('schedules.read', z.strictObject({ id: ScheduleId }), Schedule),
  /** The next times of a pattern that need not be saved. @throws SCHED_003 naming what is wrong with it */
  'schedules.preview': query(
    'schedules.read',
    z.strictObject({ when: When, count: z.number().int().min(1).max(400), fromMs: AtMs.optional() }),
    z.strictObject({ times: z.array(ComingTime), description: z.string() }),
  ),
  /** How often a pattern is due on each day of a month of its zone; days without a time are left out. @throws SCHED_003 */
  'schedules.month': query(
    'schedules.read',
    z.strictObject({ when: When, year: z.number().int().min(1970).max(9998), month: z.number().int().min(1).max(12) }),
    z.strictObject({
      days: z.array(z.strictObject({ day: z.number().int().min(1).max(31), count: z.number().int().positive() })),
    }),
  ),
  'schedules.create': command('schedules.write', z.strictObject({ definition: ScheduleDefinition }), Schedule),
  'schedules.edit': command(
    'schedules.write',
    z.strictObject({ id: ScheduleId, baseVersion: z.number().int(), definition: ScheduleDefinition }),
    Schedule,
  ),
  'schedules.pause': command('schedules.write', Change, Schedule),
  /** Also revives a dead letter; its count of failures starts anew. */
  'schedules.resume': command('schedules.write', Change, Schedule),
  'schedules.remove': command('schedules.write', Change, Nothing),
  'schedules.trigger': command('schedules.write', Change, ScheduleRun),
  'schedules.history': query(
    'schedules.read',
    z.strictObject({
      id: ScheduleId,
      beforeSeq: z.number().int().optional(),
      states: z.array(ScheduleRunState).optional(),
      limit: z.number().int().min(1).max(500),
    }),
    z.array(ScheduleRun),
  ),
  /** The zones that this machine knows. */
  'schedules.zones': query('schedules.read', Nothing, z.array(z.string())),
} as const

export const scheduleTopics = {
  'schedules.changed': topic(z.strictObject({ id: ScheduleId })),
} as const
