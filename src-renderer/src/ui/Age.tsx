import { useNowFor } from '@/lib/clock'
import { formatAge, formatDateTime } from '@/lib/format'

/** How long ago, kept true; the exact time on hover. */
export function Age({ atMs, className }: { readonly atMs: number; readonly className?: string }) {
  const now = useNowFor(atMs)
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatDateTime(atMs)} className={className ?? 'num'}>
      {formatAge(atMs, now)}
    </time>
  )
}

/** "updated 12 s ago" beside a list that is live. */
export function Updated({ atMs }: { readonly atMs: number }) {
  if (atMs === 0) return null
  return (
    <span className="text-xs whitespace-nowrap text-text-3">
      updated <Age atMs={atMs} />
    </span>
  )
}
