import type { AgentDetail, Restart } from '@contract'
import { Link } from '@tanstack/react-router'
import clsx from 'clsx'
import { useMemo } from 'react'
import { useNow } from '@/lib/clock'
import { formatDateTime, formatDuration, shortId } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { AgentStateBadge, Countdown, ErrorNotice, Loaded, StatusBadge, UntrustedText } from '@/ui'
import { StateTrack } from './StateTrack'
import { staysOf, type TimelineEntry, timelineOf } from './state-track'

const RESTARTS_LISTED = 500

const OUTCOMES = {
  waiting: { word: 'Waits', shape: 'half', colour: 'text-wait' },
  started: { word: 'Started again', shape: 'play', colour: 'text-run' },
  recovered: { word: 'Recovered', shape: 'check', colour: 'text-ok' },
  failed: { word: 'Failed again', shape: 'cross', colour: 'text-bad' },
  'given-up': { word: 'Given up', shape: 'octagon', colour: 'text-bad' },
  'called-off': { word: 'Called off', shape: 'broken', colour: 'text-text-2' },
  reset: { word: 'Count begins anew', shape: 'check', colour: 'text-ok' },
} as const satisfies Record<Restart['outcome'], { word: string; shape: string; colour: string }>

const ROW =
  'grid grid-cols-[9.25rem_8.5rem_minmax(0,1fr)_auto] items-baseline gap-3 px-4 py-1 hover:bg-hover wide:grid-cols-[9.25rem_8.5rem_minmax(0,1fr)_6rem_auto]'

/** A link to the run that a restart followed, or led to. */
function RunLink({ agentId, runId, children }: { agentId: string; runId: string; children: string }) {
  return (
    <Link
      to="/agents/$agentId"
      params={{ agentId }}
      search={{ tab: 'runs', run: runId }}
      className="text-accent underline-offset-2 hover:underline"
    >
      {children}
    </Link>
  )
}

function RestartRow({ restart, agentId }: { readonly restart: Restart; readonly agentId: string }) {
  return (
    <li className={clsx(ROW, 'bg-sunken')}>
      <time className="num text-text-3">{formatDateTime(restart.atMs)}</time>
      <StatusBadge look={OUTCOMES[restart.outcome]} />
      <span className="col-span-2 min-w-0 wide:col-span-3 text-text-2 [overflow-wrap:anywhere]">
        <span className="num font-medium text-text">
          Restart {restart.attempt} of {restart.max}
        </span>
        {restart.outcome !== 'given-up' && restart.outcome !== 'reset' && (
          <span className="num"> after {formatDuration(restart.delayMs)}</span>
        )}
        : <UntrustedText text={restart.reason} className="font-sans! text-sm!" />{' '}
        {restart.failedExecutionId !== null && (
          <RunLink agentId={agentId} runId={restart.failedExecutionId}>
            the run that failed
          </RunLink>
        )}
        {restart.failedExecutionId !== null && restart.executionId !== null && ', '}
        {restart.executionId !== null && (
          <RunLink agentId={agentId} runId={restart.executionId}>
            the new run
          </RunLink>
        )}
      </span>
    </li>
  )
}

function StateRow({ entry }: { readonly entry: Extract<TimelineEntry, { kind: 'state' }> }) {
  const { change, lastedMs } = entry
  const lasted = lastedMs === null ? 'goes on' : `for ${formatDuration(lastedMs)}`
  return (
    <li className={ROW}>
      <time className="num text-text-3">{formatDateTime(change.atMs)}</time>
      <AgentStateBadge state={change.to} />
      <span className="min-w-0 text-text-2 [overflow-wrap:anywhere]">
        <UntrustedText text={change.reason} className="font-sans! text-sm!" />
        <span className="num text-text-3 wide:hidden"> {lasted}</span>
      </span>
      <span className="num hidden text-right text-text-3 wide:block">{lasted}</span>
      <Link
        to="/audit"
        search={{ correlationId: change.correlationId }}
        title={`Audit records of ${change.correlationId}`}
        className="font-mono text-xs text-text-3 hover:text-accent hover:underline"
      >
        {shortId(change.correlationId)}
      </Link>
    </li>
  )
}

/** How often it was started again after a failure, and when the next time is. */
function Restarts({ agent }: { readonly agent: AgentDetail }) {
  const now = useNow()
  const { restarts } = agent
  if (restarts === null) return null
  const left = restarts.max - restarts.attempts
  return (
    <p className="shrink-0 border-b border-line px-4 py-2">
      <span className="num font-medium">
        Restarted {restarts.attempts} of at most {restarts.max} times
      </span>
      <span className="text-text-2">
        {restarts.nextAtMs !== null && restarts.nextAtMs <= now ? (
          '; the next one is due and waits for its place.'
        ) : restarts.nextAtMs !== null ? (
          <>
            , again in <Countdown untilMs={restarts.nextAtMs} aheadMs={0} />
          </>
        ) : left <= 0 ? (
          '; no attempt is left. Run it when the cause is mended.'
        ) : (
          '; the count begins anew once it has been healthy for a while.'
        )}
      </span>
    </p>
  )
}

/** The states to scale, then every change of state and every restart with its reason, newest first. */
export function TimelineTab({ agent }: { readonly agent: AgentDetail }) {
  const read = useRead('agents.timeline', { id: agent.id })
  const restarts = useRead('agents.restarts', { id: agent.id, limit: RESTARTS_LISTED })
  const stays = useMemo(() => staysOf(read.data ?? []), [read.data])
  const entries = useMemo(() => timelineOf(read.data ?? [], restarts.data ?? []), [read.data, restarts.data])
  return (
    <Loaded read={read}>
      {() => (
        <>
          <Restarts agent={agent} />
          <StateTrack stays={stays} />
          {restarts.error !== null && <ErrorNotice error={restarts.error} />}
          <ol aria-label="State changes and restarts" className="min-h-0 flex-1 overflow-y-auto py-2">
            {entries.map((entry) =>
              entry.kind === 'state' ? (
                <StateRow key={`state ${entry.change.seq}`} entry={entry} />
              ) : (
                <RestartRow
                  key={`restart ${entry.atMs} ${entry.restart.attempt} ${entry.restart.outcome}`}
                  restart={entry.restart}
                  agentId={agent.id}
                />
              ),
            )}
          </ol>
        </>
      )}
    </Loaded>
  )
}
