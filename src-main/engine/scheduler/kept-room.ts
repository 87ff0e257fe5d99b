import type { Amounts, ExecutionId } from '@contract'
import { plus, sum } from './amounts'
import type { Waiting } from './line'

/** `local` for all back-ends of this machine, which share its resources; else the id of the back-end. */
export type Pool = string

/** Room that is kept for runs that have waited long and do not fit yet, so that small ones cannot pass them for ever. */
export interface KeptRoom {
  /** Keep a pool for this run. The run that is looked at first has the first choice. */
  keep(pool: Pool, waiting: Waiting, amounts: Amounts): void
  poolOf(executionId: ExecutionId): Pool | undefined
  holder(pool: Pool): Waiting | undefined
  /**
   * Everything that has to fit in an otherwise empty pool for this run to pass the one the room is kept for: both, and
   * whatever passed before and still runs. Null when nothing is kept.
   */
  neededToPass(pool: Pool, amounts: Amounts): Amounts | null
  passed(pool: Pool, executionId: ExecutionId, amounts: Amounts): void
  /** It started, ended or left the queue: whatever was kept for it or counted of it. */
  forget(executionId: ExecutionId): void
}

interface Kept {
  readonly waiting: Waiting
  readonly amounts: Amounts
  readonly passed: Map<ExecutionId, Amounts>
}

/**
 * The rule: once a run that does not fit has waited for one ageing interval, one pool is kept for it. Others behind it
 * may still start there, but only as long as it and all who passed it would fit together in the empty pool. Then it
 * starts at the latest when those have ended that were under way before, whatever passed it; and nobody waits for room
 * that it could not use anyway. Runs before it in the order are free.
 */
export const createKeptRoom = (): KeptRoom => {
  const pools = new Map<Pool, Kept>()
  return {
    keep(pool, waiting, amounts) {
      if (pools.get(pool)?.waiting === waiting) return
      pools.set(pool, { waiting, amounts, passed: new Map() })
    },
    poolOf(executionId) {
      for (const [pool, kept] of pools) if (kept.waiting.entry.executionId === executionId) return pool
      return undefined
    },
    holder: (pool) => pools.get(pool)?.waiting,
    neededToPass(pool, amounts) {
      const kept = pools.get(pool)
      return kept === undefined ? null : plus(plus(kept.amounts, amounts), sum(kept.passed.values()))
    },
    passed: (pool, executionId, amounts) => void pools.get(pool)?.passed.set(executionId, amounts),
    forget(executionId) {
      for (const [pool, kept] of pools) {
        if (kept.waiting.entry.executionId === executionId) pools.delete(pool)
        else kept.passed.delete(executionId)
      }
    },
  }
}
