import type { AgentFilter, CallInput } from '@contract'
import { type AgentSortBy, type AgentsSearch, statesOf } from '@/lib/search'

export type AgentSort = CallInput<'agents.page'>['sort']

/** What a list of agents is asked for. */
export interface AgentQuestion {
  readonly filter: AgentFilter
  readonly sort: AgentSort
}

/** Names begin with A; of times and priorities the newest and the most urgent come first. */
const DESCENDING: Record<AgentSortBy, boolean> = {
  created: true,
  changed: true,
  priority: true,
  name: false,
  state: false,
}

const sortOf = ({ sort = 'created', turned }: AgentsSearch): AgentSort => ({
  by: sort,
  descending: DESCENDING[sort] !== (turned === true),
})

/** What the engine is asked for by an address. */
export const questionOf = (search: AgentsSearch): AgentQuestion => {
  const text = search.q?.trim() ?? ''
  const states = statesOf(search.state)
  return {
    filter: {
      ...(text === '' ? {} : { text }),
      ...(states.length === 0 ? {} : { states: [...states] }),
      ...(search.tier === undefined ? {} : { tiers: [search.tier] }),
      ...(search.mode === undefined ? {} : { modes: [search.mode] }),
      ...(search.priority === undefined ? {} : { priorities: [search.priority] }),
    },
    sort: sortOf(search),
  }
}

/** True when anything narrows the list. */
export const isFiltered = ({ filter }: AgentQuestion): boolean => Object.keys(filter).length > 0

/** What a press on a column's title leads to: its own order, then the other way round, then the newest first again. */
export const nextSort = (search: AgentsSearch, by: AgentSortBy): Pick<AgentsSearch, 'sort' | 'turned'> => {
  if ((search.sort ?? 'created') !== by) return { sort: by, turned: undefined }
  if (search.turned !== true) return { sort: search.sort, turned: true }
  return { sort: undefined, turned: undefined }
}
