import { onTestFinished } from 'vitest'
import { type Clock, silentLog, systemClock } from '../core'
import { openStore, type Store } from '../store'
import { tempDir } from './temp-dir'

/** A real database in a folder of its own, closed when the test ends. */
export const tempStore = (clock: Clock = systemClock): Store => {
  const store = openStore({ dir: tempDir(), clock, log: silentLog })
  onTestFinished(() => store.close())
  return store
}
