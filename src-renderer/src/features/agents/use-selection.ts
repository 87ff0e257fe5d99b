import type { AgentId, AgentSummary } from '@contract'
import { useCallback, useMemo, useRef, useState } from 'react'
import { toAppError } from '@/lib/app-error'
import { call } from '@/lib/client'
import { formatCount } from '@/lib/format'
import { type GridSelection, toastError } from '@/ui'
import type { AgentQuestion } from './agent-query'
import { allOf, extended, NOTHING, rangeTo, type Selection, toggled } from './selection'
import type { AgentPages } from './use-agent-pages'

/** As many as the engine names at once. */
const MOST = 10_000

export interface AgentSelection {
  readonly ids: ReadonlySet<AgentId>
  readonly grid: GridSelection<AgentSummary>
  readonly clear: () => void
  readonly chooseAll: () => void
}

/** Which agents are chosen, by place in the list. Another filter ends the choice: nobody should act on what is hidden. */
export const useSelection = (pages: AgentPages, question: AgentQuestion, cursor: number): AgentSelection => {
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const filter = JSON.stringify(question.filter)
  const [filtered, setFiltered] = useState(filter)
  if (filtered !== filter) {
    setFiltered(filter)
    setSelection(NOTHING)
  }
  // Answers of earlier questions that come late must not overwrite a newer choice.
  const turn = useRef(0)
  const { rowAt, idsBetween } = pages
  const matched = pages.view?.newest.matched ?? 0

  const later = useCallback((reading: Promise<readonly AgentId[]>, apply: (ids: readonly AgentId[]) => void) => {
    turn.current += 1
    const mine = turn.current
    reading.then(
      (ids) => {
        if (turn.current === mine) apply(ids)
      },
      (thrown: unknown) => toastError(toAppError(thrown)),
    )
  }, [])
  const clear = useCallback(() => {
    turn.current += 1
    setSelection(NOTHING)
  }, [])
  const { sort } = question
  const chooseAll = useCallback(
    () =>
      later(call('agents.ids', { filter: JSON.parse(filter), sort, limit: MOST }), (ids) => setSelection(allOf(ids))),
    [later, filter, sort],
  )
  const grid = useMemo<GridSelection<AgentSummary>>(() => {
    const state = selection.ids.size === 0 ? 'none' : selection.ids.size >= matched ? 'all' : 'some'
    return {
      has: ({ id }) => selection.ids.has(id),
      state,
      rowLabel: ({ name }) => `Choose ${name}`,
      allLabel: state === 'all' ? 'Choose none' : `Choose all ${formatCount(matched)}`,
      toggle: (place) => {
        const row = rowAt(place)
        if (row === undefined) return
        turn.current += 1
        setSelection((before) => toggled(before, row.id, place))
      },
      extend: (place) => {
        const [first, last] = rangeTo(selection, place, cursor)
        // The range begins here even when its agents are still being named.
        setSelection((before) => extended(before, [], cursor))
        later(idsBetween(first, last), (ids) => setSelection((before) => extended(before, ids, cursor)))
      },
      toggleAll: state === 'all' ? clear : chooseAll,
    }
  }, [selection, matched, rowAt, idsBetween, cursor, later, clear, chooseAll])
  return { ids: selection.ids, grid, clear, chooseAll }
}
