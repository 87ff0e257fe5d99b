import type {
  AgentId,
  Amounts,
  BackendId,
  CorrelationId,
  ExecutionId,
  ResourceAlert,
  ResourceKind,
  ResourceLimits,
  ResourceOverview,
  StatsSample,
  UsageSeries,
  Violation,
} from '@contract'
import type { Sandbox } from '../sandbox'
import type { Tx } from '../store'

export interface ReserveOrder {
  readonly executionId: ExecutionId
  readonly agentId: AgentId
  readonly agentName: string
  readonly backend: BackendId
  readonly amounts: Amounts
}

/** Watches the use of one run against its grant. */
export interface UsageWatch {
  /** A new measurement of the sandbox. */
  sample(sample: StatsSample): void
  close(): void
}

/** The totals, what was granted of them, and what is used. All amounts are whole numbers; nothing is rounded away. */
export interface Resources {
  amountsOf(limits: ResourceLimits): Amounts
  /** Whether it could be granted on an otherwise empty back-end. */
  possible(backend: BackendId, amounts: Amounts): boolean
  fits(backend: BackendId, amounts: Amounts): boolean
  free(backend: BackendId): Amounts
  /** Totals of a back-end that is not this machine; local ones share those of the machine. */
  setPool(backend: BackendId, totals: Amounts | null): void
  /**
   * Grant at once or not at all; recorded within the transaction. Whoever asked releases it when the transaction fails.
   * @throws RESOURCE_001 when it does not fit now, RESOURCE_002 when it never will
   */
  reserve(tx: Tx, order: ReserveOrder): void
  /** Give back exactly what was granted; does nothing the second time. Announces it, so that waiting runs are looked at. */
  release(executionId: ExecutionId): void
  onRelease(listener: () => void): () => void
  /** Watch a run; `onStop` is called once, when it went beyond its grant too often in a row. */
  watch(options: {
    readonly executionId: ExecutionId
    readonly correlationId: CorrelationId
    readonly sandbox: Pick<Sandbox, 'enforcement' | 'notEnforced' | 'throttle'>
    readonly onStop: (kind: ResourceKind) => void
  }): UsageWatch
  /** Asking counts as looking: the machine is measured each second for a while. */
  overview(): ResourceOverview
  /** Of the overview the alerts alone; measures nothing. */
  alerts(): ResourceAlert[]
  history(query: { agentId?: AgentId | undefined; fromMs: number; toMs: number; points: number }): UsageSeries[]
  violations(query: { agentId?: AgentId | undefined; beforeSeq?: number | undefined; limit: number }): Violation[]
  /** Forget grants of runs that are over: those of an engine that was killed. */
  reconcile(): Promise<void>
  close(): void
}
