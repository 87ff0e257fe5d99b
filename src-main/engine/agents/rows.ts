import {
  type AgentDefinition,
  type AgentId,
  type AgentState,
  type BackendId,
  type CorrelationId,
  type EndCause,
  ERRORS,
  type ErrorCode,
  type Execution,
  type ExecutionId,
  type ExecutionState,
  type Json,
  type Priority,
  type RunOrigin,
  type ScheduleId,
  type SecurityTier,
} from '@contract'
import { RuntimeError } from '../core'
import type { Sql } from '../store'

export interface AgentRow {
  id: AgentId
  state: AgentState
  state_reason: string | null
  state_changed_at: number
  version: number
  created_at: number
  last_heartbeat_at: number | null
  definition: string
}

export interface ExecutionRow {
  id: ExecutionId
  agent_id: AgentId
  agent_version: number
  correlation_id: CorrelationId
  state: ExecutionState
  tier: SecurityTier
  input: string
  output: string
  exit_code: number | null
  end_cause: EndCause | null
  error_code: ErrorCode | null
  error_message: string | null
  origin: RunOrigin
  schedule_id: ScheduleId | null
  attempt: number
  priority: Priority
  backend: BackendId | null
  queued_at: number
  started_at: number
  ended_at: number | null
  peak_memory_bytes: number | null
  cpu_time_ms: number | null
  sandbox: string | null
}

/** What a list shows of the newest run: without input and output, which can be a megabyte each. */
export type RunRow = Pick<ExecutionRow, 'id' | 'agent_id' | 'state' | 'started_at' | 'ended_at' | 'end_cause'>

/** What a definition of an earlier version of the product did not have yet. */
const DEFAULTS = { messages: [], concurrency: 1, heartbeatIntervalMs: 30_000 }

export const parseDefinition = (text: string): AgentDefinition =>
  ({ ...DEFAULTS, ...(JSON.parse(text) as AgentDefinition) }) satisfies AgentDefinition

export const AGENT_SQL = `SELECT a.*, v.definition
  FROM agents a JOIN agent_versions v ON v.agent_id = a.id AND v.version = a.version`

const unknownAgent = (id: AgentId): RuntimeError =>
  new RuntimeError('AGENT_001', 'There is no agent with this id.', { details: { id } })

/** @throws AGENT_001 */
export const rowOf = (sql: Sql, id: AgentId): AgentRow => {
  const row = sql.get<AgentRow>(`${AGENT_SQL} WHERE a.id = :id`, { id })
  if (row === undefined) throw unknownAgent(id)
  return row
}

/** The live state, within a transaction if `sql` is one. @throws AGENT_001 */
export const stateOf = (sql: Sql, id: AgentId): AgentState => {
  const row = sql.get<{ state: AgentState }>('SELECT state FROM agents WHERE id = ?', [id])
  if (row === undefined) throw unknownAgent(id)
  return row.state
}

export const toExecution = (row: ExecutionRow): Execution => ({
  id: row.id,
  agentId: row.agent_id,
  agentVersion: row.agent_version,
  correlationId: row.correlation_id,
  state: row.state,
  tier: row.tier,
  input: JSON.parse(row.input) as Json,
  output: JSON.parse(row.output) as Json,
  exitCode: row.exit_code,
  endCause: row.end_cause,
  errorCode: row.error_code,
  errorMessage: row.error_message,
  errorNextStep: row.error_code === null ? null : ERRORS[row.error_code].nextStep,
  origin: row.origin,
  scheduleId: row.schedule_id,
  attempt: row.attempt,
  priority: row.priority,
  backend: row.backend,
  queuedAtMs: row.queued_at,
  startedAtMs: row.started_at,
  endedAtMs: row.ended_at,
  peakMemoryBytes: row.peak_memory_bytes,
  cpuTimeMs: row.cpu_time_ms,
  sandbox: row.sandbox === null ? null : (JSON.parse(row.sandbox) as Execution['sandbox']),
})
