import type { AgentSummary } from '@contract'
import {
  Age,
  AgentStateBadge,
  type Column,
  END_CAUSES,
  EXECUTION_LOOKS,
  Menu,
  type MenuAction,
  StatusBadge,
  TIERS,
} from '@/ui'
import type { AgentIntent } from './AgentDialogs'

export interface ColumnOptions {
  /** Beside an open agent there is room for the name and the state only. */
  readonly compact: boolean
  readonly onIntent: (intent: AgentIntent) => void
}

const rowActions = (agent: AgentSummary, onIntent: (intent: AgentIntent) => void): readonly MenuAction[] =>
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

function RowMenu({ agent, onIntent }: { agent: AgentSummary; onIntent: (intent: AgentIntent) => void }) {
  const actions = rowActions(agent, onIntent)
  if (actions.length === 0) return null
  return <Menu label={`Actions for ${agent.name}`} actions={actions} className="size-6" />
}

/** How a run ended, or that it goes on. */
function LastRun({ agent }: { readonly agent: AgentSummary }) {
  const last = agent.lastExecution
  if (last === null) return <span className="text-text-3">never run</span>
  return (
    <span className="flex items-center gap-2">
      <StatusBadge look={EXECUTION_LOOKS[last.state]} />
      {last.endCause !== null && last.endCause !== 'completed' && (
        <span className="truncate text-text-3">{END_CAUSES[last.endCause]}</span>
      )}
    </span>
  )
}

/** The columns of the agent list. */
export const agentColumns = ({ compact, onIntent }: ColumnOptions): readonly Column<AgentSummary>[] =>
  compact
    ? [
        {
          id: 'agent',
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
        {
          id: 'act',
          title: 'Actions',
          track: '1.5rem',
          cell: (agent) => <RowMenu agent={agent} onIntent={onIntent} />,
        },
      ]
    : [
        { id: 'state', title: 'State', track: '7.5rem', cell: (agent) => <AgentStateBadge state={agent.state} /> },
        {
          id: 'name',
          title: 'Name',
          track: 'minmax(10rem,1.2fr)',
          cell: (agent) => <span className="font-medium">{agent.name}</span>,
        },
        {
          id: 'description',
          title: 'Description',
          track: 'minmax(0,1.6fr)',
          cell: (agent) => (
            <span className="text-text-2">{agent.state === 'Failed' ? agent.stateReason : agent.description}</span>
          ),
        },
        {
          id: 'tier',
          title: 'Tier',
          track: '3.5rem',
          cell: (agent) => <span className="text-text-2">{TIERS[agent.tier].name}</span>,
        },
        { id: 'last', title: 'Last run', track: 'minmax(8rem,0.9fr)', cell: (agent) => <LastRun agent={agent} /> },
        {
          id: 'since',
          title: 'Since',
          track: '6rem',
          align: 'end',
          cell: (agent) => <Age atMs={agent.stateChangedAtMs} className="num text-text-2" />,
        },
        {
          id: 'act',
          title: 'Actions',
          hideTitle: true,
          track: '1.75rem',
          cell: (agent) => <RowMenu agent={agent} onIntent={onIntent} />,
        },
      ]
