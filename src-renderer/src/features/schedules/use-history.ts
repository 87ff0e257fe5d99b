import type { ScheduleRun } from '@contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { AppError } from '@/lib/app-error'
import { call } from '@/lib/client'

const PAGE = 100

export interface History {
  readonly runs: readonly ScheduleRun[] | null
  readonly error: AppError | null
  readonly loadMore: () => void
  readonly retry: () => void
}

/** What came of each time of a schedule, newest first, page by page as one scrolls down. */
export const useHistory = (id: string, state: ScheduleRun['state'] | undefined): History => {
  const query = useInfiniteQuery({
    queryKey: ['schedules.history', { id, state: state ?? null }],
    queryFn: ({ pageParam }) =>
      call('schedules.history', {
        id,
        limit: PAGE,
        ...(state === undefined ? {} : { states: [state] }),
        ...(pageParam === null ? {} : { beforeSeq: pageParam }),
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.seq),
    placeholderData: (previous, past) =>
      (past?.queryKey[1] as { id?: string } | undefined)?.id === id ? previous : undefined,
  })
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = query
  const runs = useMemo(() => query.data?.pages.flat() ?? null, [query.data])
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage({ cancelRefetch: false })
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  return {
    runs,
    error: runs === null && query.error?.code !== 'IPC_003' ? query.error : null,
    loadMore,
    retry: () => void refetch(),
  }
}
