import type { AgentId, AgentState, CorrelationId, StateChange } from '@contract'
import type { Sql, Tx } from '../store'

/** Along the changes from the newest; each points to an earlier one, so it comes to an end. */
const TIMELINE_SQL = `
  WITH RECURSIVE line (seq, prev) AS (
    SELECT seq, prev FROM state_changes WHERE seq = (SELECT last_change FROM agents WHERE id = ?)
    UNION ALL
    SELECT earlier.seq, earlier.prev FROM line JOIN state_changes AS earlier ON earlier.seq = line.prev
    WHERE line.prev < line.seq
  )
  SELECT state_changes.* FROM line JOIN state_changes USING (seq) ORDER BY seq`

interface ChangeRow {
  readonly seq: number
  readonly at: number
  readonly from_state: AgentState | null
  readonly to_state: AgentState
  readonly reason: string
  readonly correlation_id: CorrelationId
}

/** All changes of state of an agent, oldest first; none of an agent that is not known. */
export const timelineOf = (sql: Sql, id: AgentId): StateChange[] =>
  sql.all<ChangeRow>(TIMELINE_SQL, [id]).map((row) => ({
    seq: row.seq,
    atMs: row.at,
    from: row.from_state,
    to: row.to_state,
    reason: row.reason,
    correlationId: row.correlation_id,
  }))

/** Make the row of a new agent and the first one of its timeline. */
export const insertAgent = (
  tx: Tx,
  { id, at, correlationId }: { readonly id: AgentId; readonly at: number; readonly correlationId: CorrelationId },
): void => {
  tx.run(
    `INSERT INTO agents (id, state, state_reason, state_changed_at, version, created_at, last_change)
     VALUES (?, 'Created', NULL, ?, 1, ?, (SELECT coalesce(max(seq), 0) + 1 FROM state_changes))`,
    [id, at, at],
  )
  tx.run(
    `INSERT INTO state_changes (seq, agent_id, at, from_state, to_state, reason, correlation_id)
     SELECT last_change, id, ?, NULL, 'Created', 'created', ? FROM agents WHERE id = ?`,
    [at, correlationId, id],
  )
}

/**
 * Change the state by compare-and-set, with its row in the timeline: each change points to the one before it of the same agent,
 * and the agent to its newest, so that nothing else has to be written for a timeline to be found.
 *
 * @returns whether the agent was in the state `from`; when not, nothing was changed
 */
export const changeState = (
  tx: Tx,
  change: {
    readonly id: AgentId
    readonly from: AgentState
    readonly to: AgentState
    readonly reason: string
    readonly at: number
    readonly correlationId: CorrelationId
  },
): boolean => {
  const { id, from, to, reason, at, correlationId } = change
  const noted = tx.run(
    `INSERT INTO state_changes (agent_id, at, from_state, to_state, reason, correlation_id, prev)
     SELECT id, ?, state, ?, ?, ?, last_change FROM agents WHERE id = ? AND state = ?`,
    [at, to, reason, correlationId, id, from],
  )
  if (noted === 0) return false
  tx.run(
    'UPDATE agents SET state = ?, state_reason = ?, state_changed_at = ?, last_change = last_insert_rowid() WHERE id = ?',
    [to, reason, at, id],
  )
  return true
}
