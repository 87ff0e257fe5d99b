import type { BusStats } from '@contract'
import clsx from 'clsx'
import type { ReactNode } from 'react'
import { formatBytes, formatCount, formatDuration } from '@/lib/format'
import { useRead } from '@/lib/queries'

/** No event announces that traffic stopped, so the figures are asked for while they are looked at. */
const SAMPLE_MS = 2_000

export const useBusStats = () => useRead('messages.stats', {}, { sampleEveryMs: SAMPLE_MS })

const rate = (perSecond: number): string =>
  perSecond === 0 || perSecond >= 10 ? formatCount(perSecond) : perSecond.toFixed(1)

/** Without a message there is no delay, and that is not the same as a delay of nothing. */
const delay = (ms: number): string => (ms === 0 ? 'none' : formatDuration(ms))

function Figure({
  name,
  bad = false,
  spare = false,
  children,
}: {
  readonly name: string
  readonly bad?: boolean
  /** Left out where the line has no room for it. */
  readonly spare?: boolean
  readonly children: ReactNode
}) {
  return (
    <div className={clsx('items-baseline gap-1.5 whitespace-nowrap', spare ? 'hidden wide:flex' : 'flex')}>
      <dt className="text-xs text-text-3">{name}</dt>
      <dd className={clsx('num font-medium', bad && 'text-bad')}>{children}</dd>
    </div>
  )
}

/** What the bus does now, in one line. */
export function StatsStrip({ stats, stale }: { readonly stats: BusStats | undefined; readonly stale: boolean }) {
  if (stats === undefined)
    return (
      <div
        role="status"
        aria-label="Loading"
        className="flex h-9 shrink-0 items-center gap-6 border-b border-line px-4"
      >
        {[64, 80, 112, 72, 48].map((width) => (
          <div key={width} className="skeleton h-2.5" style={{ width }} />
        ))}
      </div>
    )
  const waiting = stats.queued + stats.unacknowledged
  return (
    <section aria-label="Figures" className={clsx('shrink-0 border-b border-line px-4 py-2', stale && 'opacity-60')}>
      <dl className="flex flex-wrap gap-x-6 gap-y-1">
        <Figure name="Sent">{rate(stats.sentPerSecond)}/s</Figure>
        <Figure name="Delivered">{rate(stats.deliveredPerSecond)}/s</Figure>
        <Figure name="Latency p50">{delay(stats.latencyMs.p50)}</Figure>
        <Figure name="p99">{delay(stats.latencyMs.p99)}</Figure>
        <Figure name="Waiting">
          {formatCount(waiting)}
          {stats.unacknowledged > 0 && (
            <span className="font-normal text-text-3"> ({formatCount(stats.unacknowledged)} unacknowledged)</span>
          )}
        </Figure>
        <Figure name="Dead" bad={stats.deadLetters > 0}>
          {formatCount(stats.deadLetters)}
        </Figure>
        <Figure name="Refused, last hour" bad={stats.refusedLastHour > 0}>
          {formatCount(stats.refusedLastHour)}
        </Figure>
        <Figure name="Kept" spare>
          {formatBytes(stats.storedBytes)}
        </Figure>
      </dl>
    </section>
  )
}
