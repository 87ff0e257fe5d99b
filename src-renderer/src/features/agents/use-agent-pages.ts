import type { AgentId, AgentSummary, CallOutput } from '@contract'
import { useCallback } from 'react'
import { call } from '@/lib/client'
import { type PagesInView, usePagesInView } from '@/lib/pages-in-view'
import type { AgentQuestion } from './agent-query'

/** Rows that are read at once. The engine gives at most 200. */
const PAGE = 100

type Page = CallOutput<'agents.page'>

export interface AgentPages extends PagesInView<AgentSummary, Page> {
  /** The ids of a stretch of the list, those that were never in view included. */
  readonly idsBetween: (first: number, last: number) => Promise<readonly AgentId[]>
}

interface Asked {
  readonly question: string
  readonly offset: number
  readonly limit: number
}

const read = ({ question, offset, limit }: Asked): Promise<Page> =>
  call('agents.page', { ...(JSON.parse(question) as AgentQuestion), offset, limit })

const countOf = (page: Page): number => page.matched

/** A list of agents of any length, of which the pages in view are read. */
export const useAgentPages = (asked: AgentQuestion): AgentPages => {
  const question = JSON.stringify(asked)
  const pages = usePagesInView<AgentSummary, Page>({ channel: 'agents.page', question, size: PAGE, read, countOf })
  const { rowAt } = pages
  const idsBetween = useCallback(
    async (first: number, last: number): Promise<readonly AgentId[]> => {
      const rows = Array.from({ length: last - first + 1 }, (_, n) => rowAt(first + n))
      if (rows.every((row) => row !== undefined)) return rows.map(({ id }) => id)
      const ids = await call('agents.ids', { ...(JSON.parse(question) as AgentQuestion), limit: last + 1 })
      return ids.slice(first)
    },
    [rowAt, question],
  )
  return { ...pages, idsBetween }
}
