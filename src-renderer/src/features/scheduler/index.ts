/** Back-ends and the queue: where runs are executed, what waits for a place, and what can be done about either. */
export { SchedulerPanel } from './SchedulerPanel'
