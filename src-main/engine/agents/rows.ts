import {
  type AgentDefinition,
  type AgentId,
  type AgentState,
  type AgentSummary,
  type CorrelationId,
  type EndCause,
  ERRORS,
  type ErrorCode,
  type Execution,
  type ExecutionId,
  type ExecutionState,
  type Json,
  type SecurityTier,
} from '@contract'
import { ACTIONS } from './transitions'

export interface AgentRow {
  id: AgentId
  state: AgentState
  state_reason: string | null
  state_changed_at: number
  version: number
  created_at: number
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
  started_at: number
  ended_at: number | null
  peak_memory_bytes: number | null
  cpu_time_ms: number | null
  sandbox: string | null
}

export type LastRunRow = Pick<ExecutionRow, 'id' | 'agent_id' | 'state' | 'started_at' | 'ended_at' | 'end_cause'>

export const definitionOf = (row: AgentRow): AgentDefinition => JSON.parse(row.definition) as AgentDefinition

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
  startedAtMs: row.started_at,
  endedAtMs: row.ended_at,
  peakMemoryBytes: row.peak_memory_bytes,
  cpuTimeMs: row.cpu_time_ms,
  sandbox: row.sandbox === null ? null : (JSON.parse(row.sandbox) as Execution['sandbox']),
})

export const toSummary = (row: AgentRow, last: LastRunRow | undefined): AgentSummary => {
  const definition = definitionOf(row)
  return {
    id: row.id,
    name: definition.name,
    description: definition.description,
    state: row.state,
    stateReason: row.state_reason,
    tier: definition.securityTier,
    priority: definition.priority,
    version: row.version,
    createdAtMs: row.created_at,
    stateChangedAtMs: row.state_changed_at,
    lastExecution:
      last === undefined
        ? null
        : {
            id: last.id,
            state: last.state,
            startedAtMs: last.started_at,
            endedAtMs: last.ended_at,
            endCause: last.end_cause,
          },
    actions: [...ACTIONS[row.state]],
  }
}
