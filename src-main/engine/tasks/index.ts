/** Long work with progress and cancel. */
export { createTasks, type RunningTask, type Tasks } from './tasks'
