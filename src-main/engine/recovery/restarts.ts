import type { AgentId, ExecutionId, Restart } from '@contract'
import type { Store, Tx } from '../store'

export interface Budget {
  readonly attempts: number
  readonly max: number
  readonly nextAtMs: number | null
  /** When the try that runs now was started. */
  readonly runningSinceMs: number | null
}

/** The tries of the engine by agent, and how many were made in a row; in the database, so that a crash grants no new ones. */
export interface Restarts {
  budget(sql: Pick<Tx, 'get'>, agentId: AgentId): Budget | null
  setBudget(tx: Tx, agentId: AgentId, budget: Budget): void
  clearBudget(tx: Tx, agentId: AgentId): void
  add(tx: Tx, agentId: AgentId, restart: Restart): void
  /** The newest try that waits for its run gets it. */
  queued(tx: Tx, agentId: AgentId, executionId: ExecutionId): void
  /** What became of the try whose run this is; how many there were. */
  settle(
    tx: Tx,
    run: { readonly agentId: AgentId; readonly executionId: ExecutionId },
    outcome: Restart['outcome'],
  ): number
  /** What became of all tries of the agent that are in one of these states. */
  settleAll(
    tx: Tx,
    agentId: AgentId,
    change: { readonly from: Restart['outcome']; readonly to: Restart['outcome'] },
  ): void
  list(agentId: AgentId, limit: number): Restart[]
}

interface RestartRow {
  at: number
  attempt: number
  max: number
  delay_ms: number
  reason: string
  failed_execution_id: Restart['failedExecutionId']
  execution_id: Restart['executionId']
  outcome: Restart['outcome']
}

interface BudgetRow {
  attempts: number
  max: number
  next_at: number | null
  running_since: number | null
}

export const createRestarts = ({ store, limit }: { readonly store: Store; readonly limit: number }): Restarts => ({
  budget(sql, agentId) {
    const row = sql.get<BudgetRow>(
      'SELECT attempts, max, next_at, running_since FROM recovery_budgets WHERE agent_id = :agentId',
      { agentId },
    )
    if (row === undefined) return null
    return { attempts: row.attempts, max: row.max, nextAtMs: row.next_at, runningSinceMs: row.running_since }
  },

  setBudget(tx, agentId, { attempts, max, nextAtMs, runningSinceMs }) {
    tx.run(
      `INSERT INTO recovery_budgets (agent_id, attempts, max, next_at, running_since)
       VALUES (:agentId, :attempts, :max, :nextAtMs, :runningSinceMs)
       ON CONFLICT (agent_id) DO UPDATE SET attempts = excluded.attempts, max = excluded.max,
         next_at = excluded.next_at, running_since = excluded.running_since`,
      { agentId, attempts, max, nextAtMs, runningSinceMs },
    )
  },

  clearBudget(tx, agentId) {
    tx.run('DELETE FROM recovery_budgets WHERE agent_id = :agentId', { agentId })
  },

  add(tx, agentId, restart) {
    tx.run(
      `INSERT INTO recovery_restarts (at, agent_id, attempt, max, delay_ms, reason, failed_execution_id, execution_id,
       outcome)
       VALUES (:atMs, :agentId, :attempt, :max, :delayMs, :reason, :failedExecutionId, :executionId, :outcome)`,
      { agentId, ...restart },
    )
    tx.run('DELETE FROM recovery_restarts WHERE seq <= (SELECT max(seq) FROM recovery_restarts) - :limit', { limit })
  },

  queued(tx, agentId, executionId) {
    tx.run(
      `UPDATE recovery_restarts SET execution_id = :executionId WHERE seq = (SELECT max(seq) FROM recovery_restarts
       WHERE agent_id = :agentId AND outcome = 'waiting' AND execution_id IS NULL)`,
      { agentId, executionId },
    )
  },

  settle: (tx, { agentId, executionId }, outcome) =>
    tx.run(
      `UPDATE recovery_restarts SET outcome = :outcome
       WHERE agent_id = :agentId AND execution_id = :executionId AND outcome IN ('waiting', 'started')`,
      { agentId, executionId, outcome },
    ),

  settleAll(tx, agentId, { from, to }) {
    tx.run(
      `UPDATE recovery_restarts SET outcome = :to
       WHERE agent_id = :agentId AND outcome = :from AND outcome IN ('waiting', 'started')`,
      { agentId, from, to },
    )
  },

  list: (agentId, most) =>
    store
      .all<RestartRow>(
        `SELECT at, attempt, max, delay_ms, reason, failed_execution_id, execution_id, outcome FROM recovery_restarts
         WHERE agent_id = :agentId ORDER BY seq DESC LIMIT :most`,
        { agentId, most },
      )
      .map((row) => ({
        atMs: row.at,
        attempt: row.attempt,
        max: row.max,
        delayMs: row.delay_ms,
        reason: row.reason,
        failedExecutionId: row.failed_execution_id,
        executionId: row.execution_id,
        outcome: row.outcome,
      })),
})
