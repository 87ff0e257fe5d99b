import type { AgentId, CorrelationId, ScheduleId } from '@contract'
import { engineCaller, isRuntimeError, messageOf, RuntimeError } from '../core'
import type { Calendar } from './calendar'
import { createDriver } from './drive'
import type { Ledger } from './ledger'
import { type Plan, planFor } from './plan'
import type { SchedulePorts } from './ports'
import { definitionOf, findSchedule, type ScheduleRow, scheduleRow } from './rows'

/** At most so many times are acted on at once; the next ones follow as these are through. */
export const AT_ONCE = 100
/**
 * The longest that the one timer waits. No event tells that the clock was set or the machine slept, so it is looked at
 * again; far below the limit of a timer (2^31 ms).
 */
export const LONGEST_WAIT_MS = 60_000
/** A time that is noticed later than this was missed: the machine slept, or its clock was set forward. */
export const ON_TIME_MS = 120_000
/** After an error of our own, such as a full disk, the same is tried again after so long. */
const REST_MS = 5_000

/** Notices what is due, records it, asks for the runs and accounts for their ends. */
export interface Dispatch {
  /** Take up what an earlier start left, then whatever is due; from now on by itself. */
  start(): void
  /** Something was changed, or the clock: look now and set the timer anew. */
  look(): void
  isDriven(seq: number): boolean
  /** Start nothing more. Runs under way are left to those who run them, and found again at the next start. */
  close(): void
}

interface DispatchPorts extends SchedulePorts {
  readonly ledger: Ledger
  readonly calendarOf: (row: ScheduleRow) => Calendar
  /** Runs of these schedules are not started any more; called when an agent was retired. */
  readonly onRetired: (agentId: AgentId) => void
}

export const createDispatch = (ports: DispatchPorts): Dispatch => {
  const { gate, store, clock, events, newId, log, ledger, calendarOf, onRetired } = ports
  const caller = engineCaller('schedules')
  const firing = new Set<ScheduleId>()
  const driven = new Set<number>()
  let startedAtMs = 0
  let open = false
  let callOffTimer = (): void => undefined
  let stopListening = (): void => undefined
  const { drive } = createDriver({ ...ports, isOpen: () => open })

  /** Keep the key from being taken again until a rest is over: an error of ours must not become a busy loop. */
  const rest = <Key>(keys: Set<Key>, key: Key, error: unknown): void => {
    log.error({ reason: messageOf(error) }, 'a schedule could not be handled; it is tried again')
    keys.add(key)
    clock.after(REST_MS, () => {
      keys.delete(key)
      look()
    })
  }

  const missedUntilMs = (nowMs: number): number =>
    startedAtMs <= nowMs ? Math.max(startedAtMs, nowMs - ON_TIME_MS) : nowMs - ON_TIME_MS

  let lastPlan: Promise<unknown> = Promise.resolve()
  /** Plans are made one in each turn of the loop: a hundred schedules that missed a hundred times take a while. */
  const inTurn = <T>(make: () => T): Promise<T> => {
    const mine = lastPlan.then(async () => {
      await new Promise<void>((resolve) => setImmediate(resolve))
      return make()
    })
    lastPlan = mine.catch(() => undefined)
    return mine
  }

  const makePlan = (row: ScheduleRow, dueMs: number): Plan =>
    planFor(calendarOf(row), {
      dueMs,
      missedUntilMs: missedUntilMs(clock.nowMs()),
      catchUp: definitionOf(row).catchUp,
    })

  const stillAsPlanned = (row: ScheduleRow, planned: ScheduleRow): void => {
    if (row.version !== planned.version || row.status !== 'active' || row.next_at !== planned.next_at)
      throw new RuntimeError('SCHED_006', 'The schedule was changed when its time had come.')
  }

  /** A rule refused the time: that is recorded, and the schedule goes on to the next one. */
  const passOver = async (row: ScheduleRow, plan: Plan, refusal: RuntimeError): Promise<void> => {
    const correlationId = newId<CorrelationId>()
    await gate.commit(
      {
        caller,
        correlationId,
        action: 'schedule.settle',
        resource: definitionOf(row).name,
        accountOf: 'fact',
        details: { scheduleId: row.id, refused: plan.dueAtMs.length, code: refusal.code },
      },
      (tx) => {
        stillAsPlanned(scheduleRow(tx, row.id), row)
        for (const dueAtMs of plan.dueAtMs)
          ledger.skip(
            tx,
            { scheduleId: row.id, dueAtMs, trigger: plan.trigger, correlationId: newId() },
            { reason: refusal.message, code: refusal.code },
          )
        ledger.carryOut(tx, scheduleRow(tx, row.id), { ...plan, dueAtMs: [] })
      },
    )
  }

  /** The time of a schedule has come: next time and runs are on the disk before anything is asked for. */
  const fire = async (id: ScheduleId): Promise<void> => {
    const planned = await inTurn(() => {
      const row = findSchedule(store, id)
      return row === undefined || row.next_at === null || !open ? null : { row, plan: makePlan(row, row.next_at) }
    })
    if (planned === null) return
    const { row, plan } = planned
    await gate
      .commit(
        {
          caller,
          correlationId: newId(),
          action: 'schedule.fire',
          resource: definitionOf(row).name,
          arguments: { id, dueAtMs: [...plan.dueAtMs], trigger: plan.trigger },
          details: { scheduleId: id, agentId: row.agent_id, dueAtMs: [...plan.dueAtMs], trigger: plan.trigger },
        },
        (tx) => {
          stillAsPlanned(scheduleRow(tx, id), row)
          ledger.carryOut(tx, row, plan)
        },
      )
      .catch(async (error: unknown) => {
        // It was paused, edited or removed meanwhile: look at it anew.
        if (isRuntimeError(error) && (error.code === 'SCHED_006' || error.code === 'SCHED_002')) return
        if (!isRuntimeError(error) || !/^(POLICY|APPROVAL|SEC)_/.test(error.code)) throw error
        await passOver(row, plan, error)
      })
  }

  const take = <Key>(keys: Set<Key>, key: Key, act: (key: Key) => Promise<void>): void => {
    keys.add(key)
    act(key).then(
      () => {
        keys.delete(key)
        look()
      },
      (error: unknown) => rest(keys, key, error),
    )
  }

  /** Runs in line begin as far as their schedule lets them. */
  const letIn = (): void => {
    const lines = store.all<{ schedule_id: ScheduleId }>(
      'SELECT DISTINCT schedule_id FROM schedule_runs WHERE ended_at IS NULL AND not_before IS NULL',
    )
    for (const { schedule_id: id } of lines) {
      const places = definitionOf(scheduleRow(store, id)).maxConcurrent - ledger.underWay(store, id)
      if (places <= 0) continue
      const first = store
        .all<{ seq: number }>(
          `SELECT seq FROM schedule_runs
           WHERE schedule_id = :id AND ended_at IS NULL AND not_before IS NULL ORDER BY seq LIMIT :limit`,
          { id, limit: places + driven.size },
        )
        .filter(({ seq }) => !driven.has(seq))
        .slice(0, places)
      for (const { seq } of first) take(driven, seq, drive)
    }
  }

  const setTimer = (nowMs: number, more: boolean): void => {
    callOffTimer()
    if (more) {
      callOffTimer = clock.after(1, look)
      return
    }
    const next = store.get<{ at: number | null }>(
      `SELECT min(at) AS at FROM (
         SELECT min(next_at) AS at FROM schedules WHERE next_at > :now
         UNION ALL
         SELECT min(not_before) FROM schedule_runs WHERE ended_at IS NULL AND not_before > :now)`,
      { now: nowMs },
    )?.at
    if (next === null || next === undefined) return
    callOffTimer = clock.after(Math.min(LONGEST_WAIT_MS, Math.max(1, next - nowMs)), look)
  }

  const look = (): void => {
    if (!open) return
    const nowMs = clock.nowMs()
    const due = store.all<{ id: ScheduleId }>(
      'SELECT id FROM schedules WHERE next_at <= :now ORDER BY next_at LIMIT :limit',
      { now: nowMs, limit: AT_ONCE + firing.size },
    )
    for (const { id } of due.filter((row) => !firing.has(row.id)).slice(0, Math.max(0, AT_ONCE - firing.size)))
      take(firing, id, fire)
    const waiting = store.all<{ seq: number }>(
      'SELECT seq FROM schedule_runs WHERE ended_at IS NULL AND not_before <= :now ORDER BY not_before LIMIT :limit',
      { now: nowMs, limit: AT_ONCE + 1 + driven.size },
    )
    const ready = waiting.filter((row) => !driven.has(row.seq))
    for (const { seq } of ready.slice(0, AT_ONCE)) take(driven, seq, drive)
    letIn()
    setTimer(nowMs, ready.length > AT_ONCE)
  }

  return {
    look,
    isDriven: (seq) => driven.has(seq),

    start() {
      open = true
      startedAtMs = clock.nowMs()
      stopListening = events.subscribe(({ topic, payload }) => {
        if (topic === 'agents.changed' && 'id' in payload) onRetired(payload.id as AgentId)
      })
      // A run whose execution was open when the engine ended is followed to its end, whenever its attempt was due.
      const begun = store.all<{ seq: number }>(
        `SELECT r.seq FROM schedule_runs r WHERE r.ended_at IS NULL AND EXISTS (
           SELECT 1 FROM executions e WHERE e.schedule_id = r.schedule_id AND e.correlation_id = r.correlation_id)`,
      )
      for (const { seq } of begun) take(driven, seq, drive)
      look()
    },

    close() {
      open = false
      callOffTimer()
      stopListening()
    },
  }
}
