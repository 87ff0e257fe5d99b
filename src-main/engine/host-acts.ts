import type { Json, TaskId } from '@contract'
import type { Asking } from './agents'
import type { Gate } from './gate'
import type { Tasks } from './tasks'

/** What a person does with the console itself; like everything else it passes the gate. */
export interface HostActs {
  /** @throws TASK_001, POLICY_001 */
  cancelTask(asking: Asking, id: TaskId): Promise<void>
  /** @throws POLICY_001 */
  changeSetting(asking: Asking, setting: Readonly<Record<string, Json>>, set: () => Promise<void>): Promise<void>
}

export const createHostActs = ({ gate, tasks }: { gate: Gate; tasks: Tasks }): HostActs => ({
  cancelTask: (asking, id) =>
    gate.perform({ ...asking, action: 'task.cancel', resource: `task/${id}`, arguments: { id } }, async () =>
      tasks.cancel(id),
    ),
  changeSetting: (asking, setting, set) =>
    gate.perform(
      {
        ...asking,
        action: 'settings.set',
        resource: Object.keys(setting).join(' '),
        arguments: { ...setting },
        details: { ...setting },
      },
      set,
    ),
})
