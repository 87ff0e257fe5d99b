import type { Overview } from '@contract'
import { Link } from '@tanstack/react-router'
import { formatDuration } from '@/lib/format'
import { Age, END_CAUSES, EXECUTION_LOOKS, StatusBadge } from '@/ui'

/** The newest runs of all agents. */
export function RecentRuns({ runs }: { readonly runs: Overview['recentExecutions'] }) {
  return (
    <section aria-label="Recent runs" className="min-w-0 pb-4">
      <h2 className="section-title px-4 pt-4 pb-2">Recent runs</h2>
      {runs.length === 0 ? (
        <p className="px-4 text-text-3">No agent has run yet.</p>
      ) : (
        <ul>
          {runs.map((run) => (
            <li key={run.id}>
              <Link
                to="/agents/$agentId"
                params={{ agentId: run.agentId }}
                search={{ tab: 'log', run: run.id }}
                className="grid h-8 grid-cols-[6.5rem_minmax(6rem,1fr)_minmax(0,1fr)_5rem_5.5rem] items-center gap-3 border-t border-line px-4 outline-offset-[-2px] hover:bg-hover"
              >
                <StatusBadge look={EXECUTION_LOOKS[run.state]} />
                <span className="truncate font-medium">{run.agentName}</span>
                <span className="truncate text-text-3">
                  {run.endCause !== null && run.endCause !== 'completed' ? END_CAUSES[run.endCause] : ''}
                </span>
                <span className="num text-right text-text-2">
                  {run.endedAtMs === null ? '' : formatDuration(run.endedAtMs - run.startedAtMs)}
                </span>
                <Age atMs={run.startedAtMs} className="num text-right text-text-3" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
