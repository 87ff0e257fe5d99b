import { useQueries, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import type { AppError } from './app-error'

/** Rows before and after those in view that are read ahead. */
const AHEAD = 40

export interface RowRange {
  readonly first: number
  readonly last: number
}

/** The pages that hold a stretch of rows and some around it, of a list of `count` rows; never none. */
export const pagesFor = ({ first, last }: RowRange, count: number, size: number): readonly number[] => {
  const end = Math.max(0, count - 1)
  const from = Math.floor(Math.min(end, Math.max(0, first - AHEAD)) / size)
  const to = Math.floor(Math.min(end, Math.max(0, last + AHEAD)) / size)
  return Array.from({ length: to - from + 1 }, (_, page) => from + page)
}

interface Pageable<T> {
  readonly items: readonly T[]
}

/** What is known of a list: the pages in view, and the newest of them for the counts that came with it. */
export interface View<P> {
  /** What it answers. */
  readonly question: string
  readonly pages: ReadonlyMap<number, P>
  readonly newest: P
  readonly updatedAtMs: number
}

interface PageState<P> {
  readonly data: P | undefined
  readonly error: AppError | null
  readonly dataUpdatedAt: number
}

const viewOf = <P>(question: string, numbers: readonly number[], states: readonly PageState<P>[]): View<P> | null => {
  const pages = new Map<number, P>()
  let newest: P | undefined
  let updatedAtMs = 0
  states.forEach(({ data, dataUpdatedAt }, n) => {
    if (data === undefined) return
    pages.set(numbers[n] ?? 0, data)
    if (newest !== undefined && dataUpdatedAt <= updatedAtMs) return
    newest = data
    updatedAtMs = dataUpdatedAt
  })
  return newest === undefined ? null : { question, pages, newest, updatedAtMs }
}

export interface PagesOptions<T, P extends Pageable<T>> {
  /** The first part of the keys of its reads, which topics make old. */
  readonly channel: string
  /** What tells this list from another one of the channel, as JSON. */
  readonly question: string
  /** Rows of a page. */
  readonly size: number
  readonly read: (page: { readonly question: string; readonly offset: number; readonly limit: number }) => Promise<P>
  readonly countOf: (page: P) => number
}

export interface PagesInView<T, P> {
  /** Null until the first page is here. */
  readonly view: View<P> | null
  /** What is shown answers the question before this one. */
  readonly outdated: boolean
  /** Why a part of the list could not be read; what was read before stays. */
  readonly error: AppError | null
  readonly rowAt: (place: number) => T | undefined
  /** -1 when it is not among the pages in view. */
  readonly placeOf: (is: (row: T) => boolean) => number
  readonly onRange: (first: number, last: number) => void
  readonly retry: () => void
}

/**
 * A list of any length, of which only the pages in view are read, and read again when a topic makes them old. While
 * another question is answered the rows of the last one stay, so that nothing flickers.
 */
export const usePagesInView = <T, P extends Pageable<T>>(options: PagesOptions<T, P>): PagesInView<T, P> => {
  const { channel, question, size, read, countOf } = options
  const queryClient = useQueryClient()
  const [numbers, setNumbers] = useState<readonly number[]>([0])
  // Another question begins at the top.
  const [asked, setAsked] = useState(question)
  if (asked !== question) {
    setAsked(question)
    setNumbers([0])
  }
  const states = useQueries({
    queries: numbers.map((page) => ({
      queryKey: [channel, { question, offset: page * size, limit: size }],
      queryFn: () => read({ question, offset: page * size, limit: size }),
    })),
    combine: useCallback(
      (results: readonly PageState<P>[]): readonly PageState<P>[] =>
        results.map(({ data, error, dataUpdatedAt }) => ({ data, error, dataUpdatedAt })),
      [],
    ),
  })
  const fresh = useMemo(() => viewOf(question, numbers, states), [question, numbers, states])
  // A view stays until the next one is there: while scrolling far, and while the question changes.
  const [kept, setKept] = useState<View<P> | null>(null)
  if (fresh !== null && fresh !== kept) setKept(fresh)
  const view = fresh ?? kept
  const count = view === null ? 0 : countOf(view.newest)

  const onRange = useCallback(
    (first: number, last: number) => {
      const wanted = pagesFor({ first, last }, count, size)
      setNumbers((before) => (before.join() === wanted.join() ? before : wanted))
    },
    [count, size],
  )
  const rowAt = useCallback(
    (place: number): T | undefined => view?.pages.get(Math.floor(place / size))?.items[place % size],
    [view, size],
  )
  const placeOf = useCallback(
    (is: (row: T) => boolean) => {
      for (const [page, { items }] of view?.pages ?? []) {
        const found = items.findIndex(is)
        if (found >= 0) return page * size + found
      }
      return -1
    },
    [view, size],
  )
  const retry = useCallback(() => void queryClient.invalidateQueries({ queryKey: [channel] }), [queryClient, channel])
  return {
    view,
    outdated: view !== null && view.question !== question,
    error: states.find(({ error }) => error !== null && error.code !== 'IPC_003')?.error ?? null,
    rowAt,
    placeOf,
    onRange,
    retry,
  }
}
