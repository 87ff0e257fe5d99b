import { useSyncExternalStore } from 'react'

/** True while the window is at most so wide. */
const below = (px: number) => {
  const list = matchMedia(`(max-width: ${px}px)`)
  const watch = (listener: () => void) => {
    list.addEventListener('change', listener)
    return () => list.removeEventListener('change', listener)
  }
  return () => useSyncExternalStore(watch, () => list.matches)
}

/** True while the window is too narrow for everything side by side. */
export const useNarrow: () => boolean = below(1100)

/** True while a table has no room for what can be had elsewhere; the rail may be open. */
export const useTight: () => boolean = below(1279)
