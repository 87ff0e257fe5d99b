import type { ComingTime, When } from '@contract'
import type { AppError } from '@/lib/app-error'
import { useRead } from '@/lib/queries'
import { Notice } from '@/ui'
import { Until } from './Until'

export interface Coming {
  readonly description: string | null
  readonly times: readonly ComingTime[]
  readonly error: AppError | null
  readonly stale: boolean
}

/** What the engine says of a pattern. `fromMs` keeps the answer the same while nothing changed. */
export const useComing = (when: When | null, fromMs: number, count: number): Coming => {
  const read = useRead(
    'schedules.preview',
    { when: when ?? { kind: 'cron', pattern: '* * * * *', zone: 'UTC' }, count, fromMs },
    { enabled: when !== null, keepPrevious: true },
  )
  if (when === null) return { description: null, times: [], error: null, stale: false }
  return {
    description: read.error === null ? (read.data?.description ?? null) : null,
    times: read.error === null ? (read.data?.times ?? []) : [],
    error: read.error,
    stale: read.isPlaceholderData,
  }
}

/** One coming time as it is read in its zone. */
export function TimeRow({ time, near = false }: { readonly time: ComingTime; readonly near?: boolean }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-2 py-0.5">
      <span className="num font-mono text-xs">{time.local}</span>
      <span className="num font-mono text-xs text-text-3">{time.offset}</span>
      {near && <Until atMs={time.atMs} className="ml-auto text-xs text-text-3" />}
      {time.note !== null && <span className="w-full text-xs text-wait">{time.note}</span>}
    </li>
  )
}

/** A pattern in words and its next times, while it is typed. */
export function WhenPreview({ coming }: { readonly coming: Coming }) {
  const { description, times, error, stale } = coming
  return (
    <section aria-label="Preview" aria-busy={stale} className="flex flex-col gap-2">
      <h3 className="section-title">Next times</h3>
      <div aria-live="polite">
        {error !== null ? (
          <Notice tone="bad" title={error.message}>
            {error.nextStep}
          </Notice>
        ) : description === null ? (
          <p className="text-text-3">They appear once the pattern is complete.</p>
        ) : (
          <p className="font-medium" data-testid="description">
            {description}
          </p>
        )}
      </div>
      {error === null && description !== null && times.length === 0 && (
        <Notice tone="wait" title="No time will come.">
          All times that it names have passed, or never come.
        </Notice>
      )}
      <ol aria-label="Next times" className={stale ? 'opacity-60' : undefined}>
        {times.map((time) => (
          <TimeRow key={time.atMs} time={time} near />
        ))}
      </ol>
    </section>
  )
}
