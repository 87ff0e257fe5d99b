import type { BackendId, BreakerState, ExecutionId } from '@contract'
import type { Breakers } from '../recovery'

/** Lets one run at a time go to a back-end whose breaker has rested, until it is closed again. */
export interface Trials {
  /** When something may be put on the back-end again; null when now, `taken` while another run tries it out. */
  restsUntil(backend: BackendId): number | 'taken' | null
  /** A run was put on it. */
  placed(backend: BackendId, executionId: ExecutionId): void
  close(): void
}

export const createTrials = (
  breakers: Pick<Breakers, 'restsUntil' | 'list' | 'onChange'>,
  isLive: (executionId: ExecutionId) => boolean,
): Trials => {
  const states = new Map<string, BreakerState>()
  const tried = new Map<string, ExecutionId>()
  for (const { id, state } of breakers.list()) states.set(id, state)
  const stop = breakers.onChange(({ id, state }) => {
    states.set(id, state)
    tried.delete(id)
  })
  const isClosed = (id: string): boolean => (states.get(id) ?? 'closed') === 'closed'
  return {
    restsUntil(backend) {
      const id = `backend:${backend}` as const
      const untilMs = breakers.restsUntil(id)
      if (untilMs !== null || isClosed(id)) return untilMs
      const trial = tried.get(id)
      return trial !== undefined && isLive(trial) ? 'taken' : null
    },
    placed(backend, executionId) {
      const id = `backend:${backend}`
      if (!isClosed(id)) tried.set(id, executionId)
    },
    close: stop,
  }
}
