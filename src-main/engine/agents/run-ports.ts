import type { Clock, Events, Log, NewId } from '../core'
import type { SandboxDriver, Sandboxes } from '../sandbox'
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
}

export interface RunPorts extends SessionPorts {
  readonly agents: Agents
  readonly sandboxes: Sandboxes
  /** Where leftovers of an earlier start are looked for. */
  readonly drivers: readonly SandboxDriver[]
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
