import { useCallback, useState } from 'react'
import type { PagesInView } from './pages-in-view'

export interface Cursor {
  /** -1 for none. */
  readonly index: number
  readonly key: string | null
  /** `id` is null while the row of that place is not here. */
  readonly moveTo: (place: number, id: string | null) => void
}

export interface CursorOptions<T> {
  readonly pages: Pick<PagesInView<T, unknown>, 'rowAt' | 'placeOf'>
  readonly idOf: (row: T) => string
  /** What is open beside the list, when something is. */
  readonly openId?: string | undefined
}

/** Where the keys are in a list. It stays with its row when others come or go above, and is the open one while one is. */
export const useCursor = <T>({ pages, idOf, openId }: CursorOptions<T>): Cursor => {
  const [at, setAt] = useState<{ readonly place: number; readonly id: string | null }>({ place: -1, id: null })
  const [lastOpen, setLastOpen] = useState<string | undefined>(undefined)
  const { placeOf, rowAt } = pages
  const id = openId ?? at.id
  const found = id === null ? -1 : placeOf((row) => idOf(row) === id)
  if (openId !== lastOpen) {
    setLastOpen(openId)
    if (openId !== undefined && found >= 0) setAt({ place: found, id: openId })
  } else if (at.id === null) {
    // The keys came by before the row was here.
    const here = at.place < 0 ? undefined : rowAt(at.place)
    if (here !== undefined) setAt({ place: at.place, id: idOf(here) })
  } else if (at.id === id && found >= 0 && found !== at.place) setAt({ place: found, id: at.id })

  const index = found >= 0 ? found : openId === undefined || at.id === openId ? at.place : -1
  const key = id ?? (at.place < 0 ? null : `place ${at.place}`)
  const moveTo = useCallback((place: number, to: string | null) => setAt({ place, id: to }), [])
  return { index, key, moveTo }
}
