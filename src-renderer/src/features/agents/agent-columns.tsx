import type { AgentSummary } from '@contract'
import clsx from 'clsx'
import { Ellipsis } from 'lucide-react'
import { formatCount } from '@/lib/format'
import {
  Age,
  AgentStateBadge,
  type Column,
  END_CAUSES,
  EXECUTION_LOOKS,
  type MenuAction,
  MODES,
  PRIORITY_LOOKS,
  StatusBadge,
  TIERS,
} from '@/ui'
import type { AgentIntent } from './AgentDialogs'

export interface ColumnOptions {
  /** Beside an open agent there is room for the name and the state only. */
  readonly compact: boolean
  /** A narrow window leaves the description and the time of creation to the agent's own page. */
  readonly narrow: boolean
  readonly onMenu: (agent: AgentSummary, anchor: Element) => void
}

/** What can be done with one agent now. */
export const rowActions = (agent: AgentSummary, onIntent: (intent: AgentIntent) => void): readonly MenuAction[] =>
  (
    [
      { id: 'run', label: 'Run' },
      { id: 'suspend', label: 'Suspend' },
      { id: 'resume', label: 'Resume' },
      { id: 'stop', label: 'Stop agent', danger: true },
    ] as const
  )
    .filter((action) => agent.actions.includes(action.id))
    .map((action) => ({ ...action, onSelect: () => onIntent({ act: action.id, agent }) }))

/** A plain button: a thousand rows share one menu, so that they scroll lightly. */
function RowMenu({ agent, onMenu }: { readonly agent: AgentSummary; readonly onMenu: ColumnOptions['onMenu'] }) {
  if (agent.actions.every((action) => action === 'edit')) return null
  return (
    <button
      type="button"
      aria-label={`Actions for ${agent.name}`}
      aria-haspopup="menu"
      onDoubleClick={(event) => event.stopPropagation()}
      onClick={(event) => {
        event.stopPropagation()
        onMenu(agent, event.currentTarget)
      }}
      className="flex size-6 items-center justify-center rounded-md text-text-2 hover:bg-active hover:text-text"
    >
      <Ellipsis size={16} aria-hidden />
    </button>
  )
}

/** How a run ended, or that it goes on. */
function LastRun({ agent, narrow }: { readonly agent: AgentSummary; readonly narrow: boolean }) {
  const last = agent.lastExecution
  if (agent.mode === 'external') {
    return agent.lastHeartbeatAtMs === null ? (
      <span className="text-text-3">never reported</span>
    ) : (
      <span className="text-text-2">
        {narrow ? '' : 'reported '}
        <Age atMs={agent.lastHeartbeatAtMs} />
      </span>
    )
  }
  if (last === null) return <span className="text-text-3">never run</span>
  return (
    <span className="flex min-w-0 items-center gap-2">
      <StatusBadge look={EXECUTION_LOOKS[last.state]} />
      {!narrow && last.endCause !== null && last.endCause !== 'completed' && (
        <span className="min-w-0 truncate text-text-3">{END_CAUSES[last.endCause]}</span>
      )}
    </span>
  )
}

/** Runs under way and runs that wait, said only when there are some. */
function Runs({ agent, narrow }: { readonly agent: AgentSummary; readonly narrow: boolean }) {
  const { liveRuns, queuedRuns } = agent
  if (liveRuns + queuedRuns === 0) return <span className="text-text-3">–</span>
  return (
    <span className="num" title={`${liveRuns} under way, ${queuedRuns} in the queue`}>
      {liveRuns > 0 && <span className="text-run">{formatCount(liveRuns)} live</span>}
      {queuedRuns > 0 && (
        <span className="text-text-2">
          {liveRuns > 0 && narrow ? ' +' : liveRuns > 0 ? ', ' : ''}
          {formatCount(queuedRuns)}
          {!(liveRuns > 0 && narrow) && ' queued'}
        </span>
      )}
    </span>
  )
}

/** Starts after a failure: how many of how many, and when the next is. */
function Restarts({ agent }: { readonly agent: AgentSummary }) {
  const { restarts } = agent
  if (restarts === null || (restarts.attempts === 0 && restarts.nextAtMs === null))
    return <span className="text-text-3">–</span>
  return (
    <span className={clsx('num', restarts.attempts >= restarts.max ? 'text-bad' : 'text-wait')}>
      {restarts.attempts} of {restarts.max}
    </span>
  )
}

const compactColumns = (onMenu: ColumnOptions['onMenu']): readonly Column<AgentSummary>[] => [
  {
    id: 'name',
    title: 'Agent',
    track: 'minmax(0,1fr)',
    cell: (agent) => (
      <div className="flex flex-col leading-[18px]">
        <span className="truncate font-medium">{agent.name}</span>
        <span className="flex items-center gap-2 text-xs">
          <AgentStateBadge state={agent.state} />
          <Age atMs={agent.stateChangedAtMs} className="num truncate text-text-3" />
        </span>
      </div>
    ),
  },
  { id: 'act', title: 'Actions', track: '1.5rem', cell: (agent) => <RowMenu agent={agent} onMenu={onMenu} /> },
]

/** The columns of the agent list. */
export const agentColumns = ({ compact, narrow, onMenu }: ColumnOptions): readonly Column<AgentSummary>[] => {
  if (compact) return compactColumns(onMenu)
  return [
    {
      id: 'state',
      title: 'State',
      track: '6.75rem',
      sortable: true,
      cell: (agent) => <AgentStateBadge state={agent.state} />,
    },
    {
      id: 'name',
      title: 'Name',
      track: narrow ? 'minmax(6rem,1fr)' : 'minmax(8rem,1.6fr)',
      sortable: true,
      cell: (agent) => {
        const note = agent.state === 'Failed' || agent.state === 'Unreachable' ? agent.stateReason : agent.description
        return (
          <>
            <span className="font-medium">{agent.name}</span>
            {!narrow && note !== null && note !== '' && <span className="ml-2 text-text-3">{note}</span>}
          </>
        )
      },
    },
    {
      id: 'tier',
      title: 'Tier',
      track: '3rem',
      cell: (agent) => (
        <span className={agent.tier === 'tier0' ? 'text-wait' : 'text-text-2'}>{TIERS[agent.tier].name}</span>
      ),
    },
    {
      id: 'mode',
      title: 'Mode',
      track: narrow ? '5rem' : '6rem',
      cell: (agent) => <span className="text-text-2">{MODES[agent.mode].word}</span>,
    },
    {
      id: 'priority',
      title: 'Priority',
      track: '4rem',
      sortable: true,
      cell: (agent) => (
        <span className={PRIORITY_LOOKS[agent.priority].colour}>{PRIORITY_LOOKS[agent.priority].word}</span>
      ),
    },
    {
      id: 'runs',
      title: 'Runs now',
      track: narrow ? '4.25rem' : 'minmax(5.5rem,0.4fr)',
      cell: (agent) => <Runs agent={agent} narrow={narrow} />,
    },
    { id: 'restarts', title: 'Restarts', track: '3.75rem', cell: (agent) => <Restarts agent={agent} /> },
    {
      id: 'last',
      title: 'Last run',
      track: narrow ? '6rem' : 'minmax(6.5rem,0.8fr)',
      cell: (agent) => <LastRun agent={agent} narrow={narrow} />,
    },
    {
      id: 'changed',
      title: 'Changed',
      track: '4.5rem',
      align: 'end',
      sortable: true,
      cell: (agent) => <Age atMs={agent.stateChangedAtMs} className="num text-text-2" />,
    },
    ...(narrow
      ? []
      : [
          {
            id: 'created',
            title: 'Created',
            track: '4.5rem',
            align: 'end' as const,
            sortable: true,
            cell: (agent: AgentSummary) => <Age atMs={agent.createdAtMs} className="num text-text-3" />,
          },
        ]),
    {
      id: 'act',
      title: 'Actions',
      hideTitle: true,
      track: '1.5rem',
      cell: (agent) => <RowMenu agent={agent} onMenu={onMenu} />,
    },
  ]
}
