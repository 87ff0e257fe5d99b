import type { QueuedRun } from '@contract'
import { Link } from '@tanstack/react-router'
import { Ellipsis } from 'lucide-react'
import { useNow } from '@/lib/clock'
import { Age, type Column, Countdown, ORIGINS, PRIORITY_LOOKS, TIERS, UntrustedText } from '@/ui'

/** A waiting run with its place: 1 starts next. */
export interface QueueRow extends QueuedRun {
  readonly place: number
}

/** What it was asked for with, and what it has become by waiting. */
function PriorityOf({ run }: { readonly run: QueuedRun }) {
  const { priority, effectivePriority } = run
  return (
    <span>
      <span className={PRIORITY_LOOKS[priority].colour}>{PRIORITY_LOOKS[priority].word}</span>
      {effectivePriority !== priority && (
        <span className="text-text-2" title="It has waited so long that it counts as this.">
          {' '}
          → <span className={PRIORITY_LOOKS[effectivePriority].colour}>{PRIORITY_LOOKS[effectivePriority].word}</span>
        </span>
      )}
    </span>
  )
}

/** When it may start at the earliest, or has to at the latest. */
function When({ run }: { readonly run: QueuedRun }) {
  const now = useNow()
  if (run.notBeforeMs !== null && run.notBeforeMs > now)
    return (
      <span className="text-xs text-text-3">
        not before <Countdown untilMs={run.notBeforeMs} aheadMs={0} className="text-text-2!" />
      </span>
    )
  if (run.deadlineAtMs === null) return <span className="text-text-3">–</span>
  return (
    <span className="text-xs text-text-3">
      within <Countdown untilMs={run.deadlineAtMs} aheadMs={0} />
    </span>
  )
}

export interface QueueColumnOptions {
  readonly narrow: boolean
  readonly onMenu: (run: QueuedRun, anchor: Element) => void
}

export const queueColumns = ({ narrow, onMenu }: QueueColumnOptions): readonly Column<QueueRow>[] => [
  {
    id: 'place',
    title: 'Place',
    track: '3rem',
    align: 'end',
    cell: (run) => <span className="num text-text-2">{run.place}</span>,
  },
  {
    id: 'agent',
    title: 'Agent',
    track: 'minmax(7rem,1fr)',
    cell: (run) => (
      <Link
        to="/agents/$agentId"
        params={{ agentId: run.agentId }}
        search={{ tab: 'runs', run: run.executionId }}
        tabIndex={-1}
        className="font-medium underline-offset-2 hover:underline"
      >
        {run.agentName}
      </Link>
    ),
  },
  { id: 'priority', title: 'Priority', track: '7.5rem', cell: (run) => <PriorityOf run={run} /> },
  {
    id: 'waits',
    title: 'Waits for',
    track: 'minmax(9rem,2fr)',
    cell: (run) => <UntrustedText text={run.waitsFor} className="font-sans! text-sm!" />,
  },
  ...(narrow
    ? []
    : [
        {
          id: 'origin',
          title: 'Asked for by',
          track: 'minmax(6rem,0.8fr)',
          cell: (run: QueueRow) => (
            <span className="text-text-2">
              {ORIGINS[run.origin]}
              {run.attempt > 1 && `, attempt ${run.attempt}`}
            </span>
          ),
        },
        {
          id: 'tier',
          title: 'Tier',
          track: '3rem',
          cell: (run: QueueRow) => <span className="text-text-2">{TIERS[run.tier].name}</span>,
        },
      ]),
  { id: 'when', title: 'Start', track: '7.5rem', cell: (run) => <When run={run} /> },
  {
    id: 'asked',
    title: 'Asked for',
    track: '5rem',
    align: 'end',
    cell: (run) => <Age atMs={run.queuedAtMs} className="num text-text-2" />,
  },
  {
    id: 'act',
    title: 'Actions',
    hideTitle: true,
    track: '1.5rem',
    cell: (run) => (
      <button
        type="button"
        aria-label={`Actions for the run of ${run.agentName} at place ${run.place}`}
        aria-haspopup="menu"
        onClick={(event) => {
          event.stopPropagation()
          onMenu(run, event.currentTarget)
        }}
        className="flex size-6 items-center justify-center rounded-md text-text-2 hover:bg-active hover:text-text"
      >
        <Ellipsis size={16} aria-hidden />
      </button>
    ),
  },
]
