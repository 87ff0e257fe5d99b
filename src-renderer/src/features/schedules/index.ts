/** Runs by the calendar. */
export { ScheduleDetailPage } from './ScheduleDetailPage'
export { SchedulesPage } from './SchedulesPage'
