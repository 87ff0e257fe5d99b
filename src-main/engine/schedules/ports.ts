import type { AgentId, AgentSummary, Execution, ExecutionId, Json, Priority, ScheduleId } from '@contract'
import type { Asking } from '../agents'
import type { Clock, Events, Log, NewId } from '../core'
import type { Gate } from '../gate'
import type { Store } from '../store'

/** What a schedule asks those who run agents for. */
export interface ScheduledOrder {
  readonly id: AgentId
  readonly input: Json
  readonly priority?: Priority | undefined
  readonly origin: 'schedule'
  readonly scheduleId: ScheduleId
  /** 1 for the first try of one due time. */
  readonly attempt: number
}

/** Runs of agents, as schedules need them. */
export interface ScheduledRuns {
  /** Resolves once the run is in the database, under the correlation id of the asking. */
  start(asking: Asking, order: ScheduledOrder): Promise<Execution>
  /** Resolves once the run has ended and everything of it is recorded. */
  ended(id: ExecutionId): Promise<Execution>
}

export interface SchedulePorts {
  readonly gate: Gate
  readonly store: Store
  readonly runs: ScheduledRuns
  /** @throws AGENT_001 */
  readonly agents: { summary(id: AgentId): Pick<AgentSummary, 'state' | 'mode' | 'name'> }
  readonly clock: Clock
  /** At least 0 and less than 1; for jitter, nothing secret. */
  readonly random: () => number
  readonly events: Events
  readonly newId: NewId
  readonly log: Log
}
