import type { Clock } from '../core'

/** Counts down only while it goes: an agent that is suspended does not use up its time. */
export interface PausableTimer {
  go(): void
  halt(): void
}

export const createPausableTimer = (options: { clock: Clock; totalMs: number; onDue: () => void }): PausableTimer => {
  const { clock, totalMs, onDue } = options
  let leftMs = totalMs
  let startedMs: number | null = null
  let cancel: (() => void) | null = null
  return {
    go() {
      if (cancel !== null) return
      startedMs = clock.monotonicMs()
      cancel = clock.after(leftMs, onDue)
    },
    halt() {
      if (startedMs !== null) leftMs = Math.max(0, leftMs - (clock.monotonicMs() - startedMs))
      startedMs = null
      cancel?.()
      cancel = null
    },
  }
}
