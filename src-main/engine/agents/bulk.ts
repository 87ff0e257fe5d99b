import type { AgentId, BulkAct, CallOutput, CorrelationId } from '@contract'
import { assertNever, type NewId, RuntimeError, toWireError } from '../core'
import type { Tasks } from '../tasks'
import type { Agents, Asking } from './agents'
import type { Runs } from './runs'

/** So many at a time: enough to share commits, few enough that a person's next act comes in between. */
const AT_ONCE = 64
/** From so many on it is a task that can be watched and cancelled. */
const LONG = 25

const TITLES: Readonly<Record<BulkAct, string>> = {
  run: 'Run',
  suspend: 'Suspend',
  resume: 'Resume',
  stop: 'Stop',
}

/** The same act on many agents, each through the gate by itself. */
export type Bulk = (
  asking: Asking,
  order: { ids: readonly AgentId[]; act: BulkAct; reason?: string | undefined },
) => Promise<CallOutput<'agents.bulk'>>

export const createBulk = (ports: {
  agents: Agents
  runs: Pick<Runs, 'start' | 'suspend' | 'resume' | 'stop'>
  tasks: Tasks
  newId: NewId
}): Bulk => {
  const { agents, runs, tasks, newId } = ports

  const one = async (asking: Asking, id: AgentId, act: BulkAct, reason: string): Promise<void> => {
    switch (act) {
      case 'run':
        // A run is followed by its correlation id, so each has its own.
        await runs.start({ ...asking, correlationId: newId<CorrelationId>() }, { id, input: null })
        return
      case 'suspend':
        await runs.suspend(asking, id, reason)
        return
      case 'resume':
        await runs.resume(asking, id, reason)
        return
      case 'stop':
        await runs.stop(asking, id, reason)
        return
      default:
        assertNever(act)
    }
  }

  return async (asking, { ids, act, reason }) => {
    const wanted = [...new Set(ids)]
    const said = reason ?? `${TITLES[act].toLowerCase()}, one of ${wanted.length}`
    const task =
      wanted.length < LONG ? null : tasks.start(`${TITLES[act]} ${wanted.length} agents`, { cancellable: true })
    const failed: CallOutput<'agents.bulk'>['failed'] = []
    let done = 0
    let next = 0

    const worker = async (): Promise<void> => {
      for (;;) {
        const id = wanted[next]
        if (id === undefined) return
        next += 1
        try {
          if (task?.signal.aborted === true)
            throw new RuntimeError('RUN_003', 'A person called this off before its turn.')
          await one(asking, id, act, said)
          done += 1
        } catch (error) {
          failed.push({ id, name: agents.name(id) ?? id, error: toWireError(error) })
        }
        const through = done + failed.length
        task?.progress(`${through} of ${wanted.length}`, through / wanted.length)
      }
    }

    await Promise.all(Array.from({ length: Math.min(AT_ONCE, wanted.length) }, worker))
    if (task?.signal.aborted === true) task.fail(task.signal.reason)
    else task?.succeed()
    return { done, failed }
  }
}
