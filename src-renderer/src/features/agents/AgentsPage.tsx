import type { AgentState, AgentSummary } from '@contract'
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import clsx from 'clsx'
import { Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { useShortcuts } from '@/lib/use-shortcuts'
import {
  AGENT_STATE_ORDER,
  Button,
  EmptyState,
  Loaded,
  PageHeader,
  Select,
  TextInput,
  Updated,
  VirtualTable,
} from '@/ui'
import { AgentDialogs, type AgentIntent } from './AgentDialogs'
import { agentColumns } from './agent-columns'

const matches = (agent: AgentSummary, text: string, state: AgentState | undefined) =>
  (state === undefined || agent.state === state) &&
  (text === '' || `${agent.name} ${agent.description} ${agent.id}`.toLowerCase().includes(text))

/** All agents; one that is chosen opens beside the list. */
export function AgentsPage() {
  const navigate = useNavigate()
  const search = useSearch({ from: '/agents' })
  const { agentId } = useParams({ strict: false })
  const [intent, setIntent] = useState<AgentIntent | null>(null)
  const read = useRead('agents.list', {})
  const text = (search.q ?? '').trim().toLowerCase()
  const rows = useMemo(
    () => (read.data ?? []).filter((agent) => matches(agent, text, search.state)),
    [read.data, text, search.state],
  )
  const open = agentId !== undefined
  const columns = useMemo(() => agentColumns({ compact: open, onIntent: setIntent }), [open])
  const select = (agent: AgentSummary) =>
    void navigate({
      to: '/agents/$agentId',
      params: { agentId: agent.id },
      search: { ...search, run: undefined },
      replace: open,
    })
  const move = (by: number) => {
    const index = rows.findIndex((agent) => agent.id === agentId)
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + by))]
    if (next !== undefined) select(next)
  }
  useShortcuts([
    { keys: 'j', label: 'Next agent', group: 'Agents', run: () => move(1) },
    { keys: 'k', label: 'Previous agent', group: 'Agents', run: () => move(-1) },
    { keys: 'n', label: 'New agent', group: 'Agents', run: () => void navigate({ to: '/agents/new' }) },
    { keys: '/', label: 'Filter agents', group: 'Agents', run: () => document.getElementById('agent-filter')?.focus() },
  ])
  const filter = (change: { q?: string | undefined; state?: AgentState | undefined }) =>
    void navigate({ to: '.', search: { ...search, ...change }, replace: true })

  return (
    <div className="flex min-h-0 flex-1">
      <section
        aria-label="Agent list"
        className={clsx(
          'flex min-h-0 flex-col',
          open ? 'w-72 shrink-0 border-r border-line wide:w-88' : 'min-w-0 flex-1',
        )}
      >
        <PageHeader
          title="Agents"
          note={open || read.data === undefined ? undefined : <Updated atMs={read.dataUpdatedAt} />}
        >
          <Button
            variant="primary"
            icon={<Plus size={14} aria-hidden />}
            onPress={() => void navigate({ to: '/agents/new' })}
          >
            New agent
          </Button>
        </PageHeader>
        <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4">
          <TextInput
            id="agent-filter"
            aria-label="Filter agents"
            placeholder="Filter by name or id"
            value={search.q ?? ''}
            onChange={(event) => filter({ q: event.target.value || undefined })}
            className="max-w-72 flex-1"
          />
          <Select
            aria-label="State"
            value={search.state ?? ''}
            onChange={(event) => filter({ state: AGENT_STATE_ORDER.find((state) => state === event.target.value) })}
            className={open ? 'w-24!' : 'w-36!'}
          >
            <option value="">All states</option>
            {AGENT_STATE_ORDER.map((state) => (
              <option key={state} value={state}>
                {state}
              </option>
            ))}
          </Select>
          {!open && read.data !== undefined && (
            <span className="num ml-auto text-xs text-text-3" aria-live="polite">
              {rows.length === read.data.length
                ? plural(rows.length, 'agent')
                : `${rows.length} of ${plural(read.data.length, 'agent')}`}
            </span>
          )}
        </div>
        <Loaded read={read}>
          {(all) =>
            all.length === 0 ? (
              <EmptyState
                title="No agents yet"
                action={
                  <Button variant="primary" onPress={() => void navigate({ to: '/agents/new' })}>
                    New agent
                  </Button>
                }
              >
                An agent is a program that runs behind walls and asks before it acts. Start from a template.
              </EmptyState>
            ) : rows.length === 0 ? (
              <EmptyState
                title="No agent matches"
                action={<Button onPress={() => filter({ q: undefined, state: undefined })}>Clear the filter</Button>}
              >
                {plural(all.length, 'agent')} {all.length === 1 ? 'is' : 'are'} hidden by the filter.
              </EmptyState>
            ) : (
              <VirtualTable
                label="Agents"
                rows={rows}
                columns={columns}
                rowKey={(agent) => agent.id}
                selectedKey={agentId ?? null}
                onSelect={select}
                onOpen={() => document.getElementById('agent-detail')?.focus()}
                rowHeight={open ? 44 : 36}
                showHeader={!open}
              />
            )
          }
        </Loaded>
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
    </div>
  )
}
