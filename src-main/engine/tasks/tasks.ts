import type { Task, TaskId } from '@contract'
import { type Clock, type Events, type NewId, RuntimeError, toWireError } from '../core'

/** A piece of long work while it runs. */
export interface RunningTask {
  /** Aborted when a person cancels it. */
  readonly signal: AbortSignal
  progress(step: string, progress: number | null): void
  succeed(): void
  fail(error: unknown): void
}

/** Long work that a person can watch and cancel. */
export interface Tasks {
  start(title: string, options: { cancellable: boolean }): RunningTask
  /** Newest first; those that ended are kept for a while. */
  list(): Task[]
  /** @throws TASK_001 */
  cancel(id: TaskId): void
}

const KEPT = 50

export const createTasks = (ports: { clock: Clock; newId: NewId; events: Events }): Tasks => {
  const { clock, newId, events } = ports
  let tasks: { view: Task; abort: AbortController }[] = []

  return {
    start(title, { cancellable }) {
      const abort = new AbortController()
      const entry = {
        abort,
        view: {
          id: newId<TaskId>(),
          title,
          state: 'running',
          step: '',
          progress: null,
          cancellable,
          error: null,
          startedAtMs: clock.nowMs(),
          endedAtMs: null,
        } as Task,
      }
      tasks = [entry, ...tasks].slice(0, KEPT)
      const update = (change: Partial<Task>): void => {
        if (entry.view.state !== 'running') return
        entry.view = { ...entry.view, ...change }
        events.publish('tasks.changed', {})
      }
      events.publish('tasks.changed', {})
      return {
        signal: abort.signal,
        progress: (step, progress) => update({ step, progress }),
        succeed: () => update({ state: 'succeeded', progress: 1, endedAtMs: clock.nowMs() }),
        fail: (error) =>
          update({
            state: abort.signal.aborted ? 'cancelled' : 'failed',
            error: toWireError(error),
            endedAtMs: clock.nowMs(),
          }),
      }
    },
    list: () => tasks.map((entry) => entry.view),
    cancel(id) {
      const entry = tasks.find((task) => task.view.id === id)
      if (entry === undefined || entry.view.state !== 'running' || !entry.view.cancellable)
        throw new RuntimeError('TASK_001', 'This task cannot be cancelled: it has ended or is not known.')
      entry.abort.abort(new RuntimeError('RUN_003', `Cancelled: ${entry.view.title}`))
    },
  }
}
