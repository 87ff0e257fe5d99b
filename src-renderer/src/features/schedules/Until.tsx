import { useNowFor } from '@/lib/clock'
import { formatDateTime } from '@/lib/format'
import { isNear, untilText } from './until'

/** How far away a coming time is, kept true; the exact time on hover. */
export function Until({ atMs, className }: { readonly atMs: number; readonly className?: string }) {
  const now = useNowFor(isNear(atMs, Date.now()) ? Date.now() : 0)
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={formatDateTime(atMs)}
      className={className === undefined ? 'num' : `num ${className}`}
    >
      {untilText(atMs, now)}
    </time>
  )
}
