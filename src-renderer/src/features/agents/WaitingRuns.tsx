import type { AgentDetail } from '@contract'
import { Link } from '@tanstack/react-router'
import { formatCount, plural } from '@/lib/format'
import { Age, Countdown, PRIORITY_LOOKS, UntrustedText } from '@/ui'
import { CancelRun } from './CancelRun'
import { useQueuedRuns } from './use-queued-runs'

/** So many are listed; the whole queue stands on Resources. */
const LISTED = 8

/** Runs of this agent that wait for a place: where they stand, what they wait for, until when. */
export function WaitingRuns({ agent }: { readonly agent: AgentDetail }) {
  const { runs, total, farther } = useQueuedRuns(agent.id, agent.queuedRuns)
  if (agent.queuedRuns === 0 || runs.length + farther === 0) return null
  const hidden = runs.length - LISTED + farther
  return (
    <section aria-label="In the queue" className="shrink-0 border-b border-line bg-sunken px-4 py-2">
      <h2 className="section-title num mb-1 flex items-baseline">
        {plural(agent.queuedRuns, 'run')} in the queue, {formatCount(total)} of all agents
        <Link
          to="/resources"
          search={{ tab: 'queue' }}
          className="ml-auto font-normal text-text-3 hover:text-text hover:underline"
        >
          The whole queue
        </Link>
      </h2>
      <ul>
        {runs.slice(0, LISTED).map((run) => (
          <li key={run.executionId} className="flex min-h-8 flex-wrap items-center gap-x-3 py-0.5">
            <span className="num font-medium whitespace-nowrap">place {formatCount(run.place)}</span>
            <span className={PRIORITY_LOOKS[run.effectivePriority].colour}>
              {PRIORITY_LOOKS[run.effectivePriority].word}
            </span>
            <span className="min-w-0 flex-1 text-text-2">
              <UntrustedText text={run.waitsFor} className="font-sans! text-sm!" />
            </span>
            {run.deadlineAtMs !== null && (
              <span className="text-xs text-text-3">
                starts within <Countdown untilMs={run.deadlineAtMs} aheadMs={0} />
              </span>
            )}
            <span className="text-xs text-text-3">
              asked for <Age atMs={run.queuedAtMs} />
            </span>
            <CancelRun run={{ id: run.executionId, state: 'queued', endedAtMs: null }} />
          </li>
        ))}
      </ul>
      {hidden > 0 && <p className="num text-xs text-text-3">and {formatCount(hidden)} more behind these</p>}
    </section>
  )
}
