import type {
  AgentDefinition,
  AgentId,
  BackendId,
  CorrelationId,
  ExecutionId,
  Json,
  Priority,
  RunOrigin,
  ScheduleId,
} from '@contract'
import type { Clock, Events, NewId } from '../core'
import type { Scheduler } from '../scheduler/types'
import type { Tx } from '../store'
import type { AgentIndex } from './agent-index'
import type { End } from './end-of-run'
import type { ExecutionRow } from './rows'

/** A run that is to wait for its place. */
export interface NewRun {
  readonly agentId: AgentId
  readonly version: number
  readonly definition: AgentDefinition
  readonly correlationId: CorrelationId
  readonly input: Json
  readonly origin: RunOrigin
  readonly scheduleId: ScheduleId | null
  readonly attempt: number
  readonly priority: Priority
  readonly notBeforeMs: number | null
  readonly deadlineAtMs: number | null
  readonly avoid: BackendId | null
  /** Earlier than now for a run that lost its place: it has waited already. */
  readonly queuedAtMs: number
}

/** What is told of a run that has ended. */
export interface EndedRun {
  readonly executionId: ExecutionId
  readonly agentId: AgentId
  readonly scheduleId: ScheduleId | null
  readonly origin: RunOrigin
  readonly end: End
  /** The run that follows it by itself: tried again, or put back into the queue. */
  readonly successor: ExecutionId | null
}

/** What was used, where it was measured. */
export interface Spent {
  readonly peakMemoryBytes: number | null
  readonly cpuTimeMs: number | null
}

/** The rows of runs, changed within the transactions of others. */
export interface Executions {
  /** A new row and its place in the queue. @throws SCHED_001 when the queue is full */
  queue(tx: Tx, run: NewRun): ExecutionId
  /** It left the queue, with the priority that it had there by then. */
  started(tx: Tx, row: ExecutionRow, place: { backend: BackendId; priority: Priority }): void
  running(tx: Tx, row: Pick<ExecutionRow, 'id' | 'agent_id'>, sandbox: Json): void
  /** It is over; nothing of it changes any more. */
  ended(
    tx: Tx,
    row: Pick<ExecutionRow, 'id' | 'agent_id' | 'schedule_id' | 'origin'>,
    how: { end: End; spent?: Spent; successor?: ExecutionId | null },
  ): void
  row(sql: Pick<Tx, 'get'>, id: ExecutionId): ExecutionRow | undefined
  /** Runs of an agent that wait. */
  waiting(sql: Pick<Tx, 'all'>, agentId: AgentId): ExecutionRow[]
  /** Hear of each end once it is on the disk. */
  onEnded(listener: (run: EndedRun) => void): () => void
}

export const createExecutions = (ports: {
  scheduler: Pick<Scheduler, 'add'>
  index: Pick<AgentIndex, 'run'>
  clock: Clock
  events: Events
  newId: NewId
}): Executions => {
  const { scheduler, index, clock, events, newId } = ports
  const listeners = new Set<(run: EndedRun) => void>()

  const row = (sql: Pick<Tx, 'get'>, id: ExecutionId): ExecutionRow | undefined =>
    sql.get<ExecutionRow>('SELECT * FROM executions WHERE id = :id', { id })

  const told = (tx: Tx, id: ExecutionId, agentId: AgentId): void => {
    const now = row(tx, id)
    tx.onCommit(() => {
      if (now !== undefined) index.run(now)
      events.publish('executions.changed', { id, agentId })
    })
  }

  return {
    row,
    waiting: (sql, agentId) =>
      sql.all<ExecutionRow>(
        `SELECT * FROM executions WHERE agent_id = :agentId AND ended_at IS NULL AND state = 'queued' ORDER BY id`,
        { agentId },
      ),

    queue(tx, run) {
      const { agentId, correlationId, definition, origin, attempt, priority, queuedAtMs } = run
      const id = newId<ExecutionId>()
      tx.run(
        `INSERT INTO executions (id, agent_id, agent_version, correlation_id, state, tier, input, output, origin,
           schedule_id, attempt, priority, queued_at, started_at)
         VALUES (:id, :agentId, :version, :correlationId, 'queued', :tier, :input, 'null', :origin,
           :scheduleId, :attempt, :priority, :queuedAtMs, :at)`,
        {
          id,
          agentId,
          version: run.version,
          correlationId,
          tier: definition.securityTier,
          input: JSON.stringify(run.input),
          origin,
          scheduleId: run.scheduleId,
          attempt,
          priority,
          queuedAtMs,
          at: clock.nowMs(),
        },
      )
      scheduler.add(tx, {
        executionId: id,
        agentId,
        agentName: definition.name,
        correlationId,
        tier: definition.securityTier,
        limits: definition.limits,
        concurrency: definition.concurrency,
        priority,
        origin,
        attempt,
        queuedAtMs,
        notBeforeMs: run.notBeforeMs,
        deadlineAtMs: run.deadlineAtMs,
        avoid: run.avoid,
      })
      told(tx, id, agentId)
      return id
    },

    started(tx, { id, agent_id: agentId }, { backend, priority }) {
      tx.run(
        `UPDATE executions SET state = 'starting', backend = :backend, priority = :priority, started_at = :at
         WHERE id = :id`,
        { id, backend, priority, at: clock.nowMs() },
      )
      told(tx, id, agentId)
    },

    running(tx, { id, agent_id: agentId }, sandbox) {
      tx.run(`UPDATE executions SET state = 'running', sandbox = :sandbox WHERE id = :id`, {
        id,
        sandbox: JSON.stringify(sandbox),
      })
      told(tx, id, agentId)
    },

    ended(tx, { id, agent_id: agentId, schedule_id: scheduleId, origin }, { end, spent, successor = null }) {
      tx.run(
        `UPDATE executions SET state = :state, end_cause = :cause, error_code = :code, error_message = :message,
           exit_code = :exitCode, output = :output, ended_at = :at, peak_memory_bytes = :peak, cpu_time_ms = :cpu
         WHERE id = :id AND ended_at IS NULL`,
        {
          id,
          state: end.state,
          cause: end.cause,
          code: end.code,
          message: end.message,
          exitCode: end.exitCode,
          output: JSON.stringify(end.output),
          at: clock.nowMs(),
          peak: spent?.peakMemoryBytes ?? null,
          cpu: spent?.cpuTimeMs ?? null,
        },
      )
      told(tx, id, agentId)
      tx.onCommit(() => {
        for (const listener of listeners) listener({ executionId: id, agentId, scheduleId, origin, end, successor })
      })
    },

    onEnded(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
