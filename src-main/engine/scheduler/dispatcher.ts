import type { AgentId, ExecutionId } from '@contract'
import { asRuntimeError, assertNever, type Clock, type Log, messageOf, RuntimeError } from '../core'
import type { Backlog, Item } from './backlog'
import type { KeptRoom } from './kept-room'
import type { Waiting } from './line'
import type { LiveRun, LiveRuns } from './live-runs'
import type { Placing, Verdict } from './placing'
import type { Preemption } from './preemption'
import type { Trials } from './trials'
import type { Place, RunStarter, StartedRun } from './types'
import { whyWaiting } from './why-waiting'

/** The thread is given back after so long. */
const SLICE_MS = 4
/** Handing a run over costs its starter something, too. */
const SLICE_STARTS = 32
/** Moving a run, an agent or a lane into the line. */
const SLICE_MOVED = 500
/** How many urgent runs are looked at for whom another one could make room. */
const LOOKED_AT_FOR_ROOM = 16
/** A start that failed and left the run waiting is tried again after this time, doubled each time. */
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 30_000
/** The longest that a timer is set for; then it is looked again. */
const LONGEST_TIMER_MS = 86_400_000

export interface DispatcherPorts {
  readonly backlog: Backlog
  readonly live: LiveRuns
  readonly placing: Placing
  readonly trials: Trials
  readonly kept: KeptRoom
  readonly preemption: Preemption
  readonly clock: Clock
  readonly log: Log
  readonly maxConcurrent: number
  /** Places and the queue changed: somebody may show it. */
  readonly onChange: () => void
}

/** Hands runs over to be started, whenever something changed that could let one start. */
export interface Dispatcher {
  start(starter: RunStarter): void
  /** Look, soon; any number of calls before that are one. */
  kick(): void
  /** The state of an agent changed, or anything. */
  poke(agentId?: AgentId): void
  /** The run has left the queue for good; a run that was being started has its resources by now. */
  left(item: Item): void
  /** Why it is not started yet, in words. */
  whyWaiting(item: Item, nowMs: number): string
  /** Whether the run waits in the line and only room is missing. */
  wantsRoom(waiting: Waiting): boolean
  close(): void
}

/**
 * The loop that starts runs. It has no tick: it looks when a run was added, ended or given up, when a breaker, an agent,
 * a back-end or resources changed, and at the one time that comes first by itself: a run's time to start, its deadline,
 * or the next probe of a back-end. Work is done in slices.
 */
export const createDispatcher = (ports: DispatcherPorts): Dispatcher => {
  const { backlog, live, placing, trials, kept, preemption, clock, log, maxConcurrent, onChange } = ports
  const { line } = backlog
  let starter: RunStarter | undefined
  let isClosed = false
  let isScheduled = false
  /** Something changed while the line was being looked through. */
  let isStale = true
  /** Every agent that was passed by is looked at again. */
  let isPoked = false
  let isReopening = false
  let cancelTimer: (() => void) | undefined

  const kick = (): void => {
    isStale = true
    schedule()
  }

  const schedule = (): void => {
    if (isScheduled || isClosed || starter === undefined) return
    isScheduled = true
    setImmediate(slice)
  }

  /** One timer for whatever comes first by itself. */
  const setTimer = (): void => {
    cancelTimer?.()
    cancelTimer = undefined
    if (isClosed) return
    const nowMs = clock.nowMs()
    const times = [
      backlog.nextAtMs(),
      line.size > 0 ? placing.nextProbeAtMs(nowMs) : null,
      line.size > 0 ? preemption.restsUntilMs(nowMs) : null,
    ].filter((atMs) => atMs !== null)
    if (times.length === 0) return
    const delayMs = Math.min(LONGEST_TIMER_MS, Math.max(0, Math.min(...times) - nowMs))
    cancelTimer = clock.after(delayMs, kick)
  }

  const countAgent = (agentId: AgentId): void => line.setRunning(agentId, live.ofAgent(agentId))

  const release = (executionId: ExecutionId): void => {
    const run = live.free(executionId)
    if (run === undefined) return
    kept.forget(executionId)
    countAgent(run.agentId)
    line.letGo(run.agentId)
    onChange()
    kick()
  }

  const follow = (run: LiveRun, started: StartedRun): void => {
    run.started = started
    const end = (): void => release(run.executionId)
    started.done.then(end, (error: unknown) => {
      log.error({ execution: run.executionId, reason: messageOf(error) }, 'a run ended in a way that it must not')
      end()
    })
  }

  /** It was not started or ended, and still waits: not again at once, whatever the reason. */
  const tryLater = (item: Item, error: unknown): void => {
    item.failures += 1
    item.problem = asRuntimeError(error, 'SCHED_001', 'It could not be started').message
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(16, item.failures - 1))
    backlog.putBack(item, clock.nowMs() + delayMs)
    log.warn({ execution: item.waiting.entry.executionId, delayMs, problem: item.problem }, 'a run waits on')
    kick()
  }

  const isStillKnown = (item: Item): boolean => backlog.get(item.waiting.entry.executionId) === item

  const begin = async (item: Item, run: LiveRun, place: Place, by: RunStarter): Promise<void> => {
    try {
      const started = await by.begin(item.waiting.entry, { driver: place.driver })
      live.settle(run.executionId)
      follow(run, started)
      if (isStillKnown(item)) {
        // Whoever started it must have taken it out of the queue; it runs, so it must not be started again.
        log.error({ execution: run.executionId }, 'a run was started and still stands in the queue')
        backlog.remove(run.executionId)
      }
      kick()
    } catch (error) {
      release(run.executionId)
      if (isStillKnown(item)) tryLater(item, error)
    }
  }

  const launch = (item: Item, found: Extract<Verdict, { kind: 'place' }>, by: RunStarter): void => {
    const { waiting } = item
    const { entry } = waiting
    const { place, amounts } = found
    const nowMs = clock.nowMs()
    const run: LiveRun = {
      executionId: entry.executionId,
      agentId: entry.agentId,
      agentName: entry.agentName,
      backend: place.driver.id,
      pool: place.pool,
      amounts,
      level: placing.level(waiting, nowMs),
      sinceMs: nowMs,
      isClaimed: true,
      started: null,
      isLeaving: false,
    }
    kept.forget(entry.executionId)
    if (found.passes) kept.passed(place.pool, entry.executionId, amounts)
    backlog.takeOut(item, 'starting')
    live.take(run)
    trials.placed(place.driver.id, entry.executionId)
    countAgent(entry.agentId)
    void begin(item, run, place, by)
  }

  const giveUp = (item: Item, error: RuntimeError, by: RunStarter): void => {
    backlog.takeOut(item, 'ending')
    kept.forget(item.waiting.entry.executionId)
    const end = async (): Promise<void> => {
      await by.giveUp(item.waiting.entry, error)
      if (isStillKnown(item)) throw new RuntimeError('SCHED_001', 'The run was given up and still stands in the queue.')
    }
    end().catch((failure: unknown) => {
      if (isStillKnown(item)) tryLater(item, failure)
    })
  }

  const giveUpExpired = (nowMs: number, by: RunStarter): boolean => {
    const item = backlog.expired(nowMs)
    if (item === undefined) return false
    giveUp(item, new RuntimeError('RUN_005', 'The run was to be started by a certain time, and no place was free.'), by)
    return true
  }

  /** Look at the most urgent run; false when there is none left to look at. */
  const lookAtOne = (nowMs: number, by: RunStarter): 'started' | 'passed' | 'done' => {
    if (live.size >= maxConcurrent) return 'done'
    const waiting = line.best(nowMs)
    const item = waiting === undefined ? undefined : backlog.get(waiting.entry.executionId)
    if (waiting === undefined || item === undefined) return 'done'
    if (by.mayStart(waiting.entry) !== null) {
      line.hold(waiting.entry.agentId)
      return 'passed'
    }
    const verdict = placing.find(waiting, nowMs)
    switch (verdict.kind) {
      case 'place':
        launch(item, verdict, by)
        return 'started'
      case 'never':
        giveUp(item, verdict.error, by)
        return 'passed'
      case 'wait':
        line.closeLane(waiting)
        return 'passed'
      default:
        return assertNever(verdict)
    }
  }

  const askForRoom = (): void => {
    let looked = 0
    for (const level of [3, 2] as const) {
      for (const waiting of line.byLevel[level]?.from(0) ?? []) {
        looked += 1
        if (looked > LOOKED_AT_FOR_ROOM) return
        if (wantsRoom(waiting)) preemption.consider(waiting)
      }
    }
  }

  /** Before anything is chosen, everything that may be chosen is in the line. True while there is more to bring there. */
  const isMakingReady = (nowMs: number): boolean => {
    if (isStale) {
      isStale = false
      isReopening = true
    }
    if (isPoked) {
      for (const agentId of line.held(SLICE_MOVED)) line.letGo(agentId)
      isPoked = line.held(1).length > 0
    }
    if (isReopening) isReopening = line.reopen(SLICE_MOVED)
    return backlog.advance(nowMs, SLICE_MOVED) || isPoked || isReopening
  }

  const slice = (): void => {
    isScheduled = false
    const by = starter
    if (isClosed || by === undefined) return
    const nowMs = clock.nowMs()
    const beganMs = clock.monotonicMs()
    if (isMakingReady(nowMs)) {
      schedule()
      return
    }
    let starts = 0
    let isDone = false
    while (!isDone && starts < SLICE_STARTS && clock.monotonicMs() - beganMs < SLICE_MS) {
      const came = giveUpExpired(nowMs, by) ? 'started' : lookAtOne(nowMs, by)
      if (came === 'started') starts += 1
      isDone = came === 'done'
    }
    if (starts > 0) onChange()
    if (!isDone || isStale) {
      schedule()
      return
    }
    askForRoom()
    setTimer()
  }

  function wantsRoom(waiting: Waiting): boolean {
    const item = backlog.get(waiting.entry.executionId)
    if (item?.state !== 'due' || item.waiting !== waiting || line.isParked(waiting)) return false
    return starter?.mayStart(waiting.entry) === null
  }

  return {
    start(given) {
      starter = given
      kick()
    },
    kick,
    poke(agentId) {
      if (agentId !== undefined) line.letGo(agentId)
      else isPoked = true
      kick()
    },
    left(item) {
      const { executionId } = item.waiting.entry
      live.settle(executionId)
      if (item.state !== 'starting') kept.forget(executionId)
      kick()
    },
    whyWaiting: (item, nowMs) =>
      whyWaiting(item, nowMs, {
        line,
        live,
        placing,
        maxConcurrent,
        mayStart: (entry) => starter?.mayStart(entry) ?? null,
      }),
    wantsRoom,
    close() {
      isClosed = true
      cancelTimer?.()
    },
  }
}
