import type {
  AgentId,
  BackendId,
  CorrelationId,
  ExecutionId,
  Priority,
  QueuedRun,
  ResourceLimits,
  RunOrigin,
  SchedulerStatus,
  SecurityTier,
} from '@contract'
import type { Caller, RuntimeError } from '../core'
import type { SandboxDriver } from '../sandbox'
import type { Tx } from '../store'

/** One run that waits for a place. Kept in the database; the order is worked out in memory. */
export interface QueueEntry {
  readonly executionId: ExecutionId
  readonly agentId: AgentId
  readonly agentName: string
  readonly correlationId: CorrelationId
  readonly tier: SecurityTier
  readonly limits: ResourceLimits
  /** How many runs of the agent may be under way at once. */
  readonly concurrency: number
  readonly priority: Priority
  readonly origin: RunOrigin
  readonly attempt: number
  readonly queuedAtMs: number
  readonly notBeforeMs: number | null
  readonly deadlineAtMs: number | null
  /** A back-end that this run just failed on: another one is taken while there is one. */
  readonly avoid: BackendId | null
}

/** Where a run is put. */
export interface Placement {
  readonly driver: SandboxDriver
}

/** A back-end that runs can be put on now. */
export interface Place {
  readonly driver: SandboxDriver
  /** Back-ends that share one stock of resources name the same pool: all of this machine do. */
  readonly pool: string
  readonly weight: number
  readonly maxConcurrent: number
  /** It was looked at and did not answer. */
  readonly isMissing: boolean
  /** Another host that has not told yet what it has; nothing is put there until it did. */
  readonly isUnknown: boolean
}

/** A run that was started. */
export interface StartedRun {
  /** Resolves once it has ended and everything of it is recorded; never rejects. Its place is free from then on. */
  readonly done: Promise<void>
  /** End it and put it back into the queue: something more urgent needs its place. */
  preempt(): void
}

/** What the scheduler asks of those who run agents. */
export interface RunStarter {
  /**
   * Take the run out of the queue, reserve its resources and start it: one transaction. When it rejects, the run
   * either still waits (nothing changed) or has ended (it is out of the queue); `remove` has told which.
   */
  begin(entry: QueueEntry, placement: Placement): Promise<StartedRun>
  /** End a run that will never be started. */
  giveUp(entry: QueueEntry, error: RuntimeError): Promise<void>
  /** Whether the state of its agent lets it start now; otherwise why not, in words. */
  mayStart(entry: QueueEntry): string | null
}

/** Decides which waiting run starts next and where. Event-driven: it looks when something changed, never by a tick. */
export interface Scheduler {
  /** Within the transaction that records the run. @throws SCHED_001 when the queue is full */
  add(tx: Tx, entry: QueueEntry): void
  /** Within the transaction that starts or ends the run; false when it does not wait. */
  remove(tx: Tx, executionId: ExecutionId): boolean
  /** Load what waited when the engine ended, and begin. */
  start(starter: RunStarter): void
  /** Something that runs wait for may have changed: the state of this agent; without one, anything. */
  poke(agentId?: AgentId): void
  /** How many places are taken on a back-end. */
  runningOn(backend: BackendId): number
  status(): SchedulerStatus
  queue(page: { offset: number; limit: number }): { items: QueuedRun[]; total: number }
  /** @throws SCHED_004 */
  prioritise(
    asking: { caller: Caller; correlationId: CorrelationId },
    executionId: ExecutionId,
    priority: Priority,
  ): Promise<QueuedRun>
  /** Start nothing more. Runs under way are not its business to end. */
  close(): void
}
