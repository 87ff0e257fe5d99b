import type { Execution, ExecutionId } from '@contract'
import { engineCaller, isRuntimeError } from '../core'
import type { Ledger, Outcome } from './ledger'
import type { SchedulePorts } from './ports'
import { type AttemptRow, attemptsOf, definitionOf, findSchedule, type RunRow, runRow, scheduleRow } from './rows'

/** Brings one run of a schedule to its end: asks for its attempts, follows them, accounts for them. */
export interface Driver {
  /** Resolves when nothing more can be done for it now: it has ended, or its next attempt is due later. */
  drive(seq: number): Promise<void>
}

interface DriverPorts extends Pick<SchedulePorts, 'gate' | 'store' | 'runs' | 'clock' | 'events'> {
  readonly ledger: Ledger
  /** False once the engine is closing: then nothing more is asked for or accounted for. */
  readonly isOpen: () => boolean
}

export const createDriver = ({ gate, store, runs, clock, events, ledger, isOpen }: DriverPorts): Driver => {
  const caller = engineCaller('schedules')

  const outcomeOf = (fresh: readonly AttemptRow[]): Outcome => {
    const last = fresh.at(-1)
    return {
      succeeded: last?.state === 'succeeded',
      cause: last?.end_cause ?? null,
      code: last?.error_code ?? null,
      reason: last?.error_message ?? (last?.state === 'succeeded' ? null : 'The run did not succeed.'),
      executions: fresh.map((attempt) => attempt.id),
    }
  }

  const settle = async (run: RunRow, outcome: Outcome): Promise<void> => {
    const schedule = findSchedule(store, run.schedule_id)
    // Removed, and its runs with it.
    if (schedule === undefined) return
    await gate.commit(
      {
        caller,
        correlationId: run.correlation_id,
        action: 'schedule.settle',
        resource: definitionOf(schedule).name,
        accountOf: 'fact',
        details: {
          scheduleId: run.schedule_id,
          dueAtMs: run.due_at,
          attempt: run.attempts + 1,
          succeeded: outcome.succeeded,
          cause: outcome.cause,
          code: outcome.code,
        },
      },
      (tx) => ledger.settle(tx, run.seq, outcome),
    )
  }

  /** Resolves once this execution has ended, also when it is put back into the queue on the way. */
  const endOf = async (id: ExecutionId): Promise<void> => {
    let wake = (): void => undefined
    const stop = events.subscribe(({ topic, payload }) => {
      if (topic === 'executions.changed' && 'id' in payload && payload.id === id) wake()
    })
    try {
      for (;;) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve
        })
        if ((await runs.ended(id)).endedAtMs !== null || !isOpen()) return
        await changed
      }
    } finally {
      stop()
    }
  }

  const ask = async (run: RunRow): Promise<void> => {
    const schedule = scheduleRow(store, run.schedule_id)
    const { agentId, input, priority } = definitionOf(schedule)
    let started: Execution
    try {
      started = await runs.start(
        { caller, correlationId: run.correlation_id },
        {
          id: agentId,
          input,
          origin: 'schedule',
          scheduleId: run.schedule_id,
          attempt: run.attempts + 1,
          ...(priority === null ? {} : { priority }),
        },
      )
    } catch (error) {
      if (!isOpen()) return
      if (!isRuntimeError(error)) throw error
      await settle(run, {
        succeeded: false,
        cause: null,
        code: error.code,
        reason: error.message,
        executions: [],
      })
      return
    }
    events.publish('schedules.changed', { id: run.schedule_id })
    await endOf(started.id)
  }

  /** One step of a run: follow what is open, account for what has ended, or ask. True when there may be another step. */
  const step = async (seq: number): Promise<boolean> => {
    const run = runRow(store, seq)
    if (run === undefined || run.ended_at !== null) return false
    const attempts = attemptsOf(store, [run]).get(run.correlation_id) ?? []
    const current = attempts.find((attempt) => attempt.ended_at === null)
    if (current !== undefined) {
      await endOf(current.id)
      return true
    }
    const settled = new Set(JSON.parse(run.settled) as ExecutionId[])
    const fresh = attempts.filter((attempt) => !settled.has(attempt.id))
    if (fresh.length > 0) {
      await settle(run, outcomeOf(fresh))
      return true
    }
    if ((run.not_before ?? 0) > clock.nowMs()) return false
    await ask(run)
    return true
  }

  return {
    async drive(seq) {
      while (isOpen() && (await step(seq)));
    },
  }
}
