import type { AgentId, UsageSeries } from '@contract'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { AppError } from '@/lib/app-error'
import { call } from '@/lib/client'
import { type HistoryWindow, WINDOW_FACTS } from './history-points'

export interface HistoryRead {
  readonly series: readonly UsageSeries[]
  /** What was asked for. */
  readonly spanMs: readonly [number, number]
}

/** The history up to now. It is read anew as its steps pass; while the window is hidden it rests. */
export const useHistory = (
  window: HistoryWindow,
  agentId: AgentId | undefined,
): UseQueryResult<HistoryRead, AppError> => {
  const { spanMs, points, everyMs } = WINDOW_FACTS[window]
  return useQuery<HistoryRead, AppError>({
    queryKey: ['resources.history', { window, agentId: agentId ?? null }],
    queryFn: async () => {
      const toMs = Date.now()
      const fromMs = toMs - spanMs
      const series = await call('resources.history', {
        fromMs,
        toMs,
        points,
        ...(agentId === undefined ? {} : { agentId }),
      })
      return { series, spanMs: [fromMs, toMs] }
    },
    refetchInterval: everyMs,
    // Coming back to the page shows what happened meanwhile.
    gcTime: 0,
  })
}
