import type { Health } from '@contract'
import type { Sql } from '../store'
import { definitionOf, type ScheduleRow } from './rows'

/** A time that is so late and not acted on is a fault. */
const OVERDUE_MS = 300_000

/** Dead letters need a person; a time that is long due and not acted on is a fault of ours. */
export const scheduleHealth = (sql: Sql, nowMs: number): Health => {
  const dead = sql.all<ScheduleRow>(`SELECT * FROM schedules WHERE status = 'dead-letter'`)
  const overdue = sql.all<ScheduleRow>('SELECT * FROM schedules WHERE next_at <= :before', {
    before: nowMs - OVERDUE_MS,
  })
  const causes = [
    ...dead.map((row) => ({
      code: 'dead-letter',
      text: `The schedule "${definitionOf(row).name}" was set aside: ${row.status_reason ?? ''}`,
      sinceMs: row.last_due_at,
    })),
    ...overdue.map((row) => ({
      code: 'overdue',
      text: `The schedule "${definitionOf(row).name}" is due and was not acted on.`,
      sinceMs: row.next_at,
    })),
  ]
  return { status: overdue.length > 0 ? 'unhealthy' : causes.length > 0 ? 'degraded' : 'healthy', causes }
}
