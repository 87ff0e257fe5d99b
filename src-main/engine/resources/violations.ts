import type { AgentId, CorrelationId, ExecutionId, Violation } from '@contract'
import { type Clock, engineCaller, type Log, messageOf } from '../core'
import type { Gate } from '../gate'
import type { Store } from '../store'
import type { Grant } from './ledger'
import type { Observed } from './run-watch'

/** However old: so many are kept at most. */
const KEPT = 20_000
const TIDY_ROWS = 500

interface Row {
  readonly seq: number
  readonly at: number
  readonly execution_id: ExecutionId
  readonly agent_id: AgentId
  readonly agent_name: string
  readonly kind: Violation['kind']
  readonly used: number
  readonly granted: number
  readonly action: Violation['action']
  readonly in_a_row: number
}

export interface ViolationsAsked {
  readonly agentId?: AgentId | undefined
  readonly beforeSeq?: number | undefined
  readonly limit: number
}

/** Who went beyond a grant and what was done about it: a fact in the audit trail and a row to show, in one transaction. */
export interface Violations {
  record(of: { grant: Grant; correlationId: CorrelationId }, observed: Observed): void
  /** Newest first. */
  list(asked: ViolationsAsked): Violation[]
}

export interface ViolationsPorts {
  readonly gate: Pick<Gate, 'commit'>
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly retentionMs: number
  readonly onRecorded: () => void
}

export const createViolations = (ports: ViolationsPorts): Violations => {
  const { gate, store, clock, log, retentionMs, onRecorded } = ports
  return {
    record({ grant, correlationId }, observed) {
      const { kind, used, limit, action, inARow, atMs } = observed
      gate
        .commit(
          {
            caller: engineCaller('resources'),
            accountOf: 'fact',
            correlationId,
            action: 'compute.violation',
            resource: `${grant.backend}/${grant.agentName}`,
            details: { agentId: grant.agentId, execution: grant.executionId, kind, used, limit, done: action, inARow },
          },
          (tx) => {
            tx.run(
              `INSERT INTO violations (at, execution_id, agent_id, agent_name, kind, used, granted, action, in_a_row)
               VALUES (:atMs, :executionId, :agentId, :agentName, :kind, :used, :limit, :action, :inARow)`,
              {
                atMs,
                executionId: grant.executionId,
                agentId: grant.agentId,
                agentName: grant.agentName,
                kind,
                used,
                limit,
                action,
                inARow,
              },
            )
            tx.run(
              `DELETE FROM violations WHERE seq IN (SELECT seq FROM violations
               WHERE at < :beforeMs OR seq <= (SELECT max(seq) FROM violations) - :kept ORDER BY seq LIMIT :some)`,
              { beforeMs: clock.nowMs() - retentionMs, kept: KEPT, some: TIDY_ROWS },
            )
            tx.onCommit(onRecorded)
          },
        )
        .catch((error: unknown) => {
          log.error({ execution: grant.executionId, reason: messageOf(error) }, 'a violation could not be recorded')
        })
    },

    list: ({ agentId, beforeSeq, limit }) =>
      store
        .all<Row>(
          `SELECT * FROM violations WHERE seq < :beforeSeq ${agentId === undefined ? '' : 'AND agent_id = :agentId'}
           ORDER BY seq DESC LIMIT :limit`,
          {
            beforeSeq: beforeSeq ?? Number.MAX_SAFE_INTEGER,
            limit,
            ...(agentId === undefined ? {} : { agentId }),
          },
        )
        .map((row) => ({
          seq: row.seq,
          atMs: row.at,
          executionId: row.execution_id,
          agentId: row.agent_id,
          agentName: row.agent_name,
          kind: row.kind,
          used: row.used,
          limit: row.granted,
          action: row.action,
          inARow: row.in_a_row,
        })),
  }
}
