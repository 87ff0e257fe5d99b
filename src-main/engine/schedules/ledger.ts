import type { CorrelationId, EndCause, ErrorCode, ExecutionId, ScheduleId } from '@contract'
import type { Clock, Events, NewId } from '../core'
import type { Sql, Tx } from '../store'
import { MOST_CAUGHT_UP, type Plan } from './plan'
import { isWorthRetrying, retryDelayMs } from './retry'
import { definitionOf, type RunRow, runRow, type ScheduleRow, scheduleRow } from './rows'

/** What came of one attempt. */
export interface Outcome {
  readonly succeeded: boolean
  readonly cause: EndCause | null
  readonly code: ErrorCode | null
  readonly reason: string | null
  /** The executions that are accounted for by this; none when it could not even be started. */
  readonly executions: readonly ExecutionId[]
}

/** A new row of the history. */
export interface NewRun {
  readonly scheduleId: ScheduleId
  readonly dueAtMs: number
  readonly trigger: RunRow['trigger']
  readonly correlationId: CorrelationId
  /** Null to stand in line. */
  readonly notBeforeMs: number | null
}

/** Changes to schedules and their runs, each within the transaction of the act that it belongs to. */
export interface Ledger {
  /** Runs of a schedule that have begun and not ended; those that only stand in line do not count. */
  underWay(sql: Sql, id: ScheduleId): number
  /** Returns its `seq`. */
  add(tx: Tx, run: NewRun): number
  skip(tx: Tx, run: Omit<NewRun, 'notBeforeMs'>, why: { reason: string; code: ErrorCode | null }): number
  /** Record the times of a plan and set the next one. */
  carryOut(tx: Tx, schedule: ScheduleRow, plan: Plan): void
  /** Account for an attempt: the run succeeded, is tried again, or failed. */
  settle(tx: Tx, seq: number, outcome: Outcome): void
  /** End what waits and has not been asked for. */
  callOff(tx: Tx, id: ScheduleId, reason: string): void
  setStatus(
    tx: Tx,
    id: ScheduleId,
    to: { status: ScheduleRow['status']; reason: string; nextAtMs: number | null },
  ): void
}

interface LedgerPorts {
  readonly clock: Clock
  readonly random: () => number
  readonly events: Events
  readonly newId: NewId
  /** Runs that are being asked for or followed right now. */
  readonly isDriven: (seq: number) => boolean
}

export const createLedger = ({ clock, random, events, newId, isDriven }: LedgerPorts): Ledger => {
  const openRuns = (sql: Sql, id: ScheduleId): RunRow[] =>
    sql.all<RunRow>('SELECT * FROM schedule_runs WHERE schedule_id = :id AND ended_at IS NULL ORDER BY seq', { id })

  const underWay = (sql: Sql, id: ScheduleId): number =>
    openRuns(sql, id).filter((run) => run.not_before !== null || isDriven(run.seq)).length

  const changed = (tx: Tx, id: ScheduleId): void => tx.onCommit(() => events.publish('schedules.changed', { id }))

  const insert = (tx: Tx, run: NewRun, ended: { reason: string; code: ErrorCode | null } | null): number => {
    tx.run(
      `INSERT INTO schedule_runs (schedule_id, due_at, trigger, correlation_id, state, not_before, reason, code, ended_at)
       VALUES (:scheduleId, :dueAtMs, :trigger, :correlationId, :state, :notBeforeMs, :reason, :code, :endedAt)`,
      {
        scheduleId: run.scheduleId,
        dueAtMs: run.dueAtMs,
        trigger: run.trigger,
        correlationId: run.correlationId,
        notBeforeMs: run.notBeforeMs,
        state: ended === null ? 'waiting' : 'skipped',
        reason: ended?.reason ?? null,
        code: ended?.code ?? null,
        endedAt: ended === null ? null : clock.nowMs(),
      },
    )
    changed(tx, run.scheduleId)
    return tx.get<{ seq: number }>('SELECT last_insert_rowid() AS seq')?.seq ?? 0
  }

  /** Remove the oldest ended runs beyond what the history keeps. */
  const prune = (tx: Tx, schedule: ScheduleRow): void => {
    tx.run(
      `DELETE FROM schedule_runs WHERE schedule_id = :id AND ended_at IS NOT NULL AND seq <= (
         SELECT seq FROM schedule_runs WHERE schedule_id = :id AND ended_at IS NOT NULL
         ORDER BY seq DESC LIMIT 1 OFFSET :keep)`,
      { id: schedule.id, keep: definitionOf(schedule).keepRuns },
    )
  }

  const add: Ledger['add'] = (tx, run) => insert(tx, run, null)

  const skip: Ledger['skip'] = (tx, run, why) => {
    const seq = insert(tx, { ...run, notBeforeMs: null }, why)
    tx.run('UPDATE schedules SET skipped = skipped + 1 WHERE id = :id', { id: run.scheduleId })
    prune(tx, scheduleRow(tx, run.scheduleId))
    return seq
  }

  const setStatus: Ledger['setStatus'] = (tx, id, { status, reason, nextAtMs }) => {
    tx.run('UPDATE schedules SET status = :status, status_reason = :reason, next_at = :nextAtMs WHERE id = :id', {
      id,
      status,
      reason,
      nextAtMs,
    })
    changed(tx, id)
  }

  /** A schedule whose last time has come and gone has done what it was made for. */
  const completeIfOver = (tx: Tx, id: ScheduleId): void => {
    const schedule = scheduleRow(tx, id)
    if (schedule.status !== 'active' || schedule.next_at !== null || openRuns(tx, id).length > 0) return
    setStatus(tx, id, { status: 'completed', reason: 'All its times have passed.', nextAtMs: null })
  }

  const end = (tx: Tx, run: RunRow, to: Pick<RunRow, 'state' | 'reason' | 'code'>): void => {
    tx.run('UPDATE schedule_runs SET state = :state, reason = :reason, code = :code, ended_at = :at WHERE seq = :seq', {
      seq: run.seq,
      state: to.state,
      reason: to.reason,
      code: to.code,
      at: clock.nowMs(),
    })
  }

  const callOff: Ledger['callOff'] = (tx, id, reason) => {
    for (const run of openRuns(tx, id)) {
      if (isDriven(run.seq)) continue
      if (run.attempts === 0) {
        end(tx, run, { state: 'skipped', reason, code: null })
        tx.run('UPDATE schedules SET skipped = skipped + 1 WHERE id = :id', { id })
      } else {
        end(tx, run, { state: 'failed', reason: `${run.reason ?? 'It failed.'} ${reason}`, code: run.code })
        tx.run('UPDATE schedules SET failed = failed + 1 WHERE id = :id', { id })
      }
    }
    prune(tx, scheduleRow(tx, id))
    changed(tx, id)
  }

  const countFailure = (tx: Tx, schedule: ScheduleRow, reason: string | null): void => {
    const inARow = schedule.failures_in_a_row + 1
    tx.run('UPDATE schedules SET failed = failed + 1, failures_in_a_row = :inARow WHERE id = :id', {
      id: schedule.id,
      inARow,
    })
    if (schedule.status !== 'active' || inARow < definitionOf(schedule).deadLetterAfter) return
    const said = reason ?? 'no reason is known.'
    setStatus(tx, schedule.id, {
      status: 'dead-letter',
      reason: inARow === 1 ? `Its last time failed: ${said}` : `${inARow} times in a row failed; the last one: ${said}`,
      nextAtMs: null,
    })
    callOff(tx, schedule.id, 'The schedule was set aside as a dead letter.')
  }

  return {
    underWay,
    add,
    skip,
    callOff,
    setStatus,

    carryOut(tx, schedule, plan) {
      const { maxConcurrent, jitterMs } = definitionOf(schedule)
      if (plan.passedOver !== null) {
        const { dueAtMs, count, more } = plan.passedOver
        const reason =
          plan.dueAtMs.length > 0
            ? `Times before the last ${MOST_CAUGHT_UP} that passed while the console could not run them are left out.`
            : `${more ? `More than ${count}` : count} ${count === 1 ? 'time' : 'times'} passed while the console could not run ${count === 1 ? 'it' : 'them'}; this schedule does not catch up.`
        skip(
          tx,
          { scheduleId: schedule.id, dueAtMs, trigger: 'catch-up', correlationId: newId() },
          { reason, code: null },
        )
      }
      for (const dueAtMs of plan.dueAtMs) {
        const run = { scheduleId: schedule.id, dueAtMs, trigger: plan.trigger, correlationId: newId<CorrelationId>() }
        if (plan.trigger === 'catch-up') {
          add(tx, { ...run, notBeforeMs: null })
          continue
        }
        const running = underWay(tx, schedule.id)
        if (running >= maxConcurrent)
          skip(tx, run, {
            reason: `${running} ${running === 1 ? 'run was' : 'runs were'} under way, and no more may be.`,
            code: null,
          })
        else add(tx, { ...run, notBeforeMs: dueAtMs + Math.floor(random() * (jitterMs + 1)) })
      }
      tx.run('UPDATE schedules SET next_at = :nextAtMs, last_due_at = :untilMs WHERE id = :id', {
        id: schedule.id,
        nextAtMs: plan.nextAtMs,
        untilMs: Math.max(plan.untilMs, schedule.last_due_at ?? 0),
      })
      completeIfOver(tx, schedule.id)
    },

    settle(tx, seq, outcome) {
      const run = runRow(tx, seq)
      // The schedule was removed, or a person ended the run meanwhile.
      if (run === undefined || run.ended_at !== null) return
      const schedule = scheduleRow(tx, run.schedule_id)
      const definition = definitionOf(schedule)
      const attempts = run.attempts + 1
      tx.run('UPDATE schedule_runs SET attempts = :attempts, settled = :settled WHERE seq = :seq', {
        seq,
        attempts,
        settled: JSON.stringify([...(JSON.parse(run.settled) as ExecutionId[]), ...outcome.executions]),
      })
      if (outcome.succeeded) {
        end(tx, run, { state: 'succeeded', reason: null, code: null })
        tx.run('UPDATE schedules SET succeeded = succeeded + 1, failures_in_a_row = 0 WHERE id = :id', {
          id: schedule.id,
        })
      } else if (
        attempts <= definition.maxRetries &&
        isWorthRetrying(outcome) &&
        (schedule.status === 'active' || run.trigger === 'person')
      ) {
        const delayMs = retryDelayMs(definition.retryDelayMs, attempts, random)
        tx.run('UPDATE schedule_runs SET not_before = :notBefore, reason = :reason, code = :code WHERE seq = :seq', {
          seq,
          notBefore: clock.nowMs() + delayMs,
          reason: outcome.reason,
          code: outcome.code,
        })
      } else {
        end(tx, run, { state: 'failed', reason: outcome.reason, code: outcome.code })
        countFailure(tx, schedule, outcome.reason)
      }
      prune(tx, schedule)
      completeIfOver(tx, schedule.id)
      changed(tx, schedule.id)
    },
  }
}
