/** The queue of runs: which waits, which starts next, and where. */
export { createBackendKeys } from './backend-keys'
export { type Backends, type BackendsPorts, createBackends } from './backends'
export { createQueueTable, type QueueTable, type StoredEntry } from './queue-table'
export { createScheduler, type PlacesPort, type SchedulerPorts } from './scheduler'
export type { Place, Placement, QueueEntry, RunStarter, Scheduler, StartedRun } from './types'
