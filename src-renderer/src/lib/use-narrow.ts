import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 1100px)')

const watch = (listener: () => void) => {
  narrow.addEventListener('change', listener)
  return () => narrow.removeEventListener('change', listener)
}

/** True while the window is too narrow for everything side by side. */
export const useNarrow = (): boolean => useSyncExternalStore(watch, () => narrow.matches)
