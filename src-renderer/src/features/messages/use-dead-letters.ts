import type { DeadLetter, DeadReason } from '@contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { AppError } from '@/lib/app-error'
import { call } from '@/lib/client'

const PAGE = 200

export interface DeadFilter {
  readonly reason: DeadReason | undefined
  readonly agentId: string | undefined
}

export interface DeadLetters {
  readonly rows: readonly DeadLetter[]
  /** How many match in all; null until the first page is here. */
  readonly total: number | null
  readonly error: AppError | null
  readonly loadingMore: boolean
  readonly more: () => void
  readonly retry: () => void
}

/** Dead letters, the newest first, read on as one scrolls. */
export const useDeadLetters = ({ reason, agentId }: DeadFilter): DeadLetters => {
  const query = useInfiniteQuery({
    queryKey: ['deadLetters.list', { reason, agentId }],
    queryFn: ({ pageParam }) =>
      call('deadLetters.list', {
        limit: PAGE,
        ...(reason === undefined ? {} : { reasons: [reason] }),
        ...(agentId === undefined ? {} : { agentId }),
        ...(pageParam === null ? {} : { before: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  })
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = query
  return {
    rows: useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]),
    total: query.data?.pages[0]?.total ?? null,
    error: query.data === undefined && query.error?.code !== 'IPC_003' ? query.error : null,
    loadingMore: isFetchingNextPage,
    more: useCallback(() => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage({ cancelRefetch: false })
    }, [hasNextPage, isFetchingNextPage, fetchNextPage]),
    retry: () => void refetch(),
  }
}
