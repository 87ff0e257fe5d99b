import clsx from 'clsx'
import { useNow } from '@/lib/clock'
import { formatCountdown, formatDateTime } from '@/lib/format'

/** Below this the eye should go there. */
const SOON_MS = 60_000
const LAST_MS = 15_000

export interface CountdownProps {
  /** On the engine's clock. */
  readonly untilMs: number
  /** How far the engine's clock is ahead of this page's, milliseconds. */
  readonly aheadMs: number
  readonly className?: string
}

/** What is left until a moment, kept true each second; the exact time on hover. */
export function Countdown({ untilMs, aheadMs, className }: CountdownProps) {
  const leftMs = untilMs - (useNow() + aheadMs)
  return (
    <time
      dateTime={new Date(untilMs).toISOString()}
      title={formatDateTime(untilMs - aheadMs)}
      className={clsx(
        'num',
        leftMs <= LAST_MS ? 'font-medium text-bad' : leftMs <= SOON_MS ? 'font-medium text-wait' : 'text-text-2',
        className,
      )}
    >
      {leftMs <= 0 ? 'time is up' : formatCountdown(leftMs)}
    </time>
  )
}
