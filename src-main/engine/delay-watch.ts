import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from './core'

/** How long the main thread kept others waiting, over the last minute. */
export interface DelayWatch {
  /** Milliseconds. The first reading after a pause starts a new minute. */
  read(): { p50: number; p99: number }
  close(): void
}

const RESOLUTION_MS = 50
const WINDOW_MS = 60_000
/** Measuring wakes the process twenty times a second, so it stops when nobody has looked for this long. */
const IDLE_MS = 12_000

export const createDelayWatch = (clock: Clock): DelayWatch => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  let windowStartedMs = clock.monotonicMs()
  let cancelPause: (() => void) | null = null

  /** The histogram measures from tick to tick; what lies between two ticks anyway is not delay. */
  const at = (percentile: number): number => {
    const fromTickMs = delay.percentile(percentile) / 1e6
    return fromTickMs > RESOLUTION_MS ? Math.round((fromTickMs - RESOLUTION_MS) * 100) / 100 : 0
  }

  return {
    read() {
      delay.enable()
      cancelPause?.()
      cancelPause = clock.after(IDLE_MS, () => {
        delay.disable()
        delay.reset()
        windowStartedMs = clock.monotonicMs()
        cancelPause = null
      })
      const reading = { p50: at(50), p99: at(99) }
      if (clock.monotonicMs() - windowStartedMs > WINDOW_MS) {
        delay.reset()
        windowStartedMs = clock.monotonicMs()
      }
      return reading
    },
    close() {
      cancelPause?.()
      delay.disable()
    },
  }
}
