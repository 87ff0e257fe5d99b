import type { AgentDetail } from '@contract'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { CopyPlus, Pause, Play, SkipForward, Square, X } from 'lucide-react'
import { useCallback, useState } from 'react'
import { formatDateTime, plural, shortId } from '@/lib/format'
import { useRead } from '@/lib/queries'
import type { AgentTab } from '@/lib/search'
import { useShortcuts } from '@/lib/use-shortcuts'
import {
  Age,
  AgentStateBadge,
  Button,
  CopyButton,
  HEALTH_LOOKS,
  IconButton,
  Loaded,
  SkeletonBlock,
  StatusBadge,
  Tabs,
  TIERS,
  UntrustedText,
} from '@/ui'
import { AgentDialogs, type AgentIntent } from './AgentDialogs'
import { ChartsTab } from './ChartsTab'
import { DefinitionTab } from './DefinitionTab'
import { ails, HealthCauses } from './HealthCauses'
import { LogTab } from './LogTab'
import { RunsTab } from './RunsTab'
import { TimelineTab } from './TimelineTab'

const TABS: readonly { readonly id: AgentTab; readonly label: string }[] = [
  { id: 'log', label: 'Log' },
  { id: 'charts', label: 'Charts' },
  { id: 'runs', label: 'Runs' },
  { id: 'timeline', label: 'Timeline' },
  { id: 'definition', label: 'Definition' },
]

interface HeaderProps {
  readonly agent: AgentDetail
  readonly busy: boolean
  readonly onIntent: (act: AgentIntent['act']) => void
  readonly onClose: () => void
}

function Header({ agent, busy, onIntent, onClose }: HeaderProps) {
  const navigate = useNavigate()
  const external = agent.mode === 'external'
  const saidAlready = ails(agent) && agent.health.causes.some(({ text }) => text === agent.stateReason)
  const can = (act: AgentIntent['act']) => agent.actions.includes(act) && !(external && act === 'run')
  return (
    <header className="shrink-0 px-4 pt-3 pb-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 truncate text-lg font-semibold tracking-[-0.01em]">{agent.name}</h1>
        <AgentStateBadge state={agent.state} className="font-medium" />
        <span className="text-text-3">
          since <Age atMs={agent.stateChangedAtMs} />
        </span>
        <div className="ml-auto flex items-center gap-2">
          {can('run') && (
            <Button variant="primary" icon={<Play size={14} aria-hidden />} onPress={() => onIntent('run')}>
              Run
            </Button>
          )}
          {can('suspend') && (
            <Button icon={<Pause size={14} aria-hidden />} busy={busy} onPress={() => onIntent('suspend')}>
              Suspend
            </Button>
          )}
          {can('resume') && (
            <Button icon={<SkipForward size={14} aria-hidden />} busy={busy} onPress={() => onIntent('resume')}>
              Resume
            </Button>
          )}
          {can('stop') && (
            <Button variant="danger-quiet" icon={<Square size={14} aria-hidden />} onPress={() => onIntent('stop')}>
              Stop agent
            </Button>
          )}
          <Button
            icon={<CopyPlus size={14} aria-hidden />}
            onPress={() => void navigate({ to: '/agents/new', search: { from: agent.id } })}
          >
            Duplicate
          </Button>
          <IconButton label="Close" keyHint="Esc" onPress={onClose}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      </div>
      <HealthCauses agent={agent} />
      {agent.stateReason !== null && !saidAlready && (
        <p className="mt-1 text-text-2">
          <UntrustedText text={agent.stateReason} className="font-sans! text-sm!" />
        </p>
      )}
      <p className="mt-1 flex flex-wrap items-center gap-x-3 text-xs text-text-3">
        <span className={agent.tier === 'tier0' ? 'text-wait' : undefined}>
          {TIERS[agent.tier].name}, {TIERS[agent.tier].wall}
        </span>
        {agent.health.status === 'unknown' ? null : <StatusBadge look={HEALTH_LOOKS[agent.health.status]} />}
        {external && (
          <span className={agent.state === 'Unreachable' ? 'text-bad' : undefined}>
            {agent.lastHeartbeatAtMs === null ? (
              'no heartbeat yet'
            ) : (
              <>
                last heartbeat <Age atMs={agent.lastHeartbeatAtMs} />
              </>
            )}
          </span>
        )}
        {agent.liveRuns + agent.queuedRuns > 0 && (
          <span className="num">
            {plural(agent.liveRuns, 'run')} under way, {agent.queuedRuns} in the queue
          </span>
        )}
        <span className="num">version {agent.version}</span>
        <span className="num">created {formatDateTime(agent.createdAtMs)}</span>
        <span className="flex items-center">
          <span className="font-mono" title={agent.id}>
            {shortId(agent.id)}
          </span>
          <CopyButton text={agent.id} label="Copy the agent's id" className="size-5" />
        </span>
      </p>
    </header>
  )
}

/** One agent: its state, what can be done, and everything it did. */
export function AgentDetailPage() {
  const navigate = useNavigate()
  const { agentId } = useParams({ from: '/agents/$agentId' })
  const search = useSearch({ from: '/agents' })
  const [intent, setIntent] = useState<AgentIntent | null>(null)
  const read = useRead('agents.get', { id: agentId })
  const tab = search.tab ?? 'log'
  const close = useCallback(() => setIntent(null), [])
  // Back to the list as it was filtered.
  const leave = () => void navigate({ to: '/agents', search: { ...search, tab: undefined, run: undefined } })
  const agent = read.data
  const ask = (act: AgentIntent['act']) => () => {
    if (agent?.actions.includes(act) === true && !(agent.mode === 'external' && act === 'run'))
      setIntent({ act, agent })
  }
  useShortcuts([
    {
      keys: 'Escape',
      label: 'Close the agent',
      group: 'Agents',
      run: leave,
    },
    { keys: 'shift+Enter', label: 'Run the agent', group: 'Agents', run: ask('run') },
    ...TABS.map((item, index) => ({
      keys: String(index + 1),
      label: `Show ${item.label}`,
      group: 'Agents',
      run: () => void navigate({ to: '.', search: { ...search, tab: item.id } }),
    })),
  ])
  return (
    <Loaded read={read} skeleton={<SkeletonBlock />}>
      {(detail) => (
        <>
          <Header
            agent={detail}
            busy={intent?.act === 'suspend' || intent?.act === 'resume'}
            onIntent={(act) => setIntent({ act, agent: detail })}
            onClose={leave}
          />
          <Tabs
            label="Agent"
            items={TABS}
            selected={tab}
            onSelect={(id) => void navigate({ to: '.', search: { ...search, tab: id } })}
          >
            {tab === 'log' && <LogTab agent={detail} runId={search.run} onRun={ask('run')} />}
            {tab === 'charts' && <ChartsTab agent={detail} runId={search.run} onRun={ask('run')} />}
            {tab === 'runs' && <RunsTab agent={detail} runId={search.run} onRun={ask('run')} />}
            {tab === 'timeline' && <TimelineTab agent={detail} />}
            {tab === 'definition' && <DefinitionTab key={detail.id} agent={detail} />}
          </Tabs>
          <AgentDialogs intent={intent} onClose={close} />
        </>
      )}
    </Loaded>
  )
}
