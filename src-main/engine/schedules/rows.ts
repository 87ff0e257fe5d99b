import type {
  AgentId,
  CorrelationId,
  EndCause,
  ErrorCode,
  ExecutionId,
  ExecutionState,
  Schedule,
  ScheduleDefinition,
  ScheduleId,
  ScheduleRun,
} from '@contract'
import { RuntimeError } from '../core'
import type { Sql } from '../store'

export interface ScheduleRow {
  id: ScheduleId
  agent_id: AgentId
  definition: string
  version: number
  status: Schedule['status']
  status_reason: string | null
  created_at: number
  next_at: number | null
  last_due_at: number | null
  succeeded: number
  failed: number
  skipped: number
  failures_in_a_row: number
}

export interface RunRow {
  seq: number
  schedule_id: ScheduleId
  due_at: number
  trigger: ScheduleRun['trigger']
  correlation_id: CorrelationId
  /** `waiting` stands for every run that has not ended; whether it runs right now, its executions tell. */
  state: Exclude<ScheduleRun['state'], 'running'>
  not_before: number | null
  attempts: number
  settled: string
  reason: string | null
  code: ErrorCode | null
  ended_at: number | null
}

/** One try: an execution that a schedule asked for. */
export interface AttemptRow {
  id: ExecutionId
  correlation_id: CorrelationId
  state: ExecutionState
  end_cause: EndCause | null
  error_code: ErrorCode | null
  error_message: string | null
  started_at: number
  ended_at: number | null
}

export const definitionOf = (row: ScheduleRow): ScheduleDefinition => JSON.parse(row.definition) as ScheduleDefinition

export const findSchedule = (sql: Sql, id: ScheduleId): ScheduleRow | undefined =>
  sql.get<ScheduleRow>('SELECT * FROM schedules WHERE id = :id', { id })

/** @throws SCHED_002 */
export const scheduleRow = (sql: Sql, id: ScheduleId): ScheduleRow => {
  const row = findSchedule(sql, id)
  if (row === undefined) throw new RuntimeError('SCHED_002', 'There is no schedule with this id.', { details: { id } })
  return row
}

export const runRow = (sql: Sql, seq: number): RunRow | undefined =>
  sql.get<RunRow>('SELECT * FROM schedule_runs WHERE seq = :seq', { seq })

/** Every execution of these runs, oldest first. They are read where they are kept, so nothing can disagree with them. */
export const attemptsOf = (
  sql: Sql,
  runs: readonly Pick<RunRow, 'schedule_id' | 'correlation_id'>[],
): ReadonlyMap<CorrelationId, readonly AttemptRow[]> => {
  const found = new Map<CorrelationId, AttemptRow[]>()
  if (runs.length === 0) return found
  const rows = sql.all<AttemptRow>(
    `SELECT e.id, e.correlation_id, e.state, e.end_cause, e.error_code, e.error_message, e.started_at, e.ended_at
     FROM json_each(:wanted) w
     JOIN executions e ON e.schedule_id = w.value ->> 0 AND e.correlation_id = w.value ->> 1
     ORDER BY e.queued_at, e.id`,
    { wanted: JSON.stringify(runs.map((run) => [run.schedule_id, run.correlation_id])) },
  )
  for (const row of rows) {
    const known = found.get(row.correlation_id)
    if (known === undefined) found.set(row.correlation_id, [row])
    else known.push(row)
  }
  return found
}

export const toRun = (row: RunRow, attempts: readonly AttemptRow[]): ScheduleRun => ({
  seq: row.seq,
  scheduleId: row.schedule_id,
  dueAtMs: row.due_at,
  trigger: row.trigger,
  state: row.state === 'waiting' && attempts.some((attempt) => attempt.ended_at === null) ? 'running' : row.state,
  reason: row.reason,
  code: row.code,
  attempts: attempts.map((attempt) => ({
    executionId: attempt.id,
    state: attempt.state,
    endCause: attempt.end_cause,
    startedAtMs: attempt.started_at,
    endedAtMs: attempt.ended_at,
  })),
  endedAtMs: row.ended_at,
})
