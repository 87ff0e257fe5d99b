import type {
  AgentId,
  Backend,
  BackendId,
  BalancingStrategy,
  CorrelationId,
  ExecutionId,
  Priority,
  QueuedRun,
} from '@contract'
import { type Caller, type Clock, type Events, type Log, messageOf, type NewId, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Breakers } from '../recovery'
import type { Resources } from '../resources'
import type { Tx } from '../store'
import { createBacklog, type Item } from './backlog'
import { createDispatcher } from './dispatcher'
import { createFigures } from './figures'
import { createKeptRoom } from './kept-room'
import type { Waiting } from './line'
import { createLiveRuns } from './live-runs'
import { createPlacing } from './placing'
import { createPreemption } from './preemption'
import type { QueueTable } from './queue-table'
import { createBalancer } from './strategies'
import { createTrials } from './trials'
import type { Place, QueueEntry, Scheduler } from './types'
import { priorityOf } from './urgency'

/** Rows that are read at once when the queue is loaded. */
const LOADED_AT_ONCE = 200
/** Whoever shows the queue is told at most this often. */
const TOLD_EVERY_MS = 100

/** Where runs can be put. */
export interface PlacesPort {
  places(): readonly Place[]
  list(): Backend[]
  onChange(listener: () => void): () => void
}

export interface SchedulerPorts {
  readonly table: QueueTable
  readonly gate: Pick<Gate, 'commit' | 'perform'>
  readonly clock: Clock
  readonly events: Events
  readonly log: Log
  readonly newId: NewId
  readonly backends: PlacesPort
  readonly resources: Pick<Resources, 'amountsOf' | 'possible' | 'fits' | 'free' | 'onRelease'>
  readonly breakers: Pick<Breakers, 'restsUntil' | 'list' | 'onChange'>
  readonly limits: {
    readonly maxConcurrent: number
    readonly ageingIntervalMs: number
    readonly queueLimit: number
    readonly strategy: BalancingStrategy
  }
}

/**
 * The queue of runs and what starts them. What waits is in the database, changed within the transaction of whoever
 * changes it; the order is in memory and follows each commit.
 */
export const createScheduler = (ports: SchedulerPorts): Scheduler => {
  const { table, gate, clock, events, log, newId, backends, resources, breakers, limits } = ports
  const { ageingIntervalMs, maxConcurrent } = limits
  const backlog = createBacklog(ageingIntervalMs)
  const live = createLiveRuns()
  const kept = createKeptRoom()
  const figures = createFigures()
  const trials = createTrials(breakers, (executionId) => live.get(executionId) !== undefined)
  const placing = createPlacing({
    places: () => backends.places(),
    resources,
    trials,
    live,
    kept,
    balancer: createBalancer(limits.strategy),
    ageingIntervalMs,
    maxConcurrent,
    nowMs: () => clock.nowMs(),
    isParked: (waiting) => backlog.line.isParked(waiting),
  })
  const preemption = createPreemption({
    gate,
    clock,
    log,
    newId,
    live,
    stillWants: (waiting: Waiting) => dispatcher.wantsRoom(waiting),
    wouldMakeRoom: (waiting, victim) => placing.wouldFitWithout(waiting, victim),
    onSettled: () => dispatcher.kick(),
  })

  let isClosed = false
  let cancelTelling: (() => void) | undefined
  const tell = (): void => {
    if (isClosed) return
    cancelTelling ??= clock.after(TOLD_EVERY_MS, () => {
      cancelTelling = undefined
      events.publish('scheduler.changed', {})
    })
  }

  const dispatcher = createDispatcher({
    backlog,
    live,
    placing,
    trials,
    kept,
    preemption,
    clock,
    log,
    maxConcurrent,
    onChange: tell,
  })
  const stops = [
    resources.onRelease(() => dispatcher.kick()),
    breakers.onChange(() => dispatcher.kick()),
    backends.onChange(() => dispatcher.kick()),
    events.subscribe(({ topic }) => {
      if (topic === 'policies.changed') preemption.rulesChanged()
    }),
  ]

  /** What is in the table: that what waits in memory is still being read does not let the queue grow beyond its limit. */
  const stored = table.totals()
  let storedCount = stored.count
  /** Added within this turn of the event loop, in transactions that are not committed yet or never will be. */
  let addedNow = 0
  let nextSeq = stored.lastSeq + 1

  const load = async (): Promise<void> => {
    let after: ExecutionId | null = null
    for (;;) {
      if (isClosed) return
      const page: ReturnType<QueueTable['page']> = table.page(after, LOADED_AT_ONCE)
      for (const { seq, ...entry } of page) {
        backlog.add(entry, seq)
        after = entry.executionId
      }
      if (page.length < LOADED_AT_ONCE) return
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  const view = (item: Item, nowMs: number): QueuedRun => {
    const { entry } = item.waiting
    return {
      executionId: entry.executionId,
      agentId: entry.agentId,
      agentName: entry.agentName,
      tier: entry.tier,
      priority: entry.priority,
      effectivePriority: priorityOf(placing.level(item.waiting, nowMs)),
      origin: entry.origin,
      attempt: entry.attempt,
      queuedAtMs: entry.queuedAtMs,
      notBeforeMs: entry.notBeforeMs,
      deadlineAtMs: entry.deadlineAtMs,
      waitsFor: dispatcher.whyWaiting(item, nowMs),
    }
  }

  const noLongerWaits = (): RuntimeError => new RuntimeError('SCHED_004', 'The run no longer waits in the queue.')

  return {
    add(tx: Tx, entry: QueueEntry) {
      if (storedCount + addedNow >= limits.queueLimit)
        throw new RuntimeError('SCHED_001', `The queue is full: ${limits.queueLimit} runs wait.`)
      const seq = nextSeq
      nextSeq += 1
      table.insert(tx, { ...entry, seq })
      addedNow += 1
      let isCounted = true
      const settleCount = (): void => {
        if (isCounted) addedNow -= 1
        isCounted = false
      }
      // A transaction that is rolled back says so to nobody; by then this turn is over.
      queueMicrotask(settleCount)
      tx.onCommit(() => {
        settleCount()
        storedCount += 1
        backlog.add(entry, seq)
        tell()
        dispatcher.kick()
      })
    },

    remove(tx, executionId) {
      if (!table.remove(tx, executionId)) return false
      tx.onCommit(() => {
        storedCount -= 1
        const item = backlog.remove(executionId)
        if (item === undefined) return
        if (item.state === 'starting')
          figures.started(Math.max(0, clock.nowMs() - item.waiting.entry.queuedAtMs), clock.nowMs())
        dispatcher.left(item)
        tell()
      })
      return true
    },

    start(starter) {
      load().then(
        () => {
          if (!isClosed) dispatcher.start(starter)
        },
        (error: unknown) => log.error({ reason: messageOf(error) }, 'the queue could not be read'),
      )
    },

    poke: (agentId?: AgentId) => dispatcher.poke(agentId),

    runningOn: (backend: BackendId) => live.on(backend),

    status() {
      const nowMs = clock.nowMs()
      return {
        strategy: limits.strategy,
        running: live.size,
        maxConcurrent,
        queued: backlog.size,
        queuedByPriority: { ...backlog.countByPriority() },
        oldestQueuedAtMs: backlog.oldestQueuedAtMs(),
        waitMs: figures.waitMs(),
        startedLastMinute: figures.startedLastMinute(nowMs),
        preempted: preemption.count,
        backends: backends.list(),
      }
    },

    queue(page) {
      const nowMs = clock.nowMs()
      const waitingCount = backlog.waitingCount()
      return { items: backlog.page(nowMs, page).map((item) => view(item, nowMs)), total: waitingCount }
    },

    async prioritise(
      asking: { readonly caller: Caller; readonly correlationId: CorrelationId },
      executionId: ExecutionId,
      priority: Priority,
    ) {
      const before = backlog.get(executionId)?.waiting.entry
      await gate.commit(
        {
          ...asking,
          action: 'run.prioritise',
          resource: before?.agentName ?? executionId,
          arguments: { run: executionId, priority },
          details: { run: executionId, from: before?.priority ?? null, to: priority },
        },
        (tx) => {
          if (!table.setPriority(tx, executionId, priority)) throw noLongerWaits()
          tx.onCommit(() => {
            backlog.setPriority(executionId, priority)
            tell()
            dispatcher.kick()
          })
        },
      )
      const item = backlog.get(executionId)
      if (item === undefined) throw noLongerWaits()
      return view(item, clock.nowMs())
    },

    close() {
      if (isClosed) return
      isClosed = true
      cancelTelling?.()
      dispatcher.close()
      trials.close()
      for (const stop of stops) stop()
    },
  }
}
