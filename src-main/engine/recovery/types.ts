import type {
  AgentId,
  BackendId,
  Breaker,
  CorrelationId,
  EndCause,
  ErrorCode,
  ErrorGroup,
  ErrorType,
  ExecutionId,
  ExecutionMode,
  RecoveryEvent,
  RecoveryStep,
  Restart,
} from '@contract'
import type { Caller } from '../core'
import type { Tx } from '../store'

/** `backend:docker:local`, `tool:server.tool`, `endpoint:host`. */
export type BreakerId = `${Breaker['kind']}:${string}`

/** The one set of circuit breakers: closed, open, half-open; failures count within a window. */
export interface Breakers {
  /** Do it, when the breaker lets it through, and count what comes of it. @throws RECOVERY_001 while it is open */
  run<T>(id: BreakerId, act: () => Promise<T>): Promise<T>
  /** When it would let a call through again; null when it does now. Changes nothing. */
  restsUntil(id: BreakerId): number | null
  /** What happened to a call that was not made through `run`. */
  succeeded(id: BreakerId): void
  failed(id: BreakerId, error: { code: ErrorCode; message: string }): void
  list(): Breaker[]
  /** @throws RECOVERY_002 */
  probe(asking: { caller: Caller; correlationId: CorrelationId }, id: string, reason: string): Promise<Breaker>
  /** Called after each change of state. */
  onChange(listener: (breaker: Breaker) => void): () => void
  close(): void
}

/** A run that did not succeed. */
export interface Failure {
  readonly agentId: AgentId
  readonly agentName: string
  readonly executionId: ExecutionId
  readonly correlationId: CorrelationId
  readonly mode: ExecutionMode
  readonly cause: EndCause
  readonly code: ErrorCode
  readonly message: string
  /** Whether the program had been started: what was never started can be tried again without doing anything twice. */
  readonly started: boolean
  readonly attempt: number
  readonly backend: BackendId | null
  /** With the cause `engine-stopped`: the engine was killed under it, as opposed to closed by a person. */
  readonly engineKilled?: boolean
}

/** What is to be done about it. The caller does it in the same transaction. */
export interface RecoveryDecision {
  readonly type: ErrorType
  readonly step: RecoveryStep
  /** In words, for the timeline. */
  readonly reason: string
  /** For a retry, restart or failover: how long it waits, and the number of the next attempt. */
  readonly delayMs: number | null
  readonly nextAttempt: number | null
  readonly avoid: BackendId | null
}

/** One classifier, one strategy per type of error, one history. */
export interface Recovery {
  /** Decide about a failed run; recorded, with its restart, within the transaction. */
  decide(tx: Tx, failure: Failure): RecoveryDecision
  /** The run that a decision asked for was queued, started, succeeded, or called off by a person. */
  restartQueued(tx: Tx, agentId: AgentId, executionId: ExecutionId): void
  restartStarted(tx: Tx, agentId: AgentId, executionId: ExecutionId): void
  restartCalledOff(tx: Tx, agentId: AgentId): void
  /** A run went well to its end, or runs well for the time after which attempts count anew. */
  healthy(tx: Tx, agentId: AgentId): void
  restartState(agentId: AgentId): { attempts: number; max: number; nextAtMs: number | null } | null
  restarts(agentId: AgentId, limit: number): Restart[]
  events(query: {
    agentId?: AgentId | undefined
    types?: readonly ErrorType[] | undefined
    beforeSeq?: number | undefined
    limit: number
  }): RecoveryEvent[]
  groups(windowMs: number): ErrorGroup[]
  /** What a person was told since then, the newest first: twenty at most. */
  told(
    sinceMs: number,
  ): { readonly atMs: number; readonly agentId: AgentId | null; readonly title: string; readonly text: string }[]
  /** An error that belongs to no run: of a tool, an endpoint, a part of the engine. */
  note(error: {
    correlationId: CorrelationId
    agentId: AgentId | null
    agentName: string | null
    code: ErrorCode
    message: string
  }): void
  close(): void
}
