import type { AgentSummary } from '@contract'
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import clsx from 'clsx'
import { Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { toAppError } from '@/lib/app-error'
import { useCursor } from '@/lib/cursor'
import type { AgentsSearch } from '@/lib/search'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, PageHeader, toastError, Updated } from '@/ui'
import { AgentDialogs, type AgentIntent } from './AgentDialogs'
import { AgentFilters } from './AgentFilters'
import { AgentList } from './AgentList'
import { isFiltered, nextSort, questionOf } from './agent-query'
import { BulkBar } from './BulkBar'
import { BulkDialogs } from './BulkDialogs'
import { useAgentPages } from './use-agent-pages'
import { useBulk } from './use-bulk'
import { useSelection } from './use-selection'

const UNFILTERED = { q: undefined, state: undefined, tier: undefined, mode: undefined, priority: undefined } as const

const idOf = ({ id }: AgentSummary) => id

const focusList = () => document.querySelector<HTMLElement>('#agent-list [role="grid"]')?.focus({ preventScroll: true })

/** All agents, thousands of them if need be; one that is chosen opens beside the list. */
export function AgentsPage() {
  const navigate = useNavigate()
  const search = useSearch({ from: '/agents' })
  const { agentId } = useParams({ strict: false })
  const [intent, setIntent] = useState<AgentIntent | null>(null)
  const question = useMemo(() => questionOf(search), [search])
  const pages = useAgentPages(question)
  const cursor = useCursor({ pages, idOf, openId: agentId })
  const selection = useSelection(pages, question, cursor.index)
  const bulk = useBulk(selection.clear)
  const { view } = pages
  const open = agentId !== undefined
  const filtered = isFiltered(question)

  const change = (part: Partial<AgentsSearch>) =>
    void navigate({ to: '.', search: { ...search, ...part }, replace: true })
  const openAgent = (id: string) =>
    void navigate({
      to: '/agents/$agentId',
      params: { agentId: id },
      search: { ...search, run: undefined },
      replace: open,
      resetScroll: false,
    })
  const openAt = async (place: number) => {
    const id = pages.rowAt(place)?.id ?? (await pages.idsBetween(place, place))[0]
    if (id === undefined) return
    cursor.moveTo(place, id)
    openAgent(id)
  }
  const show = (place: number) => void openAt(place).catch((thrown: unknown) => toastError(toAppError(thrown)))
  const moveTo = (place: number) => {
    if (open) show(place)
    else cursor.moveTo(place, pages.rowAt(place)?.id ?? null)
  }
  const move = (by: number) => {
    const last = (view?.newest.matched ?? 0) - 1
    if (last < 0) return
    moveTo(Math.min(last, Math.max(0, cursor.index + by)))
    focusList()
  }
  useShortcuts([
    { keys: 'j', label: 'Next agent', group: 'Agents', run: () => move(1) },
    { keys: 'k', label: 'Previous agent', group: 'Agents', run: () => move(-1) },
    { keys: 'n', label: 'New agent', group: 'Agents', run: () => void navigate({ to: '/agents/new' }) },
    { keys: '/', label: 'Filter agents', group: 'Agents', run: () => document.getElementById('agent-filter')?.focus() },
    { keys: 'mod+a', label: 'Choose all agents that match', group: 'Agents', run: selection.chooseAll },
  ])

  return (
    <div className="flex min-h-0 flex-1">
      <section
        id="agent-list"
        aria-label="Agent list"
        className={clsx(
          'flex min-h-0 flex-col',
          open ? 'w-72 shrink-0 border-r border-line wide:w-88' : 'min-w-0 flex-1',
        )}
      >
        <PageHeader title="Agents" note={open || view === null ? undefined : <Updated atMs={view.updatedAtMs} />}>
          <Button
            variant="primary"
            icon={<Plus size={14} aria-hidden />}
            onPress={() => void navigate({ to: '/agents/new' })}
          >
            New agent
          </Button>
        </PageHeader>
        <AgentFilters
          search={search}
          counts={view?.newest.countByState ?? {}}
          matched={view?.newest.matched ?? null}
          total={view?.newest.total ?? 0}
          filtered={filtered}
          outdated={pages.outdated}
          compact={open}
          chips={!open && selection.ids.size === 0 && (view?.newest.total ?? 0) > 0}
          onChange={change}
          onClear={() => change(UNFILTERED)}
        />
        {selection.ids.size > 0 && (
          <BulkBar
            selection={selection}
            matched={view?.newest.matched ?? 0}
            compact={open}
            onAct={(act) => bulk.ask(act, selection.ids)}
          />
        )}
        <AgentList
          pages={pages}
          question={question}
          cursor={cursor}
          selection={selection}
          compact={open}
          onCurrent={(place, by) => (by === 'pointer' ? show(place) : moveTo(place))}
          onOpen={(place) => {
            if (open) document.getElementById('agent-detail')?.focus()
            else show(place)
          }}
          onSort={(by) => change(nextSort(search, by))}
          onIntent={setIntent}
          onNew={() => void navigate({ to: '/agents/new' })}
          onClear={() => change(UNFILTERED)}
        />
      </section>
      {open && (
        <section
          id="agent-detail"
          aria-label="Agent"
          tabIndex={-1}
          className="flex min-h-0 min-w-0 flex-1 flex-col outline-none"
        >
          <Outlet />
        </section>
      )}
      <AgentDialogs intent={intent} onClose={() => setIntent(null)} />
      <BulkDialogs bulk={bulk} />
    </div>
  )
}
