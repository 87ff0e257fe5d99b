import type { CatchUp } from '@contract'
import type { Calendar } from './calendar'

/** The most times that are made up for, and that are counted, after the console was closed. */
export const MOST_CAUGHT_UP = 100

/** What happens at a due time: which times are run or skipped, and when it is due next. */
export interface Plan {
  readonly trigger: 'calendar' | 'catch-up'
  /** Each gets a run, oldest first. */
  readonly dueAtMs: readonly number[]
  /** One record of times that are not run; `dueAtMs` is the first of them. */
  readonly passedOver: { readonly dueAtMs: number; readonly count: number; readonly more: boolean } | null
  readonly nextAtMs: number | null
  /** No time up to this one is due again. */
  readonly untilMs: number
}

/** The times from `firstMs` to `untilMs`, newest first, and no more of them than `limit`. */
const passed = (calendar: Calendar, span: { firstMs: number; untilMs: number }, limit: number): number[] => {
  const times: number[] = []
  for (let at = calendar.previous(span.untilMs); at !== null && at >= span.firstMs; at = calendar.previous(at - 1)) {
    times.push(at)
    if (times.length === limit) break
  }
  // The times were reckoned by an earlier version or edited since: what was promised counts.
  return times.length === 0 ? [span.firstMs] : times
}

/**
 * Plan for the time `dueMs` that has come. Times up to `missedUntilMs` passed while nobody could run them, so the rule
 * for catching up decides; a later one is simply run.
 */
export const planFor = (
  calendar: Calendar,
  { dueMs, missedUntilMs, catchUp }: { dueMs: number; missedUntilMs: number; catchUp: CatchUp },
): Plan => {
  if (dueMs > missedUntilMs)
    return {
      trigger: 'calendar',
      dueAtMs: [dueMs],
      passedOver: null,
      nextAtMs: calendar.next(dueMs),
      untilMs: dueMs,
    }
  const times = passed(calendar, { firstMs: dueMs, untilMs: missedUntilMs }, MOST_CAUGHT_UP + 1)
  const most = catchUp === 'none' ? 0 : catchUp === 'one' ? 1 : MOST_CAUGHT_UP
  const run = times.slice(0, most).reverse()
  const left = times.slice(most)
  return {
    trigger: 'catch-up',
    dueAtMs: run,
    // A single run stands for all the times, so only those that nothing stands for are passed over.
    passedOver:
      left.length === 0 || catchUp === 'one'
        ? null
        : { dueAtMs: dueMs, count: Math.min(left.length, MOST_CAUGHT_UP), more: times.length > MOST_CAUGHT_UP },
    nextAtMs: calendar.next(missedUntilMs),
    untilMs: Math.max(missedUntilMs, dueMs),
  }
}
