import type { SchedulerStatus } from '@contract'
import clsx from 'clsx'
import type { ReactNode } from 'react'
import { formatCount, formatDuration } from '@/lib/format'
import { Age, PRIORITY_LOOKS, PRIORITY_ORDER } from '@/ui'
import { STRATEGIES } from './backend-looks'

function Figure({
  name,
  children,
  note,
}: {
  readonly name: string
  readonly children: ReactNode
  readonly note: ReactNode
}) {
  return (
    <div className="flex min-w-36 flex-col">
      <dt className="text-xs text-text-3">{name}</dt>
      <dd>
        <span className="num text-md font-semibold tracking-[-0.01em]">{children}</span>
        <span className="num block text-xs text-text-2">{note}</span>
      </dd>
    </div>
  )
}

/** How the queue stands: how much runs, how much waits and for how long, and by which rule runs are shared out. */
export function StatusLine({ status }: { readonly status: SchedulerStatus }) {
  const full = status.running >= status.maxConcurrent
  const waiting = PRIORITY_ORDER.filter((priority) => status.queuedByPriority[priority] > 0)
  return (
    <dl aria-label="Scheduler" className="flex shrink-0 flex-wrap gap-x-8 gap-y-2 border-b border-line px-4 py-3">
      <Figure
        name="Running"
        note={
          status.startedLastMinute === 0
            ? 'none started in the last minute'
            : `${formatCount(status.startedLastMinute)} started in the last minute`
        }
      >
        <span className={clsx(full && status.queued > 0 && 'text-wait')}>{formatCount(status.running)}</span>{' '}
        <span className="font-normal text-text-3">of {formatCount(status.maxConcurrent)}</span>
      </Figure>
      <Figure
        name="In the queue"
        note={
          waiting.length === 0
            ? 'nothing waits'
            : waiting.map((priority, index) => (
                <span key={priority}>
                  {index > 0 && ', '}
                  <span className={PRIORITY_LOOKS[priority].colour}>
                    {formatCount(status.queuedByPriority[priority])} {PRIORITY_LOOKS[priority].word.toLowerCase()}
                  </span>
                </span>
              ))
        }
      >
        {formatCount(status.queued)}
      </Figure>
      <Figure
        name="Wait before the start, p50"
        note={
          <>
            p99 {formatDuration(status.waitMs.p99)}, of the last runs
            {status.oldestQueuedAtMs !== null && (
              <>
                ; the oldest was asked for <Age atMs={status.oldestQueuedAtMs} />
              </>
            )}
          </>
        }
      >
        {formatDuration(status.waitMs.p50)}
      </Figure>
      <Figure name="Made room" note="for a more urgent run">
        {formatCount(status.preempted)}
      </Figure>
      <Figure name="Shared out" note={status.strategy}>
        {STRATEGIES[status.strategy]}
      </Figure>
    </dl>
  )
}
