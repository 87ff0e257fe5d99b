/** Time as an argument, so that a test can hold it still. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. */
  nowMs(): number
  /** Monotonic milliseconds, for durations: never steps back. */
  monotonicMs(): number
  /** Call once after `delayMs`; returns how to call it off. */
  after(delayMs: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

export interface ManualClock extends Clock {
  /** Move time on; due callbacks run in order of their time. */
  advance(ms: number): void
}

/** A clock for tests: stands still until told. */
export const createManualClock = (startMs = 1_700_000_000_000): ManualClock => {
  let now = 0
  let pending: { at: number; callback: () => void }[] = []
  return {
    nowMs: () => startMs + now,
    monotonicMs: () => now,
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback }
      pending.push(timer)
      return () => {
        pending = pending.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const next = pending.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        pending = pending.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.callback()
      }
      now = until
    },
  }
}
