import type { Execution } from '@contract'
import type { UseQueryResult } from '@tanstack/react-query'
import type { AppError } from '@/lib/app-error'
import { useRead } from '@/lib/queries'

/** How many runs of an agent are listed. */
export const RUNS_LISTED = 100

/** An execution that may still write its log. */
export const isActive = (execution: Pick<Execution, 'state'>): boolean =>
  execution.state === 'queued' || execution.state === 'starting' || execution.state === 'running'

/** What a run writes is followed from its start: its streams are opened anew when it leaves the queue. */
export const followKey = (execution: Pick<Execution, 'id' | 'state'>): string =>
  execution.state === 'queued' ? `${execution.id} waits` : execution.id

export interface ChosenRun {
  readonly read: UseQueryResult<readonly Execution[], AppError>
  readonly chosen: Execution | undefined
}

/** The runs of an agent, newest first, and the one that is looked at: the asked one, else the newest. */
export const useChosenRun = (agentId: string, runId: string | undefined): ChosenRun => {
  const read = useRead('executions.list', { agentId, limit: RUNS_LISTED })
  const chosen = read.data?.find((execution) => execution.id === runId) ?? read.data?.[0]
  return { read, chosen }
}
