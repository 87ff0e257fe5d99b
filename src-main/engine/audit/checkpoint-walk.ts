import type { AuditCheckpoint } from '@contract'
import type { Sql } from '../store'
import { checkpointHash, checkpointsAfter, isCheckpointSigned } from './checkpoint'
import type { KeyHistory } from './key-history'

const PAGE = 200

/** What is wrong with the stored checkpoints, and for which records they therefore say nothing. */
export interface CheckpointFault {
  readonly firstBadSeq: number
  readonly lastBadSeq: number
  readonly problem: string
}

/** The stored checkpoints in their order, each held against the one before it. */
export interface CheckpointWalk {
  /** The next one that is sound by itself; null at the end or at a fault. */
  peek(): AuditCheckpoint | null
  take(): void
  fault(): CheckpointFault | null
  /** How many were taken. */
  count(): number
  /** Records that a verified signature covers: grows when a key ends and at the end. */
  signedTo(): number
}

/**
 * A checkpoint names the hash of the one before it, signature included. So one good signature vouches for all before it
 * that have the same key, and only the last one of each key is verified; where that fails, each is, to name the first.
 */
export const walkCheckpoints = (sql: Sql, keys: KeyHistory): CheckpointWalk => {
  let page: AuditCheckpoint[] = []
  let before: AuditCheckpoint | null = null
  let fault: CheckpointFault | null = null
  let count = 0
  let ended = false
  let signedTo = 0
  let keySinceNumber = 0

  const isGood = (checkpoint: AuditCheckpoint): boolean =>
    isCheckpointSigned(checkpoint, keys.publicKeys.get(checkpoint.keyId) ?? '')

  const faultAt = (checkpoint: AuditCheckpoint, after: number, problem: string): CheckpointFault => ({
    firstBadSeq: after + 1,
    lastBadSeq: Math.max(after + 1, checkpoint.size),
    problem,
  })

  /** The first of the checkpoints with the key of `last` whose signature is bad. */
  const firstUnsigned = (last: AuditCheckpoint): CheckpointFault => {
    let after = signedTo
    for (let number = keySinceNumber; ; ) {
      const some = checkpointsAfter(sql, number, PAGE).filter((one) => one.number <= last.number)
      for (const checkpoint of some) {
        if (!isGood(checkpoint)) return faultAt(checkpoint, after, `Checkpoint ${checkpoint.number} is not signed.`)
        after = checkpoint.size
      }
      number = some.at(-1)?.number ?? last.number
      if (some.length === 0) return faultAt(last, after, `Checkpoint ${last.number} is not signed.`)
    }
  }

  /** A key ends with `last`: verify its signature. */
  const endKey = (last: AuditCheckpoint): boolean => {
    if (!isGood(last)) {
      fault = firstUnsigned(last)
      return false
    }
    signedTo = last.size
    keySinceNumber = last.number
    return true
  }

  const soundness = (next: AuditCheckpoint): string | null => {
    if (next.number !== (before?.number ?? 0) + 1) return `Checkpoint ${(before?.number ?? 0) + 1} is missing.`
    if (next.prev !== (before === null ? null : checkpointHash(before)))
      return `Checkpoint ${next.number} does not follow the one before it.`
    if (next.size < (before?.size ?? 0))
      return `Checkpoint ${next.number} speaks for fewer records than the one before it.`
    if (!keys.publicKeys.has(next.keyId)) return `Checkpoint ${next.number} names a key that this trail never had.`
    return null
  }

  const refill = (): void => {
    if (page.length > 0 || fault !== null || ended) return
    page = checkpointsAfter(sql, before?.number ?? 0, PAGE)
    ended = page.length === 0
    if (ended && before !== null && signedTo < before.size) endKey(before)
  }

  let checked: AuditCheckpoint | null = null
  return {
    peek() {
      if (checked !== null) return checked
      refill()
      const next = page[0]
      if (next === undefined || fault !== null) return null
      const problem = soundness(next)
      if (problem !== null) {
        fault = faultAt(next, before?.size ?? 0, problem)
        return null
      }
      if (before !== null && before.keyId !== next.keyId && !endKey(before)) return null
      checked = next
      return next
    },
    take() {
      if (checked === null) return
      before = checked
      checked = null
      page.shift()
      count += 1
    },
    fault: () => fault,
    count: () => count,
    signedTo: () => signedTo,
  }
}
