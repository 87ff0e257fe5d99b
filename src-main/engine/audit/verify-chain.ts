import type { AuditVerification } from '@contract'
import type { Clock } from '../core'
import type { Sql } from '../store'
import { type AuditRow, hashOf } from './audit-row'
import { GENESIS_HASH } from './record-hash'

/** Rows checked before others get the thread; about 2 ms. */
const SLICE = 250

/**
 * Walk the whole chain in slices, so that nothing else waits for it; only reads.
 *
 * Sees an edited, removed, inserted or swapped record and names the first bad one. It cannot see that the newest
 * records were cut off: that needs an anchor outside the database.
 */
export const verifyChain = async (sql: Sql, clock: Clock, signal?: AbortSignal): Promise<AuditVerification> => {
  const startedMs = clock.monotonicMs()
  let expectedSeq = 1
  let prevHash = GENESIS_HASH
  // Below every number there can be, so that a record slipped in before the first one is seen too.
  let from = Number.MIN_SAFE_INTEGER
  const result = (firstBadSeq: number | null, problem: string | null): AuditVerification => ({
    ok: firstBadSeq === null,
    checked: expectedSeq - 1,
    headHash: expectedSeq === 1 ? null : prevHash,
    firstBadSeq,
    problem,
    tookMs: clock.monotonicMs() - startedMs,
  })
  for (;;) {
    signal?.throwIfAborted()
    const rows = sql.all<AuditRow>('SELECT * FROM audit WHERE seq >= :from ORDER BY seq LIMIT :limit', {
      from,
      limit: SLICE,
    })
    for (const row of rows) {
      if (row.seq < expectedSeq) return result(row.seq, `Record ${row.seq} stands before the first one.`)
      if (row.seq !== expectedSeq) return result(expectedSeq, `Record ${expectedSeq} is missing.`)
      if (row.prev_hash !== prevHash) return result(row.seq, `Record ${row.seq} does not follow the one before it.`)
      if (hashOf(row) !== row.hash) return result(row.seq, `Record ${row.seq} was changed after it was written.`)
      prevHash = row.hash
      expectedSeq += 1
    }
    from = expectedSeq
    if (rows.length < SLICE) return result(null, null)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
