import type { CallOutput, Priority, QueuedRun } from '@contract'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { CancelRunDialog } from '@/features/agents'
import { call } from '@/lib/client'
import { useCursor } from '@/lib/cursor'
import { plural } from '@/lib/format'
import { usePagesInView } from '@/lib/pages-in-view'
import { useCommand } from '@/lib/queries'
import { useTight } from '@/lib/use-narrow'
import { useShortcuts } from '@/lib/use-shortcuts'
import {
  EmptyState,
  ErrorNotice,
  ErrorState,
  type MenuAction,
  MenuAt,
  PRIORITY_LOOKS,
  PRIORITY_ORDER,
  SkeletonRows,
  toastError,
  VirtualGrid,
} from '@/ui'
import { movedBy } from './priority-step'
import { type QueueRow, queueColumns } from './queue-columns'

/** Rows that are read at once. */
const PAGE = 100

type Page = Omit<CallOutput<'scheduler.queue'>, 'items'> & { readonly items: readonly QueueRow[] }

const read = async ({ offset, limit }: { readonly offset: number; readonly limit: number }): Promise<Page> => {
  const page = await call('scheduler.queue', { offset, limit })
  return { ...page, items: page.items.map((run, index) => ({ ...run, place: offset + index + 1 })) }
}
const countOf = (page: Page): number => page.total
const idOf = (run: QueuedRun): string => run.executionId

/** Runs that wait, in the order in which they would start; each can be made more or less urgent, or called off. */
export function QueueTable() {
  const navigate = useNavigate()
  const narrow = useTight()
  const prioritise = useCommand('scheduler.prioritise')
  const pages = usePagesInView<QueueRow, Page>({
    channel: 'scheduler.queue',
    question: '{}',
    size: PAGE,
    read,
    countOf,
  })
  const cursor = useCursor<QueueRow>({ pages, idOf })
  const [menu, setMenu] = useState<{ readonly run: QueuedRun; readonly anchor: Element } | null>(null)
  const [cancelling, setCancelling] = useState<QueuedRun | null>(null)
  const columns = useMemo(() => queueColumns({ narrow, onMenu: (run, anchor) => setMenu({ run, anchor }) }), [narrow])
  const setPriority = (run: QueuedRun, priority: Priority) =>
    void prioritise.run({ executionId: run.executionId, priority }).then((outcome) => {
      if (!outcome.ok) toastError(outcome.error)
    })
  const chosen = cursor.index < 0 ? undefined : pages.rowAt(cursor.index)
  const step = (by: 1 | -1) => {
    if (chosen === undefined) return
    const next = movedBy(chosen.priority, by)
    if (next !== chosen.priority) setPriority(chosen, next)
  }
  useShortcuts([
    { keys: '+', label: 'Make the waiting run more urgent', group: 'Queue', run: () => step(1) },
    { keys: '-', label: 'Make the waiting run less urgent', group: 'Queue', run: () => step(-1) },
    {
      keys: 'Delete',
      label: 'Take the run out of the queue',
      group: 'Queue',
      run: () => setCancelling(chosen ?? null),
    },
  ])
  const actionsFor = (run: QueuedRun): readonly MenuAction[] => [
    ...PRIORITY_ORDER.filter((priority) => priority !== run.priority).map((priority) => ({
      id: priority,
      label: `Make it ${PRIORITY_LOOKS[priority].word.toLowerCase()}`,
      onSelect: () => setPriority(run, priority),
    })),
    { id: 'cancel', label: 'Cancel run', danger: true, onSelect: () => setCancelling(run) },
  ]
  const open = (place: number) => {
    const run = pages.rowAt(place)
    if (run === undefined) return
    void navigate({
      to: '/agents/$agentId',
      params: { agentId: run.agentId },
      search: { tab: 'runs', run: run.executionId },
    })
  }
  const { view } = pages
  const count = view === null ? null : countOf(view.newest)
  return (
    <section aria-label="Queue" className="flex min-h-64 flex-1 flex-col">
      <h2 className="section-title flex items-baseline px-4 pt-4 pb-2">
        Queue
        {count !== null && count > 0 && (
          <span className="num ml-auto font-normal text-text-3">
            {plural(count, 'run')}, the next to start first; + and − change how urgent one is
          </span>
        )}
      </h2>
      {view === null || count === null ? (
        pages.error === null ? (
          <SkeletonRows rows={4} />
        ) : (
          <ErrorState error={pages.error} onRetry={pages.retry} />
        )
      ) : count === 0 ? (
        <EmptyState title="Nothing waits">Every run that was asked for has started.</EmptyState>
      ) : (
        <>
          {pages.error !== null && <ErrorNotice error={pages.error} />}
          <VirtualGrid
            label="Queue"
            count={count}
            rowAt={pages.rowAt}
            rowKey={idOf}
            columns={columns}
            currentIndex={cursor.index}
            currentKey={cursor.key}
            onCurrent={(place) => cursor.moveTo(place, pages.rowAt(place)?.executionId ?? null)}
            onOpen={open}
            rowHeight={32}
            showHeader
            onRange={pages.onRange}
          />
        </>
      )}
      {menu !== null && (
        <MenuAt
          label={`Actions for the run of ${menu.run.agentName}`}
          anchor={menu.anchor}
          actions={actionsFor(menu.run)}
          onClose={() => setMenu(null)}
        />
      )}
      {cancelling !== null && (
        <CancelRunDialog run={{ id: cancelling.executionId, state: 'queued' }} onClose={() => setCancelling(null)} />
      )}
    </section>
  )
}
