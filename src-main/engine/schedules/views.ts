import type { AgentId, CallRequest, Schedule, ScheduleId, ScheduleRun } from '@contract'
import { RuntimeError } from '../core'
import type { Store } from '../store'
import { attemptsOf, definitionOf, type RunRow, type ScheduleRow, scheduleRow, toRun } from './rows'

interface NamedRow extends ScheduleRow {
  agent_name: string
  running: number
}

/** What is shown of schedules and their history. */
export interface ScheduleViews {
  list(query: { agentId?: AgentId | undefined }): Schedule[]
  get(id: ScheduleId): Schedule
  history(query: CallRequest<'schedules.history'>): ScheduleRun[]
}

const NAMED_SQL = `SELECT s.*, v.definition ->> 'name' AS agent_name,
    (SELECT count(*) FROM schedule_runs r WHERE r.schedule_id = s.id AND r.ended_at IS NULL AND EXISTS (
       SELECT 1 FROM executions e
       WHERE e.schedule_id = r.schedule_id AND e.correlation_id = r.correlation_id AND e.ended_at IS NULL)) AS running
  FROM schedules s
  JOIN agents a ON a.id = s.agent_id
  JOIN agent_versions v ON v.agent_id = a.id AND v.version = a.version`

const toSchedule = (row: NamedRow, lastRun: ScheduleRun | null): Schedule => ({
  id: row.id,
  definition: definitionOf(row),
  agentName: row.agent_name,
  status: row.status,
  statusReason: row.status_reason,
  createdAtMs: row.created_at,
  version: row.version,
  nextAtMs: row.next_at,
  lastRun,
  running: row.running,
  runs: { succeeded: row.succeeded, failed: row.failed, skipped: row.skipped },
  failuresInARow: row.failures_in_a_row,
})

export const createScheduleViews = (store: Pick<Store, 'get' | 'all' | 'run'>): ScheduleViews => {
  const toRuns = (rows: readonly RunRow[]): ScheduleRun[] => {
    const attempts = attemptsOf(store, rows)
    return rows.map((row) => toRun(row, attempts.get(row.correlation_id) ?? []))
  }

  return {
    list({ agentId }) {
      const rows = store.all<NamedRow>(
        `${NAMED_SQL} WHERE :agentId IS NULL OR s.agent_id = :agentId ORDER BY s.id DESC`,
        { agentId: agentId ?? null },
      )
      const last = new Map(
        toRuns(
          store.all<RunRow>(
            'SELECT * FROM schedule_runs WHERE seq IN (SELECT max(seq) FROM schedule_runs GROUP BY schedule_id)',
          ),
        ).map((run) => [run.scheduleId, run]),
      )
      return rows.map((row) => toSchedule(row, last.get(row.id) ?? null))
    },

    get(id) {
      const row = store.get<NamedRow>(`${NAMED_SQL} WHERE s.id = :id`, { id })
      if (row === undefined)
        throw new RuntimeError('SCHED_002', 'There is no schedule with this id.', { details: { id } })
      const [last] = toRuns(
        store.all<RunRow>('SELECT * FROM schedule_runs WHERE schedule_id = :id ORDER BY seq DESC LIMIT 1', { id }),
      )
      return toSchedule(row, last ?? null)
    },

    history({ id, beforeSeq, states, limit }) {
      scheduleRow(store, id)
      const stored = states?.map((state) => (state === 'running' ? 'waiting' : state)) ?? null
      const rows = store.all<RunRow>(
        `SELECT * FROM schedule_runs WHERE schedule_id = :id AND seq < :before
           AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
         ORDER BY seq DESC LIMIT :limit`,
        {
          id,
          before: beforeSeq ?? Number.MAX_SAFE_INTEGER,
          states: stored === null ? null : JSON.stringify(stored),
          limit,
        },
      )
      return toRuns(rows).filter((run) => states === undefined || states.includes(run.state))
    },
  }
}
