import type { AgentId, BackendId, CorrelationId, Enforcement, ExecutionId, ResourceKind, Usage } from '@contract'
import type { Config } from '../config'
import { type Clock, type Events, type Log, messageOf } from '../core'
import type { Gate } from '../gate'
import type { Sandbox } from '../sandbox'
import type { Store } from '../store'
import { createAlerts } from './alerts'
import { createAllocations } from './allocations'
import { amountsOf, NOTHING, plus } from './amounts'
import { createHistory, EVERYTHING, type Scoped } from './history'
import { createLedger, type Grant } from './ledger'
import type { Machine } from './machine'
import { createMachineUse } from './machine-use'
import { type OverviewParts, overviewOf, sharesOf } from './overview'
import { createRunWatch, type RunWatch, usageOf } from './run-watch'
import { totalsOf } from './totals'
import type { Resources } from './types'
import { NO_USE, plusUsage } from './usage'
import { createViolations } from './violations'

export interface ResourcesPorts {
  readonly gate: Pick<Gate, 'commit'>
  readonly store: Store
  readonly clock: Clock
  readonly events: Events
  readonly log: Log
  readonly config: Config['resource']
  readonly machine: Machine
}

const SECOND_MS = 1_000
/** A sample older than this says nothing of now: three were missed. */
const STALE_MS = 3_500

/** One run under watch. */
export interface Watched {
  readonly grant: Grant
  readonly sandbox: Pick<Sandbox, 'enforcement' | 'notEnforced'>
  readonly watch: RunWatch
  usage: Usage | null
}

/**
 * The ledger, the watch over the runs, and the history of both, as one. Allocating is synchronous and in memory, with its row in
 * the caller's transaction; everything else happens beside it. Nothing ticks while no run is under way and nobody looks.
 */
export const createResources = (ports: ResourcesPorts): Resources => {
  const { gate, store, clock, events, log, config, machine } = ports
  const totals = totalsOf(config, machine)
  const enforcing = config.enforcementEnabled
  const ledger = createLedger({ totals: totals.amounts, reservePercent: config.reservePercent, enforcing })
  const allocations = createAllocations({ store, log })
  const alerts = createAlerts()
  const history = createHistory({ store, clock, log, retentionMs: config.historyRetentionMs })
  const listeners = new Set<() => void>()
  const watched = new Map<ExecutionId, Watched>()
  /** Runs whose watch ended since the last second: what they used belongs to it. */
  let ended: Watched[] = []
  /** How each back-end kept its limits when it was last seen. */
  const keeping = new Map<BackendId, Readonly<Record<ResourceKind, Enforcement>>>()
  let cancelSecond: (() => void) | null = null
  let cancelPublish: (() => void) | null = null
  let publishedAtMs = Number.NEGATIVE_INFINITY
  let sampledAtMs: number | null = null
  let isClosed = false

  const publish = (): void => {
    cancelPublish = null
    publishedAtMs = clock.monotonicMs()
    alerts.update(sharesOf(parts()), clock.nowMs())
    events.publish('resources.changed', {})
  }

  const changed = (): void => {
    if (cancelPublish !== null || isClosed) return
    const waitMs = publishedAtMs + SECOND_MS - clock.monotonicMs()
    if (waitMs <= 0) publish()
    else cancelPublish = clock.after(waitMs, publish)
  }

  const violations = createViolations({
    gate,
    store,
    clock,
    log,
    retentionMs: config.historyRetentionMs,
    onRecorded: changed,
  })
  const machineUse = createMachineUse({
    machine,
    clock,
    busyEveryMs: config.monitoringIntervalMs,
    onMeasured: changed,
  })

  const isRecent = ({ usage }: Watched): boolean => usage !== null && clock.nowMs() - usage.atMs <= STALE_MS

  /** What all runs use that were measured of late; nothing while none runs. */
  const used = (): Usage =>
    [...watched.values()]
      .filter(isRecent)
      .reduce((sum, { usage }) => plusUsage(sum, usage), { ...NO_USE, atMs: clock.nowMs() })

  const parts = (): OverviewParts => ({ pools: ledger.pools(), used: used(), enforcing })

  /** One measurement of all agents together and of each, for the history. */
  const second = (): void => {
    cancelSecond = null
    const atMs = clock.nowMs()
    const recent = [...watched.values(), ...ended].filter(isRecent)
    ended = []
    const scopes = new Map<string, Scoped>()
    const add = (scope: string, { usage, grant }: Watched): void => {
      const before = scopes.get(scope)?.measured ?? { used: NO_USE, granted: NOTHING }
      const measured = { used: plusUsage(before.used, usage), granted: plus(before.granted, grant.amounts) }
      scopes.set(scope, { scope, measured })
    }
    for (const one of recent) {
      add(EVERYTHING, one)
      add(one.grant.agentId, one)
    }
    history.record(atMs, [...scopes.values()])
    nextSecond()
  }

  const nextSecond = (): void => {
    machineUse.setBusy(watched.size > 0)
    if (isClosed || (watched.size === 0 && ended.length === 0)) return
    cancelSecond ??= clock.after(SECOND_MS, second)
  }

  const release = (executionId: ExecutionId): void => {
    const grant = ledger.release(executionId)
    if (grant === undefined) return
    if (!isClosed) allocations.forget(grant)
    changed()
    for (const listener of listeners) {
      try {
        listener()
      } catch (error) {
        log.error({ reason: messageOf(error) }, 'a listener to a given-back grant failed')
      }
    }
  }

  const watch: Resources['watch'] = ({ executionId, correlationId, sandbox, onStop }) => {
    const grant = ledger.find(executionId)
    if (grant === undefined) {
      log.error({ execution: executionId }, 'a run without a grant cannot be watched')
      return { sample: () => undefined, close: () => undefined }
    }
    keeping.set(grant.backend, sandbox.enforcement)
    const one: Watched = {
      grant,
      sandbox,
      usage: null,
      watch: createRunWatch({
        granted: grant.amounts,
        sandbox,
        action: config.violationAction,
        stopAfterViolations: config.stopAfterViolations,
        onObserved: (observed) => violations.record({ grant, correlationId: correlationId as CorrelationId }, observed),
        onStop,
      }),
    }
    watched.set(executionId, one)
    nextSecond()
    return {
      sample(sample) {
        if (watched.get(executionId) !== one) return
        one.usage = usageOf(sample)
        sampledAtMs = clock.nowMs()
        one.watch.sample(one.usage)
        changed()
      },
      close() {
        one.watch.close()
        if (watched.get(executionId) !== one) return
        watched.delete(executionId)
        ended.push(one)
        nextSecond()
        changed()
      },
    }
  }

  for (const grant of allocations.kept()) ledger.restore(grant)

  return {
    amountsOf,
    possible: ledger.possible,
    fits: ledger.fits,
    free: ledger.free,
    setPool(backend, given) {
      ledger.setPool(backend, given)
      changed()
    },

    reserve(tx, order) {
      const grant = ledger.reserve(order, clock.nowMs())
      allocations.keep(tx, grant)
      tx.onCommit(changed)
    },
    release,
    onRelease(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    watch,

    overview() {
      const now = parts()
      return overviewOf({
        ...now,
        source: totals.source,
        machine: machineUse.look(),
        grants: [...ledger.grants()],
        watched,
        keeping,
        alerts: alerts.update(sharesOf(now), clock.nowMs()),
        stopAfterViolations: config.stopAfterViolations,
        sampledAtMs,
        historySteps: history.stepCount(),
        retentionMs: config.historyRetentionMs,
      })
    },
    alerts: () => [...alerts.update(sharesOf(parts()), clock.nowMs())],
    history: (query: { agentId?: AgentId | undefined; fromMs: number; toMs: number; points: number }) =>
      history.query(query),
    violations: violations.list,

    async reconcile() {
      for (const { executionId } of [...ledger.grants()]) if (allocations.isOver(executionId)) release(executionId)
    },

    close() {
      if (isClosed) return
      isClosed = true
      cancelSecond?.()
      cancelPublish?.()
      machineUse.close()
      history.close()
    },
  }
}
