import type { AgentId } from '@contract'

/** Which agents are chosen, and where the choice of a range begins. */
export interface Selection {
  readonly ids: ReadonlySet<AgentId>
  /** Place in the list where the last choice began; null before any. */
  readonly anchor: number | null
  /** What was chosen before the present range; a longer or shorter range leaves it alone. */
  readonly base: ReadonlySet<AgentId>
}

const EMPTY: ReadonlySet<AgentId> = new Set()

export const NOTHING: Selection = { ids: EMPTY, anchor: null, base: EMPTY }

/** Put one agent in, or take it out; a range begins there from now on. */
export const toggled = (selection: Selection, id: AgentId, place: number): Selection => {
  const ids = new Set(selection.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: place, base: ids }
}

/** The places that a range to `place` covers; it begins at the anchor, or at `from` where there is none. */
export const rangeTo = (selection: Selection, place: number, from: number): readonly [number, number] => {
  const anchor = selection.anchor ?? Math.max(0, from)
  return [Math.min(anchor, place), Math.max(anchor, place)]
}

/** What was chosen before, and every agent of the range; the range that was there before is given up. */
export const extended = (selection: Selection, range: readonly AgentId[], from: number): Selection => ({
  ids: new Set([...selection.base, ...range]),
  anchor: selection.anchor ?? Math.max(0, from),
  base: selection.base,
})

/** Exactly these. */
export const allOf = (ids: readonly AgentId[]): Selection => {
  const all = new Set(ids)
  return { ids: all, anchor: null, base: all }
}
