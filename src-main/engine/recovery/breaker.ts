import type { BreakerState } from '@contract'

export interface BreakerRules {
  /** So many failures within the window open it. */
  readonly threshold: number
  readonly windowMs: number
  /** How long it rests the first time; twice as long after each probe that failed. */
  readonly restMs: number
}

/** The longest rest, as a multiple of the first. */
export const LONGEST_REST = 16
/** Successes are counted in so many parts of the window: one number each, however many calls there are. */
const PARTS = 60
/** While it is closed there are never more than the threshold. */
const MOST_KEPT = 1_000

/** What became of a call: `neither` when it says nothing of what was called, such as a refusal or a call that was called off. */
export type CallOutcome = 'success' | 'failure' | 'neither'

/** Leave to make one call. What it led to counts only while the breaker is as it was then. */
export interface Admission {
  readonly epoch: number
  readonly isProbe: boolean
}

/**
 * One circuit breaker, as a machine over the time that it is told (monotonic milliseconds): closed until `threshold` calls
 * failed within the window; then open, so that no call is made until it has rested; then half-open, where one call at a
 * time is let through as a probe. A probe that succeeds closes it, one that fails opens it for twice as long.
 */
export interface BreakerMachine {
  readonly state: BreakerState
  /** How often it opened. */
  readonly trips: number
  /** When it opened last, while it is not closed. */
  readonly openedAtMs: number | null
  /** Null while it does not let the call through. */
  admit(nowMs: number): Admission | null
  settle(nowMs: number, admission: Admission, outcome: CallOutcome): void
  /** What was seen of a call that nobody asked leave for. */
  observe(nowMs: number, outcome: CallOutcome): void
  /** The next call is let through, whatever the rest. */
  endRest(nowMs: number): void
  /** When it lets a call through again; null when it does now. */
  restsUntilMs(nowMs: number): number | null
  counts(nowMs: number): { readonly failures: number; readonly successes: number }
}

export const createBreakerMachine = ({ threshold, windowMs, restMs }: BreakerRules): BreakerMachine => {
  const partMs = windowMs / PARTS
  let state: BreakerState = 'closed'
  let epoch = 0
  let trips = 0
  /** How often it opened since it was closed last. */
  let inARow = 0
  let openedAtMs: number | null = null
  let restOverMs = 0
  /** A probe under way; one that has not come back by then no longer holds up the next. */
  let probeUntilMs: number | null = null
  let failures: number[] = []
  let successes: { readonly part: number; count: number }[] = []

  const restLengthMs = (): number => restMs * Math.min(LONGEST_REST, 2 ** Math.max(0, inARow - 1))

  const forget = (nowMs: number): void => {
    failures = failures.filter((atMs) => atMs > nowMs - windowMs)
    const oldest = Math.floor((nowMs - windowMs) / partMs)
    successes = successes.filter(({ part }) => part > oldest)
  }

  const note = (nowMs: number, outcome: CallOutcome): void => {
    forget(nowMs)
    if (outcome === 'failure') failures = [...failures, nowMs].slice(-Math.max(threshold, MOST_KEPT))
    if (outcome !== 'success') return
    const part = Math.floor(nowMs / partMs)
    const last = successes.at(-1)
    if (last?.part === part) last.count += 1
    else successes.push({ part, count: 1 })
  }

  const open = (nowMs: number): void => {
    state = 'open'
    epoch += 1
    trips += 1
    inARow += 1
    openedAtMs = nowMs
    restOverMs = nowMs + restLengthMs()
    probeUntilMs = null
  }

  const close = (): void => {
    state = 'closed'
    epoch += 1
    inARow = 0
    openedAtMs = null
    probeUntilMs = null
    failures = []
    successes = []
  }

  const count = (nowMs: number, outcome: CallOutcome): void => {
    note(nowMs, outcome)
    if (outcome === 'failure' && failures.length >= threshold) open(nowMs)
  }

  const isProbed = (nowMs: number): boolean => probeUntilMs !== null && nowMs < probeUntilMs

  return {
    get state() {
      return state
    },
    get trips() {
      return trips
    },
    get openedAtMs() {
      return openedAtMs
    },
    admit(nowMs) {
      if (state === 'closed') return { epoch, isProbe: false }
      if (state === 'open' && nowMs < restOverMs) return null
      if (state === 'half-open' && isProbed(nowMs)) return null
      state = 'half-open'
      epoch += 1
      probeUntilMs = nowMs + restLengthMs()
      return { epoch, isProbe: true }
    },
    settle(nowMs, admission, outcome) {
      // Begun before it opened or closed: it tells of a time that is over.
      if (admission.epoch !== epoch) return
      if (!admission.isProbe) return count(nowMs, outcome)
      probeUntilMs = null
      if (outcome === 'neither') return
      note(nowMs, outcome)
      if (outcome === 'success') close()
      else open(nowMs)
    },
    observe(nowMs, outcome) {
      if (outcome === 'neither') return
      if (state === 'closed') return count(nowMs, outcome)
      note(nowMs, outcome)
      if (outcome === 'success') close()
      else if (state === 'half-open') open(nowMs)
    },
    endRest(nowMs) {
      if (state === 'open') restOverMs = Math.min(restOverMs, nowMs)
      probeUntilMs = null
    },
    restsUntilMs(nowMs) {
      if (state === 'open' && nowMs < restOverMs) return restOverMs
      return state === 'half-open' && isProbed(nowMs) ? probeUntilMs : null
    },
    counts(nowMs) {
      forget(nowMs)
      return { failures: failures.length, successes: successes.reduce((sum, { count }) => sum + count, 0) }
    },
  }
}
