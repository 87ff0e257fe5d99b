import { useSyncExternalStore } from 'react'

/** One second hand for the whole page: ticks only while someone looks at an age and the window is visible. */
const listeners = new Set<() => void>()
let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | null = null

const tick = () => {
  if (document.hidden) return
  nowMs = Date.now()
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  if (timer === null) {
    nowMs = Date.now()
    timer = setInterval(tick, 1000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer)
      timer = null
    }
  }
}

/** Now, in milliseconds since the Unix epoch, renewed once a second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => nowMs)
