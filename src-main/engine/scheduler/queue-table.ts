import {
  AgentId,
  BackendId,
  CorrelationId,
  ExecutionId,
  Priority,
  ResourceLimits,
  RunOrigin,
  SecurityTier,
} from '@contract'
import { z } from 'zod'
import type { Store, Tx } from '../store'
import type { QueueEntry } from './types'

/** An entry with its place among those that were asked for within the same millisecond. */
export interface StoredEntry extends QueueEntry {
  readonly seq: number
}

/** The queue as it is kept. Changes happen within the transaction of whoever makes them. */
export interface QueueTable {
  insert(tx: Tx, entry: StoredEntry): void
  /** False when it was not there. */
  remove(tx: Tx, executionId: ExecutionId): boolean
  /** False when it was not there. */
  setPriority(tx: Tx, executionId: ExecutionId, priority: Priority): boolean
  /** How many there are, and the greatest `seq` among them. */
  totals(): { readonly count: number; readonly lastSeq: number }
  /** A page in the order of ids, after this id. */
  page(after: ExecutionId | null, limit: number): readonly StoredEntry[]
}

const Row = z.object({
  execution_id: ExecutionId,
  seq: z.number(),
  agent_id: AgentId,
  agent_name: z.string(),
  correlation_id: CorrelationId,
  tier: SecurityTier,
  limits: z.string().transform((text) => ResourceLimits.parse(JSON.parse(text))),
  concurrency: z.number(),
  priority: Priority,
  origin: RunOrigin,
  attempt: z.number(),
  queued_at: z.number(),
  not_before: z.number().nullable(),
  deadline_at: z.number().nullable(),
  avoid: BackendId.nullable(),
})

const toEntry = (row: z.infer<typeof Row>): StoredEntry => ({
  executionId: row.execution_id,
  seq: row.seq,
  agentId: row.agent_id,
  agentName: row.agent_name,
  correlationId: row.correlation_id,
  tier: row.tier,
  limits: row.limits,
  concurrency: row.concurrency,
  priority: row.priority,
  origin: row.origin,
  attempt: row.attempt,
  queuedAtMs: row.queued_at,
  notBeforeMs: row.not_before,
  deadlineAtMs: row.deadline_at,
  avoid: row.avoid,
})

export const createQueueTable = (store: Store): QueueTable => ({
  insert(tx, entry) {
    tx.run(
      `INSERT INTO run_queue (execution_id, seq, agent_id, agent_name, correlation_id, tier, limits, concurrency,
         priority, origin, attempt, queued_at, not_before, deadline_at, avoid)
       VALUES (:executionId, :seq, :agentId, :agentName, :correlationId, :tier, :limits, :concurrency,
         :priority, :origin, :attempt, :queuedAtMs, :notBeforeMs, :deadlineAtMs, :avoid)`,
      { ...entry, limits: JSON.stringify(entry.limits) },
    )
  },
  remove: (tx, executionId) => tx.run('DELETE FROM run_queue WHERE execution_id = :executionId', { executionId }) > 0,
  setPriority: (tx, executionId, priority) =>
    tx.run('UPDATE run_queue SET priority = :priority WHERE execution_id = :executionId', { executionId, priority }) >
    0,
  totals() {
    const row = store.get<{ count: number; last: number | null }>(
      'SELECT count(*) AS count, max(seq) AS last FROM run_queue',
    )
    return { count: row?.count ?? 0, lastSeq: row?.last ?? 0 }
  },
  page: (after, limit) =>
    store
      .all<unknown>('SELECT * FROM run_queue WHERE execution_id > :after ORDER BY execution_id LIMIT :limit', {
        after: after ?? '',
        limit,
      })
      .map((row) => toEntry(Row.parse(row))),
})
