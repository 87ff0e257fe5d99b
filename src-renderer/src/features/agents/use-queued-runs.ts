import type { QueuedRun } from '@contract'
import { useMemo } from 'react'
import { useRead } from '@/lib/queries'

/** As many as the engine gives at once. */
const MOST = 500

/** A run that waits, with its place: 1 starts next. */
export interface PlacedRun extends QueuedRun {
  readonly place: number
}

export interface QueuedRuns {
  readonly runs: readonly PlacedRun[]
  /** Runs that wait in all, of every agent. */
  readonly total: number
  /** Waiting runs of this agent beyond what the engine names at once. */
  readonly farther: number
}

/** The runs of one agent that wait in the queue, in the order in which they would start. */
export const useQueuedRuns = (agentId: string, queued: number): QueuedRuns => {
  const read = useRead('scheduler.queue', { offset: 0, limit: MOST }, { enabled: queued > 0, keepPrevious: true })
  return useMemo(() => {
    if (queued === 0 || read.data === undefined) return { runs: [], total: 0, farther: 0 }
    const runs = read.data.items
      .map((run, index) => ({ ...run, place: index + 1 }))
      .filter((run) => run.agentId === agentId)
    const beyond = read.data.total > read.data.items.length
    return { runs, total: read.data.total, farther: beyond ? Math.max(0, queued - runs.length) : 0 }
  }, [read.data, agentId, queued])
}
