import type { ApprovalSummary } from '@contract'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { call } from '@/lib/client'
import { useRead } from '@/lib/queries'

/** As many as the engine gives at once; those that wait behind come up as these are decided. */
const MOST = 500

const NONE: readonly ApprovalSummary[] = []

export interface ApprovalList {
  readonly read: ReturnType<typeof useRead<'approvals.list'>>
  readonly rows: readonly ApprovalSummary[]
  /** All of them, those that are not in `rows` included; null until it is known. */
  readonly total: number | null
  /** How far the engine's clock is ahead of this page's, milliseconds. */
  readonly aheadMs: number
}

/** pending: in the order of the queue. history: newest decision first. */
export const useApprovals = (status: 'pending' | 'history', enabled = true): ApprovalList => {
  const read = useRead('approvals.list', { status, limit: MOST }, { enabled })
  const aheadMs = read.data === undefined ? 0 : read.data.nowMs - read.dataUpdatedAt
  return {
    read,
    rows: read.data?.approvals ?? NONE,
    total: read.data?.total ?? null,
    // A few milliseconds are the way from there to here, not a difference of clocks.
    aheadMs: Math.abs(aheadMs) < 1000 ? 0 : aheadMs,
  }
}

/** Read a request before it is looked at, so that the next one is there when it is asked for. */
export const usePrefetch = (): ((id: string | undefined) => void) => {
  const queryClient = useQueryClient()
  return useCallback(
    (id) => {
      if (id === undefined) return
      void queryClient.prefetchQuery({
        queryKey: ['approvals.get', { id }],
        queryFn: () => call('approvals.get', { id }),
      })
    },
    [queryClient],
  )
}
