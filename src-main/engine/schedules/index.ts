/** Runs by the calendar. */
export type { ScheduledOrder, ScheduledRuns, SchedulePorts } from './ports'
export { createSchedules, type Schedules } from './schedules'
