import type { AgentSummary } from '@contract'
import { useMemo, useState } from 'react'
import type { Cursor } from '@/lib/cursor'
import { plural } from '@/lib/format'
import { AGENT_SORTS, type AgentSortBy } from '@/lib/search'
import { useTight } from '@/lib/use-narrow'
import { Button, EmptyState, ErrorNotice, ErrorState, MenuAt, SkeletonRows, VirtualGrid } from '@/ui'
import type { AgentIntent } from './AgentDialogs'
import { agentColumns, rowActions } from './agent-columns'
import type { AgentQuestion } from './agent-query'
import type { AgentPages } from './use-agent-pages'
import type { AgentSelection } from './use-selection'

export interface AgentListProps {
  readonly pages: AgentPages
  readonly question: AgentQuestion
  readonly cursor: Cursor
  readonly selection: AgentSelection
  /** An agent is open beside the list. */
  readonly compact: boolean
  readonly onCurrent: (place: number, by: 'key' | 'pointer') => void
  readonly onOpen: (place: number) => void
  readonly onSort: (by: AgentSortBy) => void
  readonly onIntent: (intent: AgentIntent) => void
  readonly onNew: () => void
  readonly onClear: () => void
}

const keyOf = (agent: AgentSummary) => agent.id

/** The agents that the filter leaves; or why there are none. */
export function AgentList(props: AgentListProps) {
  const { pages, question, cursor, selection, compact, onCurrent, onOpen, onSort, onIntent, onNew, onClear } = props
  const { view } = pages
  const narrow = useTight()
  const [menu, setMenu] = useState<{ readonly agent: AgentSummary; readonly anchor: Element } | null>(null)
  const columns = useMemo(
    () => agentColumns({ compact, narrow, onMenu: (agent, anchor) => setMenu({ agent, anchor }) }),
    [compact, narrow],
  )
  if (view === null)
    return pages.error === null ? <SkeletonRows rows={16} /> : <ErrorState error={pages.error} onRetry={pages.retry} />
  if (view.newest.total === 0)
    return (
      <EmptyState
        title="No agents yet"
        action={
          <Button variant="primary" onPress={onNew}>
            New agent
          </Button>
        }
      >
        An agent is a program that runs behind walls and asks before it acts. Start from a template.
      </EmptyState>
    )
  if (view.newest.matched === 0)
    return (
      <EmptyState title="No agent matches" action={<Button onPress={onClear}>Clear the filter</Button>}>
        {plural(view.newest.total, 'agent')} {view.newest.total === 1 ? 'is' : 'are'} hidden by the filter.
      </EmptyState>
    )
  return (
    <>
      {pages.error !== null && (
        <ErrorNotice
          error={pages.error}
          action={
            <Button size="small" onPress={pages.retry}>
              Retry
            </Button>
          }
        />
      )}
      <div
        aria-busy={pages.outdated}
        className={
          pages.outdated
            ? 'flex min-h-0 flex-1 flex-col opacity-60 transition-opacity delay-150'
            : 'flex min-h-0 flex-1 flex-col'
        }
      >
        <VirtualGrid
          label="Agents"
          count={view.newest.matched}
          rowAt={pages.rowAt}
          rowKey={keyOf}
          columns={columns}
          currentIndex={cursor.index}
          currentKey={cursor.key}
          onCurrent={onCurrent}
          onOpen={onOpen}
          rowHeight={compact ? 44 : 36}
          showHeader={!compact}
          sort={question.sort}
          onSort={(column) => {
            const by = AGENT_SORTS.find((candidate) => candidate === column)
            if (by !== undefined) onSort(by)
          }}
          selection={selection.grid}
          onRange={pages.onRange}
          listKey={JSON.stringify(question)}
        />
      </div>
      {menu !== null && (
        <MenuAt
          label={`Actions for ${menu.agent.name}`}
          anchor={menu.anchor}
          actions={rowActions(menu.agent, onIntent)}
          onClose={() => setMenu(null)}
        />
      )}
    </>
  )
}
