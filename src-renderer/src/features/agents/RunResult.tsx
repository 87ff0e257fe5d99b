import type { AgentDetail, Execution } from '@contract'
import { formatDuration } from '@/lib/format'
import { Age, END_CAUSES, Notice, ORIGINS, UntrustedText } from '@/ui'
import { CancelRun } from './CancelRun'
import { useQueuedRuns } from './use-queued-runs'

interface RunResultProps {
  readonly agent: Pick<AgentDetail, 'id' | 'queuedRuns'>
  readonly run: Execution
}

/** A run that waits: its place and what it waits for. */
function Queued({ agent, run }: RunResultProps) {
  const { runs, total } = useQueuedRuns(agent.id, Math.max(1, agent.queuedRuns))
  const mine = runs.find(({ executionId }) => executionId === run.id)
  return (
    <div className="shrink-0 border-b border-line">
      <Notice
        tone="plain"
        title={
          mine === undefined
            ? 'This run waits in the queue'
            : `This run waits, place ${mine.place} of ${total} in the queue`
        }
        action={<CancelRun run={run} />}
      >
        {mine !== undefined && <UntrustedText text={mine.waitsFor} className="font-sans! text-sm!" />} Asked for{' '}
        <Age atMs={run.queuedAtMs} /> by {ORIGINS[run.origin]}.
      </Notice>
    </div>
  )
}

/** A run under way: since when, where, and how to end it. */
function Going({ run }: { readonly run: Execution }) {
  return (
    <div className="flex min-h-9 shrink-0 items-center gap-2 border-b border-line px-4 py-1 text-text-2">
      <span className="min-w-0 flex-1 truncate">
        {run.state === 'starting' ? 'Starting' : 'Running'} since <Age atMs={run.startedAtMs} />
        {run.backend !== null && (
          <>
            {' '}
            on <span className="font-mono text-xs">{run.backend}</span>
          </>
        )}
        {run.attempt > 1 && `, attempt ${run.attempt}`}
      </span>
      <CancelRun run={run} />
    </div>
  )
}

/** Where the shown run stands: in the queue, under way, or how it ended. */
export function RunResult({ agent, run }: RunResultProps) {
  if (run.state === 'queued') return <Queued agent={agent} run={run} />
  if (run.endedAtMs === null || run.endCause === null) return <Going run={run} />
  const took = formatDuration(run.endedAtMs - run.startedAtMs)
  if (run.state === 'succeeded') {
    return (
      <div className="shrink-0 border-b border-line">
        <Notice tone="ok" title={`Completed in ${took}${run.exitCode === null ? '' : `, exit code ${run.exitCode}`}`}>
          {run.output !== null && (
            <span className="line-clamp-2">
              <UntrustedText text={typeof run.output === 'string' ? run.output : JSON.stringify(run.output)} />
            </span>
          )}
        </Notice>
      </div>
    )
  }
  return (
    <div className="shrink-0 border-b border-line">
      <Notice
        tone={run.state === 'stopped' ? 'plain' : 'bad'}
        title={`${END_CAUSES[run.endCause]} after ${took}${run.exitCode === null ? '' : `, exit code ${run.exitCode}`}`}
      >
        {run.errorMessage !== null && <UntrustedText text={run.errorMessage} />}
        {run.errorCode !== null && (
          <p>
            {run.errorNextStep} <span className="font-mono text-xs text-text-3">{run.errorCode}</span>
          </p>
        )}
      </Notice>
    </div>
  )
}
