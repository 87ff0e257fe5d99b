import type { Execution } from '@contract'
import { formatDuration } from '@/lib/format'
import { END_CAUSES, Notice, UntrustedText } from '@/ui'

/** How the shown run ended, when there is something to say about it. */
export function RunResult({ run }: { readonly run: Execution }) {
  if (run.endedAtMs === null || run.endCause === null) return null
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
