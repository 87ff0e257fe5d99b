import type { Clock } from '../core'

/** Say that something changed, at once when it has been quiet, and at most once each `everyMs`. */
export const createThrottle = (clock: Clock, everyMs: number, tell: () => void) => {
  let resting: (() => void) | null = null
  let again = false
  const rest = (): void => {
    resting = clock.after(everyMs, () => {
      resting = null
      if (!again) return
      again = false
      tell()
      rest()
    })
  }
  return {
    poke(): void {
      if (resting !== null) {
        again = true
        return
      }
      tell()
      rest()
    },
    close(): void {
      resting?.()
      resting = null
    },
  }
}
