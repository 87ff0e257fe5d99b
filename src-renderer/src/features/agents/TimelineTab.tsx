import { Link } from '@tanstack/react-router'
import { formatDateTime, formatDuration, shortId } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { AgentStateBadge, Loaded } from '@/ui'

/** Every change of state with its reason, newest first. */
export function TimelineTab({ agentId }: { readonly agentId: string }) {
  const read = useRead('agents.timeline', { id: agentId })
  return (
    <Loaded read={read}>
      {(changes) => {
        const newestFirst = [...changes].sort((a, b) => b.seq - a.seq)
        return (
          <ol aria-label="State changes" className="min-h-0 flex-1 overflow-y-auto py-2">
            {newestFirst.map((change, index) => {
              const next = newestFirst[index - 1]
              return (
                <li
                  key={change.seq}
                  className="grid grid-cols-[9.5rem_7.5rem_minmax(0,1fr)_auto] items-baseline gap-3 px-4 py-1 hover:bg-hover"
                >
                  <time className="num text-text-3">{formatDateTime(change.atMs)}</time>
                  <AgentStateBadge state={change.to} />
                  <span className="min-w-0 text-text-2 [overflow-wrap:anywhere]">
                    {change.reason}
                    {next !== undefined && (
                      <span className="num text-text-3"> for {formatDuration(next.atMs - change.atMs)}</span>
                    )}
                  </span>
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
            })}
          </ol>
        )
      }}
    </Loaded>
  )
}
