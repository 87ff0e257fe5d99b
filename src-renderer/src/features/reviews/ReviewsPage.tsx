import type { Tool } from '@contract'
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { useRead } from '@/lib/queries'
import { useShortcuts } from '@/lib/use-shortcuts'
import {
  Age,
  Button,
  type Column,
  EmptyState,
  Loaded,
  PageHeader,
  StatusBadge,
  Tabs,
  TOOL_LOOKS,
  UntrustedText,
  VirtualTable,
} from '@/ui'
import { ConnectDialog } from './ConnectDialog'
import { ServersPanel } from './ServersPanel'

const WAITING: readonly Tool['status'][] = ['changed', 'pending']

const COLUMNS: readonly Column<Tool>[] = [
  {
    id: 'tool',
    title: 'Tool',
    track: 'minmax(0,1fr)',
    cell: (tool) => (
      <div className="flex flex-col leading-[18px]">
        <span className="truncate">
          <UntrustedText text={tool.qualifiedName} />
        </span>
        <span className="flex items-center gap-2 text-xs">
          <StatusBadge look={TOOL_LOOKS[tool.status]} />
          <Age atMs={tool.decidedAtMs ?? tool.offeredAtMs} className="num truncate text-text-3" />
        </span>
      </div>
    ),
  },
]

/** Changed tools first: they were in use. Then the longest waiting. */
const byUrgency = (a: Tool, b: Tool) =>
  WAITING.indexOf(a.status) - WAITING.indexOf(b.status) ||
  a.offeredAtMs - b.offeredAtMs ||
  a.qualifiedName.localeCompare(b.qualifiedName)

const byDecision = (a: Tool, b: Tool) =>
  (b.decidedAtMs ?? 0) - (a.decidedAtMs ?? 0) || a.qualifiedName.localeCompare(b.qualifiedName)

/** The queue and the servers at the left; the tool that is looked at beside them. */
export function ReviewsPage() {
  const navigate = useNavigate()
  const search = useSearch({ from: '/reviews' })
  const { toolId } = useParams({ strict: false })
  const read = useRead('tools.list', {})
  const servers = useRead('servers.list', {})
  const tab = search.tab ?? 'pending'
  const waiting = useMemo(
    () => (read.data ?? []).filter((tool) => WAITING.includes(tool.status)).sort(byUrgency),
    [read.data],
  )
  const decided = useMemo(
    () => (read.data ?? []).filter((tool) => !WAITING.includes(tool.status)).sort(byDecision),
    [read.data],
  )
  const rows = tab === 'pending' ? waiting : decided
  const select = (tool: Tool) =>
    void navigate({
      to: '/reviews/$toolId',
      params: { toolId: tool.id },
      search: { tab: search.tab },
      replace: toolId !== undefined,
    })
  const move = (by: number) => {
    const index = rows.findIndex((tool) => tool.id === toolId)
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + by))]
    if (next !== undefined) select(next)
  }
  const connect = (open: boolean) =>
    void navigate({ to: '.', search: { tab: search.tab, connect: open ? true : undefined }, replace: true })
  useShortcuts([
    { keys: 'j', label: 'Next tool', group: 'Reviews', run: () => move(1) },
    { keys: 'k', label: 'Previous tool', group: 'Reviews', run: () => move(-1) },
    { keys: 'c', label: 'Connect a server', group: 'Reviews', run: () => connect(true) },
  ])
  const noServers = servers.data?.length === 0
  const nothingOffered = servers.data?.every((server) => server.toolCount === 0) ?? true

  return (
    <div className="flex min-h-0 flex-1">
      <section aria-label="Review queue" className="flex min-h-0 w-80 shrink-0 flex-col border-r border-line wide:w-96">
        <PageHeader title="Reviews">
          <Button icon={<Plus size={14} aria-hidden />} onPress={() => connect(true)}>
            Connect a server
          </Button>
        </PageHeader>
        <Tabs
          label="Queue"
          items={[
            { id: 'pending', label: 'Pending', count: read.data === undefined ? undefined : waiting.length },
            { id: 'decided', label: 'Decided', count: read.data === undefined ? undefined : decided.length },
          ]}
          selected={tab}
          onSelect={(id) =>
            void navigate({ to: '.', search: { tab: id === 'decided' ? 'decided' : undefined }, replace: true })
          }
        >
          <Loaded read={read}>
            {() =>
              rows.length > 0 ? (
                <VirtualTable
                  label={tab === 'pending' ? 'Pending tools' : 'Decided tools'}
                  rows={rows}
                  columns={COLUMNS}
                  rowKey={(tool) => tool.id}
                  selectedKey={toolId ?? null}
                  onSelect={select}
                  onOpen={() => document.getElementById('review-detail')?.focus()}
                  rowHeight={44}
                  showHeader={false}
                />
              ) : tab === 'pending' ? (
                <EmptyState title="Nothing waits for you">
                  {nothingOffered
                    ? 'Tools arrive here when a server is connected.'
                    : 'Every tool that is offered has been decided on.'}
                </EmptyState>
              ) : (
                <EmptyState title="Nothing decided yet">
                  What you approve or reject is kept here with your reason.
                </EmptyState>
              )
            }
          </Loaded>
        </Tabs>
        <ServersPanel />
      </section>
      <section
        id="review-detail"
        aria-label="Tool"
        tabIndex={-1}
        className="flex min-h-0 min-w-0 flex-1 flex-col outline-none"
      >
        {toolId !== undefined ? (
          <Outlet />
        ) : noServers ? (
          <EmptyState
            title="No tool server is connected"
            action={
              <Button variant="primary" onPress={() => connect(true)}>
                Connect a server
              </Button>
            }
          >
            Connect an MCP server. Its tools wait here until you approve each one; until then no agent can call them.
          </EmptyState>
        ) : (
          <EmptyState
            title={waiting.length > 0 ? `${waiting.length} to decide` : 'Choose a tool'}
            action={
              waiting.length > 0 ? (
                <Button
                  variant="primary"
                  keyHint="J"
                  onPress={() => {
                    const [first] = waiting
                    if (first !== undefined) select(first)
                  }}
                >
                  Start with the first
                </Button>
              ) : undefined
            }
          >
            An approval counts for exactly the definition that you read. When it changes, the tool is blocked again.
          </EmptyState>
        )}
      </section>
      {search.connect === true && <ConnectDialog onClose={() => connect(false)} />}
    </div>
  )
}
