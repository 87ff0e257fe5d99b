import type { AgentSummary } from '@contract'
import { useRead } from './queries'

const NONE: readonly AgentSummary[] = []

/** The first agents, by name, that have the text in their name, description or id. There may be thousands in all. */
export const useAgentsByName = (text: string, limit: number): readonly AgentSummary[] => {
  const wanted = text.trim().slice(0, 200)
  const read = useRead(
    'agents.page',
    {
      filter: wanted === '' ? {} : { text: wanted },
      sort: { by: 'name', descending: false },
      offset: 0,
      limit,
    },
    { keepPrevious: true },
  )
  return read.data?.items ?? NONE
}
