import { useMemo, useRef, useState } from 'react'
import type { GridSelection } from '@/ui'

export interface Choice<T> {
  /** Ids of what is chosen and still in the list. */
  readonly ids: readonly string[]
  readonly selection: GridSelection<T>
  readonly clear: () => void
  readonly toggleKey: (key: string) => void
}

export interface ChoiceOptions<T> {
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  readonly labelOf: (row: T) => string
  readonly allLabel: string
}

/** Which rows of a list are chosen; a row that leaves the list is no longer chosen. */
export const useChoice = <T>({ rows, keyOf, labelOf, allLabel }: ChoiceOptions<T>): Choice<T> => {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const anchor = useRef(0)
  return useMemo(() => {
    const keys = rows.map(keyOf)
    const ids = keys.filter((key) => chosen.has(key))
    const toggleKey = (key: string) =>
      setChosen((before) => {
        const after = new Set(before)
        if (!after.delete(key)) after.add(key)
        return after
      })
    return {
      ids,
      toggleKey,
      clear: () => setChosen(new Set()),
      selection: {
        has: (row) => chosen.has(keyOf(row)),
        state: ids.length === 0 ? 'none' : ids.length === keys.length ? 'all' : 'some',
        rowLabel: labelOf,
        allLabel,
        toggle: (index) => {
          anchor.current = index
          const key = keys[index]
          if (key !== undefined) toggleKey(key)
        },
        extend: (index) => {
          const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)]
          setChosen((before) => new Set([...before, ...keys.slice(from, to + 1)]))
        },
        toggleAll: () => setChosen(ids.length === keys.length ? new Set() : new Set(keys)),
      },
    }
  }, [rows, keyOf, labelOf, allLabel, chosen])
}
