import {
  type Amounts,
  RESOURCE_KINDS,
  type ResourceKind,
  type StatsSample,
  type Usage,
  type Violation,
} from '@contract'
import type { Sandbox } from '../sandbox'
import { FIELD_OF, MIB } from './amounts'

/** Samples in a row within the grant after which a throttled run gets all of its processors back. */
const CLEAN_SAMPLES = 3
/** A throttled run keeps this share of its processors. */
const THROTTLED_SHARE = 0.5
/** A rate is measured over about a second: that much beyond the grant can be the measuring. Memory is a plain figure. */
const TOLERANCE: Readonly<Record<ResourceKind, number>> = { memory: 1, cpu: 1.05, disk: 1.05, network: 1.05 }

export type ViolationAction = 'LogOnly' | 'Throttle' | 'Stop'

/** What is recorded of a violation; who and where is added by whoever records it. */
export interface Observed extends Pick<Violation, 'kind' | 'used' | 'limit' | 'action' | 'inARow'> {
  readonly atMs: number
}

export interface RunWatchOptions {
  readonly granted: Amounts
  readonly sandbox: Pick<Sandbox, 'enforcement' | 'throttle'>
  readonly action: ViolationAction
  readonly stopAfterViolations: number
  readonly onObserved: (observed: Observed) => void
  readonly onStop: (kind: ResourceKind) => void
}

/** One run, held against its grant sample by sample. */
export interface RunWatch {
  sample(usage: Usage): void
  readonly inARow: () => number
  readonly isThrottled: () => boolean
  close(): void
}

export const usageOf = (sample: StatsSample): Usage => ({
  atMs: sample.atMs,
  memoryBytes: sample.memoryBytes,
  cpuMillis: sample.cpuPercent === null ? null : sample.cpuPercent * 10,
  diskIoMbps: sample.diskBytesPerSecond === null ? null : sample.diskBytesPerSecond / MIB,
  networkIoMbps: sample.networkBytesPerSecond === null ? null : sample.networkBytesPerSecond / MIB,
  pids: sample.pids,
})

/**
 * Only what nobody else holds is held here: a kind that the kernel limits cannot be used beyond its grant, and one that is not
 * told cannot be seen. The first sample beyond the grant throttles, one in a row too many stops; a pause between two
 * samples beyond it starts the count again.
 */
export const createRunWatch = (options: RunWatchOptions): RunWatch => {
  const { granted, sandbox, action, stopAfterViolations, onObserved, onStop } = options
  let inARow = 0
  let cleanInARow = 0
  let isThrottled = false
  let hasStopped = false
  let isClosed = false
  /** Throttling takes a while; the next one is not begun before. */
  let isChanging = false
  /** False once the back-end said that it cannot, until the run is within its grant again. */
  let mayThrottle = true

  const worst = (usage: Usage): { kind: ResourceKind; used: number; limit: number } | undefined =>
    RESOURCE_KINDS.filter((kind) => sandbox.enforcement[kind] === 'monitor')
      .map((kind) => ({ kind, used: usage[FIELD_OF[kind]] ?? 0, limit: granted[FIELD_OF[kind]] }))
      .filter(({ kind, used, limit }) => used > limit * TOLERANCE[kind])
      .sort((a, b) => b.used / b.limit - a.used / a.limit)[0]

  const throttle = async (share: number | null): Promise<boolean> => {
    isChanging = true
    // A back-end that fails to throttle has not throttled; whether it lives is for others to find out.
    const did = await sandbox.throttle(share).catch(() => false)
    isChanging = false
    if (did) isThrottled = share !== null
    return did
  }

  const beyond = (atMs: number, found: { kind: ResourceKind; used: number; limit: number }): void => {
    inARow += 1
    cleanInARow = 0
    const observed = { ...found, atMs, inARow }
    const isLast = action === 'Stop' || (action === 'Throttle' && inARow >= stopAfterViolations)
    if (isLast) {
      hasStopped = true
      onObserved({ ...observed, action: 'stopped' })
      onStop(found.kind)
      return
    }
    if (action === 'Throttle' && !isThrottled && !isChanging && mayThrottle) {
      void throttle(THROTTLED_SHARE).then((did) => {
        mayThrottle = did
        if (!isClosed) onObserved({ ...observed, action: did ? 'throttled' : 'noted' })
      })
    }
    // 1, 2, 4, 8, …: a run that stays beyond its grant for a day is not told of 86,400 times.
    else if ((inARow & (inARow - 1)) === 0) onObserved({ ...observed, action: 'noted' })
  }

  const within = (usage: Usage, last: ResourceKind): void => {
    inARow = 0
    mayThrottle = true
    cleanInARow += 1
    if (!isThrottled || isChanging || cleanInARow < CLEAN_SAMPLES) return
    cleanInARow = 0
    const observed = { kind: last, used: usage[FIELD_OF[last]] ?? 0, limit: granted[FIELD_OF[last]], inARow: 0 }
    void throttle(null).then((did) => {
      if (did && !isClosed) onObserved({ ...observed, atMs: usage.atMs, action: 'released' })
    })
  }

  let lastKind: ResourceKind = 'cpu'
  return {
    sample(usage) {
      if (hasStopped || isClosed) return
      const found = worst(usage)
      if (found === undefined) within(usage, lastKind)
      else {
        lastKind = found.kind
        beyond(usage.atMs, found)
      }
    },
    inARow: () => inARow,
    isThrottled: () => isThrottled,
    close() {
      isClosed = true
    },
  }
}
