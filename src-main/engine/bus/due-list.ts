import type { Clock } from '../core'

export interface Due {
  /** Wall clock, milliseconds since the epoch. */
  readonly atMs: number
}

/** Things that become due, with one timer for the earliest. Adding and removing cost the same for one and for a million. */
export interface DueList<T extends Due> {
  add(thing: T): void
  remove(thing: T): void
  close(): void
}

/** Things of the same second share a slot. */
const SLOT_MS = 1000
/** Timers of the runtime go no further. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * A list whose things come due by the wall clock. A clock that is set forward makes them due at the next look; one that is
 * set back makes them later, like everything that is told by it.
 */
export const createDueList = <T extends Due>(clock: Clock, onDue: (things: readonly T[]) => void): DueList<T> => {
  const slots = new Map<number, Set<T>>()
  let cancel: (() => void) | null = null
  let armedForMs = Number.POSITIVE_INFINITY
  let closed = false

  const arm = (atMs: number): void => {
    if (closed || atMs >= armedForMs) return
    cancel?.()
    armedForMs = atMs
    cancel = clock.after(Math.min(MAX_DELAY_MS, Math.max(0, atMs - clock.nowMs())), look)
  }

  const look = (): void => {
    cancel = null
    armedForMs = Number.POSITIVE_INFINITY
    const nowMs = clock.nowMs()
    const due: T[] = []
    let next = Number.POSITIVE_INFINITY
    for (const [slot, things] of slots) {
      if (things.size === 0) {
        slots.delete(slot)
        continue
      }
      if (slot * SLOT_MS > nowMs) {
        next = Math.min(next, slot * SLOT_MS)
        continue
      }
      for (const thing of things) {
        if (thing.atMs <= nowMs) {
          things.delete(thing)
          due.push(thing)
        } else next = Math.min(next, thing.atMs)
      }
    }
    if (next !== Number.POSITIVE_INFINITY) arm(next)
    if (due.length > 0) onDue(due)
  }

  return {
    add(thing) {
      const slot = Math.floor(thing.atMs / SLOT_MS)
      const things = slots.get(slot)
      if (things === undefined) {
        slots.set(slot, new Set([thing]))
        arm(thing.atMs)
        return
      }
      things.add(thing)
      if (thing.atMs < armedForMs) arm(thing.atMs)
    },
    remove(thing) {
      slots.get(Math.floor(thing.atMs / SLOT_MS))?.delete(thing)
    },
    close() {
      closed = true
      cancel?.()
      slots.clear()
    },
  }
}
