import type { EndCause, ErrorCode } from '@contract'

const LONGEST_DELAY_MS = 3_600_000

/**
 * How long the next attempt waits: twice as long each time, an hour at most, of which half is by chance, so that
 * schedules that failed together do not come back together.
 */
export const retryDelayMs = (baseMs: number, failedAttempts: number, random: () => number): number => {
  const wholeMs = Math.min(LONGEST_DELAY_MS, baseMs * 2 ** Math.min(30, failedAttempts - 1))
  return Math.round(wholeMs / 2 + (random() * wholeMs) / 2)
}

/** What a person ended or a rule refused would only be done again against their will. */
export const isWorthRetrying = (failure: { code: ErrorCode | null; cause: EndCause | null }): boolean => {
  if (failure.cause === 'cancelled' || failure.cause === 'stopped-by-operator') return false
  const { code } = failure
  return code === null || !/^(POLICY|APPROVAL|SEC)_/.test(code)
}
