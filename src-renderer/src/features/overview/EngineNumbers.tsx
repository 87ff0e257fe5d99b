import type { Overview } from '@contract'
import { Link } from '@tanstack/react-router'
import clsx from 'clsx'
import type { ReactNode } from 'react'
import { useNow } from '@/lib/clock'
import { formatAge, formatBytes, formatCount, formatDuration } from '@/lib/format'

/** Older than this, the figures are no longer the present. */
const STALE_MS = 60_000
/** Above this delay the engine is noticeably late; the product's own target is a fifth of it. */
const LATE_MS = 50

interface NumberRowProps {
  readonly name: string
  readonly source: string
  readonly stale: boolean
  readonly bad?: boolean
  readonly children: ReactNode
}

function NumberRow({ name, source, stale, bad = false, children }: NumberRowProps) {
  return (
    <div className="grid h-8 grid-cols-[minmax(0,1fr)_auto] items-center gap-3 border-t border-line px-4">
      <dt className="truncate">
        {name} <span className="text-xs text-text-3">{source}</span>
      </dt>
      <dd className={clsx('num', stale ? 'text-text-3' : bad ? 'font-medium text-wait' : 'font-medium')}>{children}</dd>
    </div>
  )
}

/** Figures of the engine's process, each with its source; grey when they are old. */
export function EngineNumbers({ overview }: { readonly overview: Overview }) {
  const now = useNow()
  const stale = now - overview.sampledAtMs > STALE_MS
  const { p50, p99 } = overview.eventLoopDelayMs
  return (
    <section aria-label="Engine">
      <h2 className="section-title flex items-baseline px-4 pt-4 pb-2">
        Engine
        <span className="num ml-auto font-normal text-text-3">
          {stale ? 'stale, ' : ''}sampled {formatAge(overview.sampledAtMs, now)}
        </span>
      </h2>
      <dl>
        <NumberRow name="Runs under way" source="all back-ends" stale={stale}>
          <Link to="/resources" className="underline-offset-2 hover:underline">
            {formatCount(overview.liveRuns)}
          </Link>
        </NumberRow>
        <NumberRow name="Runs in the queue" source="all priorities" stale={stale}>
          <Link to="/resources" search={{ tab: 'queue' }} className="underline-offset-2 hover:underline">
            {formatCount(overview.queuedRuns)}
          </Link>
        </NumberRow>
        <NumberRow name="Open breakers" source="not tried for now" stale={stale} bad={overview.openBreakers > 0}>
          <Link to="/resources" search={{ tab: 'breakers' }} className="underline-offset-2 hover:underline">
            {formatCount(overview.openBreakers)}
          </Link>
        </NumberRow>
        <NumberRow
          name="Dead letters"
          source="messages that could not be delivered"
          stale={stale}
          bad={overview.deadLetters > 0}
        >
          <Link to="/messages" search={{ tab: 'dead' }} className="underline-offset-2 hover:underline">
            {formatCount(overview.deadLetters)}
          </Link>
        </NumberRow>
        <NumberRow
          name="Event-loop delay, p99"
          source={`last minute, p50 ${formatDuration(p50)}`}
          stale={stale}
          bad={p99 > LATE_MS}
        >
          {formatDuration(p99)}
        </NumberRow>
        <NumberRow name="Resident memory" source="engine process" stale={stale}>
          {formatBytes(overview.rssBytes)}
        </NumberRow>
        <NumberRow name="Uptime" source="since the engine started" stale={stale}>
          {formatDuration(overview.uptimeMs)}
        </NumberRow>
        <NumberRow name="Denials" source="audit trail, last hour" stale={stale} bad={overview.deniedLastHour > 0}>
          <Link to="/audit" search={{ outcome: 'denied' }} className="underline-offset-2 hover:underline">
            {formatCount(overview.deniedLastHour)}
          </Link>
        </NumberRow>
        <NumberRow name="Audit head" source="newest record" stale={stale}>
          <Link to="/audit" className="underline-offset-2 hover:underline">
            {formatCount(overview.auditHead)}
          </Link>
        </NumberRow>
      </dl>
    </section>
  )
}
