import type { Usage } from '@contract'
import type { Clock } from '../core'
import type { Machine } from './machine'

/** Somebody looks for so long after asking; the page asks again each second. */
const LOOK_MS = 5_000
const LOOKED_AT_EVERY_MS = 1_000
/** A mean over longer than this says nothing of now. */
const STALE_MS = 10_000

/** What the whole machine uses. Measured only while somebody looks or runs are under way: an idle engine sleeps. */
export interface MachineUse {
  /** The newest measurement. Asking counts as looking. */
  look(): Usage
  /** Runs begin, or the last has ended. */
  setBusy(isBusy: boolean): void
  close(): void
}

export interface MachineUsePorts {
  readonly machine: Pick<Machine, 'usedMemoryBytes' | 'cpuTimes'>
  readonly clock: Clock
  /** How often it is measured while runs are under way and nobody looks. */
  readonly busyEveryMs: number
  /** A new measurement is there, and somebody looks. */
  readonly onMeasured: () => void
}

export const createMachineUse = ({ machine, clock, busyEveryMs, onMeasured }: MachineUsePorts): MachineUse => {
  let before: { readonly atMs: number; readonly busyMs: number; readonly allMs: number } | null = null
  let usage: Usage | null = null
  let lookedAtMs = Number.NEGATIVE_INFINITY
  let isBusy = false
  let cancel: (() => void) | null = null

  const measure = (): Usage => {
    const atMs = clock.monotonicMs()
    const { busyMs, allMs, cores } = machine.cpuTimes()
    const isFresh = before !== null && atMs - before.atMs <= Math.max(STALE_MS, busyEveryMs * 2)
    const passedMs = before === null ? 0 : allMs - before.allMs
    const share = before !== null && isFresh && passedMs > 0 ? (busyMs - before.busyMs) / passedMs : null
    before = { atMs, busyMs, allMs }
    usage = {
      atMs: clock.nowMs(),
      memoryBytes: machine.usedMemoryBytes(),
      cpuMillis: share === null ? null : Math.max(0, share) * cores * 1000,
      diskIoMbps: null,
      networkIoMbps: null,
      pids: null,
    }
    return usage
  }

  const isLookedAt = (): boolean => clock.monotonicMs() - lookedAtMs < LOOK_MS

  const plan = (): void => {
    cancel?.()
    cancel = null
    const everyMs = isLookedAt() ? LOOKED_AT_EVERY_MS : isBusy ? busyEveryMs : null
    if (everyMs === null) return
    cancel = clock.after(everyMs, () => {
      cancel = null
      measure()
      if (isLookedAt()) onMeasured()
      plan()
    })
  }

  return {
    look() {
      const wasLookedAt = isLookedAt()
      lookedAtMs = clock.monotonicMs()
      const isOld = before === null || lookedAtMs - before.atMs >= LOOKED_AT_EVERY_MS
      const now = usage === null || isOld ? measure() : usage
      if (!wasLookedAt || cancel === null) plan()
      return now
    },
    setBusy(busy) {
      if (busy === isBusy) return
      isBusy = busy
      if (!isLookedAt()) plan()
    },
    close() {
      cancel?.()
      cancel = null
    },
  }
}
