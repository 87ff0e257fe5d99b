import type { AuditRecord, CallInput } from '@contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { AppError } from '@/lib/app-error'
import { call } from '@/lib/client'

const PAGE = 200

export interface AuditPages {
  readonly records: readonly AuditRecord[]
  /** How many records match in all; null until the first page is here. */
  readonly total: number | null
  readonly updatedAtMs: number
  readonly fetching: boolean
  readonly loadingMore: boolean
  readonly error: AppError | null
  readonly loadMore: () => void
  readonly retry: () => void
}

/** The records that match, newest first, page by page. New records appear at the top through `audit.appended`. */
export const useAuditPages = (filter: CallInput<'audit.list'>['filter']): AuditPages => {
  const query = useInfiniteQuery({
    queryKey: ['audit.list', { filter }],
    queryFn: ({ pageParam }) =>
      call('audit.list', { filter, limit: PAGE, ...(pageParam === null ? {} : { beforeSeq: pageParam }) }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.nextBeforeSeq,
    placeholderData: (previous) => previous,
  })
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = query
  const records = useMemo(() => query.data?.pages.flatMap((page) => page.records) ?? [], [query.data])
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage({ cancelRefetch: false })
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  return {
    records,
    total: query.data?.pages[0]?.total ?? null,
    updatedAtMs: query.dataUpdatedAt,
    fetching: query.isPlaceholderData,
    loadingMore: isFetchingNextPage,
    error: query.data === undefined && query.error?.code !== 'IPC_003' ? query.error : null,
    loadMore,
    retry: () => void refetch(),
  }
}
