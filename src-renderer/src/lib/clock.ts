import { useSyncExternalStore } from 'react'

interface Hand {
  readonly subscribe: (listener: () => void) => () => void
  readonly now: () => number
}

/** One hand for the whole page: ticks only while someone looks at it and the window is visible. */
const createHand = (everyMs: number): Hand => {
  const listeners = new Set<() => void>()
  let nowMs = Date.now()
  let timer: ReturnType<typeof setInterval> | null = null

  const tick = () => {
    if (document.hidden) return
    nowMs = Date.now()
    for (const listener of listeners) listener()
  }

  return {
    now: () => nowMs,
    subscribe(listener) {
      listeners.add(listener)
      if (timer === null) {
        nowMs = Date.now()
        timer = setInterval(tick, everyMs)
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || timer === null) return
        clearInterval(timer)
        timer = null
      }
    },
  }
}

/** Repainting once a second costs a percent of a core, so what changes by the minute follows the slow hand. */
const FAST = createHand(1_000)
const SLOW = createHand(20_000)
const FAST_AGE_MS = 60_000

const useHand = (hand: Hand): number => useSyncExternalStore(hand.subscribe, hand.now)

/** Now, in milliseconds since the Unix epoch, renewed once a second. */
export const useNow = (): number => useHand(FAST)

/** Now, for something that shows how long ago `atMs` was: by the second for the first minute, then slower. */
export const useNowFor = (atMs: number): number => useHand(Date.now() - atMs < FAST_AGE_MS ? FAST : SLOW)
