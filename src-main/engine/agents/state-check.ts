import type { ExecutionId } from '@contract'
import { type Clock, type Log, messageOf } from '../core'
import type { SandboxDriver } from '../sandbox'
import type { LiveRuns } from './live-runs'

/** Compares the runs under way with their back-ends, as long as there are some. */
export interface StateCheck {
  /** There is a run to look after. */
  wake(): void
  close(): void
}

/** Missed so often in a row, a sandbox is gone: one that is just ending is not there either, and says so itself. */
const MISSES = 2

export const createStateCheck = (ports: {
  drivers: () => readonly SandboxDriver[]
  peers: Pick<LiveRuns, 'all'>
  clock: Clock
  log: Log
  everyMs: number
}): StateCheck => {
  const { drivers, peers, clock, log, everyMs } = ports
  const missed = new Map<ExecutionId, number>()
  let cancel: (() => void) | null = null
  let isClosed = false

  const look = async (): Promise<void> => {
    const programs = peers.all().filter((run) => run.isProgram())
    for (const id of missed.keys()) if (!programs.some((run) => run.executionId === id)) missed.delete(id)
    for (const driver of drivers()) {
      const mine = programs.filter((run) => run.backend === driver.id)
      if (mine.length === 0) continue
      // A back-end that does not answer says nothing about its sandboxes; that link is watched by the sandbox itself.
      const found = await driver.found().catch((error: unknown) => {
        log.debug({ backend: driver.id, reason: messageOf(error) }, 'the sandboxes cannot be looked at')
        return null
      })
      if (found === null) continue
      const there = new Set(found.map(({ executionId }) => executionId))
      for (const run of mine) {
        if (there.has(run.executionId)) {
          missed.delete(run.executionId)
          continue
        }
        const times = (missed.get(run.executionId) ?? 0) + 1
        missed.set(run.executionId, times)
        if (times >= MISSES && run.isProgram()) run.vanished()
      }
    }
  }

  const wake = (): void => {
    if (cancel !== null || isClosed) return
    cancel = clock.after(everyMs, () => {
      look()
        .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'the state check failed'))
        .finally(() => {
          cancel = null
          if (peers.all().length > 0) wake()
        })
    })
  }

  return {
    wake,
    close() {
      isClosed = true
      cancel?.()
    },
  }
}
