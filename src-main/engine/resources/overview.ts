import type {
  Allocation,
  BackendId,
  Enforcement,
  ExecutionId,
  ResourceAlert,
  ResourceKind,
  ResourceOverview,
  Usage,
} from '@contract'
import type { Shares } from './alerts'
import { atLeastNothing, minus, NOTHING, plus } from './amounts'
import type { Grant, Pool } from './ledger'
import type { Watched } from './resources'

export interface OverviewParts {
  readonly pools: readonly Pool[]
  readonly used: Usage
  readonly enforcing: boolean
}

export interface OverviewOptions extends OverviewParts {
  readonly source: ResourceOverview['source']
  readonly machine: Usage
  readonly grants: readonly Grant[]
  readonly watched: ReadonlyMap<ExecutionId, Watched>
  readonly keeping: ReadonlyMap<BackendId, Readonly<Record<ResourceKind, Enforcement>>>
  readonly alerts: readonly ResourceAlert[]
  readonly stopAfterViolations: number
  readonly sampledAtMs: number | null
  readonly historySteps: number
  readonly retentionMs: number
}

/** A step with its place in the index takes about so much of the disk; measured on a filled database. */
const BYTES_PER_STEP = 290

const UNKNOWN: Readonly<Record<ResourceKind, Enforcement>> = {
  memory: 'none',
  cpu: 'none',
  disk: 'none',
  network: 'none',
}

const together = (pools: readonly Pool[], of: (pool: Pool) => Pool['totals']): Pool['totals'] =>
  pools.reduce((sum, pool) => plus(sum, of(pool)), NOTHING)

const availableOf = (pool: Pool): Pool['totals'] =>
  atLeastNothing(minus(minus(pool.totals, pool.reserved), pool.granted))

export const sharesOf = ({ pools, used }: OverviewParts): Shares => ({
  grantable: together(pools, (pool) => minus(pool.totals, pool.reserved)),
  granted: together(pools, (pool) => pool.granted),
  used,
})

const allocationOf = (grant: Grant, options: OverviewOptions): Allocation => {
  const watched = options.watched.get(grant.executionId)
  return {
    executionId: grant.executionId,
    agentId: grant.agentId,
    agentName: grant.agentName,
    backend: grant.backend,
    granted: grant.amounts,
    used: watched?.usage ?? null,
    sinceMs: grant.sinceMs,
    enforcement: watched?.sandbox.enforcement ?? options.keeping.get(grant.backend) ?? UNKNOWN,
    violationsInARow: watched?.watch.inARow() ?? 0,
    throttled: watched?.watch.isThrottled() ?? false,
    notEnforced: [...(watched?.sandbox.notEnforced ?? [])],
  }
}

/** All of it, for whoever shows it. The figures are of all pools together. */
export const overviewOf = (options: OverviewOptions): ResourceOverview => {
  const { pools } = options
  return {
    totals: together(pools, (pool) => pool.totals),
    source: options.source,
    reserved: together(pools, (pool) => pool.reserved),
    granted: together(pools, (pool) => pool.granted),
    available: together(pools, availableOf),
    used: options.used,
    machine: options.machine,
    enforcing: options.enforcing,
    allocations: options.grants.map((grant) => allocationOf(grant, options)),
    alerts: [...options.alerts],
    stopAfterViolations: options.stopAfterViolations,
    sampledAtMs: options.sampledAtMs,
    pools: pools.map((pool) => ({ ...pool, available: availableOf(pool) })),
    history: {
      steps: options.historySteps,
      bytes: options.historySteps * BYTES_PER_STEP,
      retentionMs: options.retentionMs,
    },
  }
}
