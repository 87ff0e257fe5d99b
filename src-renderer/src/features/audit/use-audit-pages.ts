import type { AuditRecord } from '@contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { AppError } from '@/lib/app-error'
import { call } from '@/lib/client'
import { createStreamBuffer, pourStream, soonOnScreen } from '@/lib/streams'
import type { Filter } from './audit-filter'

const PAGE = 200
/** The most new records that are kept above the pages; older ones of them are read again by scrolling. */
const TAIL_CAP = 2000

export interface AuditPages {
  readonly records: readonly AuditRecord[]
  /** How many records match in all; null until the first page is here. */
  readonly total: number | null
  readonly updatedAtMs: number
  readonly fetching: boolean
  readonly loadingMore: boolean
  readonly error: AppError | null
  /** Why new records no longer appear by themselves; null while they do, or while they are not wanted. */
  readonly tailError: AppError | null
  readonly loadMore: () => void
  readonly retry: () => void
}

interface TailOptions {
  readonly filter: Filter
  /** The newest record that is known; null while it is not. */
  readonly afterSeq: number | null
  readonly live: boolean
}

/** Records that were written since the pages were read, newest first. */
const useTail = ({ filter, afterSeq, live }: TailOptions) => {
  const key = JSON.stringify({ filter, afterSeq })
  const [buffer, setBuffer] = useState(() => ({
    key,
    ...createStreamBuffer<AuditRecord>({ cap: TAIL_CAP, soon: soonOnScreen }),
  }))
  // Records of two questions must never mix.
  if (buffer.key !== key) setBuffer({ key, ...createStreamBuffer<AuditRecord>({ cap: TAIL_CAP, soon: soonOnScreen }) })
  useEffect(() => {
    if (!live || afterSeq === null) return
    const last = buffer.snapshot().items.at(-1)?.seq ?? afterSeq
    const asked = JSON.parse(buffer.key) as { filter: Filter }
    return pourStream({ name: 'audit.tail', input: { filter: asked.filter, afterSeq: last } }, buffer)
  }, [live, afterSeq, buffer])
  return useSyncExternalStore(buffer.subscribe, buffer.snapshot)
}

/** The records that match, newest first: pages as one scrolls down, and at the top what is written meanwhile. */
export const useAuditPages = (filter: Filter, live: boolean): AuditPages => {
  const query = useInfiniteQuery({
    queryKey: ['audit.pages', { filter }],
    queryFn: ({ pageParam }) =>
      call('audit.list', { filter, limit: PAGE, ...(pageParam === null ? {} : { beforeSeq: pageParam }) }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.nextBeforeSeq,
    placeholderData: (previous) => previous,
    // No topic makes these old: the tail brings what is new. Coming back to the page reads it anew.
    gcTime: 0,
  })
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = query
  const settled = query.data !== undefined && !query.isPlaceholderData
  const afterSeq = settled ? (query.data.pages[0]?.records[0]?.seq ?? 0) : null
  const tail = useTail({ filter, afterSeq, live })
  const records = useMemo(() => {
    const paged = query.data?.pages.flatMap((page) => page.records) ?? []
    const newest = paged[0]?.seq ?? 0
    const fresh = tail.items.filter(({ seq }) => seq > newest)
    return fresh.length === 0 ? paged : [...fresh.reverse(), ...paged]
  }, [query.data, tail.items])
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage({ cancelRefetch: false })
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const total = query.data?.pages[0]?.total ?? null
  return {
    records,
    total: total === null ? null : total + tail.dropped + tail.items.length,
    updatedAtMs: Math.max(query.dataUpdatedAt, tail.items.at(-1)?.atMs ?? 0),
    fetching: query.isPlaceholderData,
    loadingMore: isFetchingNextPage,
    error: query.data === undefined && query.error?.code !== 'IPC_003' ? query.error : null,
    tailError: live && tail.ended ? tail.error : null,
    loadMore,
    retry: () => void refetch(),
  }
}
