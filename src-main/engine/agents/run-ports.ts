import type { AgentDefinition, AgentId, CorrelationId, ExecutionId, Json, RunOrigin, ScheduleId } from '@contract'
import type { Clock, Events, Log, NewId } from '../core'
import type { Recovery } from '../recovery/types'
import type { Resources } from '../resources/types'
import type { SandboxDriver, Sandboxes } from '../sandbox'
import type { QueueEntry, Scheduler } from '../scheduler/types'
import type { Tasks } from '../tasks'
import type { Agents } from './agents'
import type { ExecutionLogs } from './execution-log'
import type { ExecutionStats } from './execution-stats'
import type { SessionPorts } from './session'
import type { Sweeper } from './sweeper'

export interface RunLimits {
  /** From the first step to a program that runs, once the image is there. */
  readonly initializationTimeoutMs: number
  /** Between asking a program to end and ending it. */
  readonly terminationTimeoutMs: number
  /** How often live runs are compared with their back-ends. */
  readonly stateCheckIntervalMs: number
  /** A run that goes on so long gives its agent all attempts to be started again. */
  readonly restartResetMs: number
}

export interface RunPorts extends SessionPorts {
  readonly agents: Agents
  readonly sandboxes: Pick<Sandboxes, 'driver' | 'statuses'>
  /** All back-ends there are now: where leftovers are looked for and live runs compared. */
  readonly drivers: () => readonly SandboxDriver[]
  readonly scheduler: Pick<Scheduler, 'add' | 'remove' | 'poke'>
  readonly resources: Pick<Resources, 'amountsOf' | 'reserve' | 'release' | 'watch'>
  readonly recovery: Pick<
    Recovery,
    'decide' | 'restartQueued' | 'restartStarted' | 'restartCalledOff' | 'healthy' | 'restartState'
  >
  readonly tasks: Tasks
  readonly logs: ExecutionLogs
  readonly stats: ExecutionStats
  readonly clock: Clock
  readonly events: Events
  readonly newId: NewId
  readonly log: Log
  readonly sweeper: Sweeper
  readonly limits: RunLimits
}

/** A run that left the queue. */
export interface StartedOrder {
  readonly entry: QueueEntry
  readonly agentId: AgentId
  readonly executionId: ExecutionId
  readonly correlationId: CorrelationId
  readonly origin: RunOrigin
  readonly scheduleId: ScheduleId | null
  readonly definition: AgentDefinition
  readonly input: Json
  readonly driver: SandboxDriver
}
