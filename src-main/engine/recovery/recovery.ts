import type { ExecutionMode, RecoveryStep } from '@contract'
import { type Clock, type Events, type Log, messageOf, type Redactor } from '../core'
import type { Gate } from '../gate'
import type { Store, Tx } from '../store'
import { typeOfCode, typeOfEnd } from './classify'
import { createEscalations, type Escalation } from './escalations'
import { createHistory, groupKeyOf } from './history'
import { createRestarts } from './restarts'
import { backoffMs, MODES, stepFor } from './strategy'
import type { Failure, Recovery, RecoveryDecision } from './types'

export interface RecoveryRules {
  /** Start failed persistent and event-driven agents again. */
  readonly restartsAgents: boolean
  /** Recover from errors by itself at all. Off, what endangers others is still suspended or ended. */
  readonly recovers: boolean
  readonly maxRestartAttempts: number
  readonly maxRecoveryAttempts: number
  readonly backoffMs: number
  readonly backoffMaxMs: number
  /** A run that lasted so long before it failed has all its attempts again. */
  readonly resetMs: number
  readonly historyLimit: number
  readonly windowMs: number
  readonly escalationThreshold: number
}

export interface RecoveryPorts {
  readonly gate: Pick<Gate, 'commit'>
  readonly store: Store
  readonly clock: Clock
  readonly events: Events
  readonly redactor: Redactor
  readonly log: Log
  /** From 0 up to but not 1. */
  readonly random: () => number
  readonly rules: RecoveryRules
}

/** Attempts made in a row, and how many there are. */
interface Tries {
  readonly used: number
  readonly max: number
  /** The run that failed had been healthy for long enough. */
  readonly isReset: boolean
}

const AGAIN: ReadonlySet<RecoveryStep> = new Set(['retry', 'restart', 'failover'])

/** Its program never saw the failure, or the failure was nothing of its own: no attempt is spent on it. */
const isFree = ({ code, engineKilled }: Failure): boolean => code === 'RECOVERY_001' || engineKilled === true

const restartsItself = (mode: ExecutionMode): boolean => MODES[mode].restarts

export const createRecovery = (ports: RecoveryPorts): Recovery => {
  const { store, clock, events, redactor, log, rules } = ports
  const history = createHistory({ store, limit: rules.historyLimit })
  const restarts = createRestarts({ store, limit: rules.historyLimit })
  const escalations = createEscalations({ ...ports, history, windowMs: rules.windowMs })
  let isClosed = false

  const changed = (tx: Tx): void => tx.onCommit(() => events.publish('recovery.changed', {}))

  const triesOf = (tx: Tx, failure: Failure): Tries => {
    const { agentId, attempt, mode } = failure
    if (!restartsItself(mode)) return { used: attempt - 1, max: rules.maxRecoveryAttempts, isReset: false }
    const max = rules.maxRestartAttempts
    const budget = restarts.budget(tx, agentId)
    const sinceMs = budget?.runningSinceMs ?? null
    if (sinceMs !== null && clock.nowMs() - sinceMs >= rules.resetMs) return { used: 0, max, isReset: true }
    // A first try was asked for by somebody, who gives it all attempts with it.
    const used = attempt === 1 && failure.engineKilled !== true ? 0 : (budget?.attempts ?? attempt - 1)
    return { used, max, isReset: false }
  }

  /** What the tables, the switches and the budget leave to be done. */
  const planOf = (failure: Failure, tries: Tries): { step: RecoveryStep; reason: string; isGivenUp: boolean } => {
    const type = typeOfEnd(failure.cause, failure.code) ?? typeOfCode(failure.code)
    const { step, why } = stepFor({ type, mode: failure.mode, started: failure.started })
    const none = (reason: string) => ({ step: 'none' as const, reason, isGivenUp: false })
    if (!AGAIN.has(step)) return { step, reason: why, isGivenUp: false }
    if (!rules.recovers) return none('Recovery is turned off: error_handler.enable_auto_recovery.')
    if (failure.started && !rules.restartsAgents)
      return none('Starting agents again is turned off: lifecycle.enable_auto_recovery.')
    if (!isFree(failure) && tries.used >= tries.max)
      return { step: 'none', reason: `No attempt is left of ${tries.max}.`, isGivenUp: true }
    if (step === 'failover' && failure.backend === null)
      return { step: failure.started ? 'restart' : 'retry', reason: why, isGivenUp: false }
    return { step, reason: why, isGivenUp: false }
  }

  const none = (failure: Failure, reason: string): RecoveryDecision => ({
    type: typeOfEnd(failure.cause, failure.code) ?? typeOfCode(failure.code),
    step: 'none',
    reason,
    delayMs: null,
    nextAttempt: null,
    avoid: null,
  })

  /** One more try: counted, and part of the history of the agent. */
  const tryAgain = (tx: Tx, failure: Failure, tries: Tries): { delayMs: number; nextAttempt: number } => {
    const free = isFree(failure)
    const used = free ? tries.used : tries.used + 1
    const delayMs = backoffMs(Math.max(1, used), {
      firstMs: rules.backoffMs,
      longestMs: rules.backoffMaxMs,
      random: ports.random,
    })
    const nextAtMs = clock.nowMs() + delayMs
    restarts.setBudget(tx, failure.agentId, { attempts: used, max: tries.max, nextAtMs, runningSinceMs: null })
    return { delayMs, nextAttempt: used + 1 }
  }

  const escalation = (failure: Failure, message: string, why: Escalation['why']): Escalation => ({
    agentId: failure.agentId,
    agentName: failure.agentName,
    correlationId: failure.correlationId,
    type: typeOfEnd(failure.cause, failure.code) ?? typeOfCode(failure.code),
    code: failure.code,
    message,
    attempt: failure.attempt,
    why,
    groupKey: groupKeyOf({ agentId: failure.agentId, code: failure.code, message }),
  })

  const isRepeated = (tx: Tx, groupKey: string): boolean =>
    history.countSince(tx, groupKey, clock.nowMs() - rules.windowMs) >= rules.escalationThreshold

  return {
    decide(tx, failure) {
      const { agentId, agentName, executionId, correlationId, code, attempt, backend } = failure
      const type = typeOfEnd(failure.cause, code)
      if (type === null || (failure.cause === 'engine-stopped' && failure.engineKilled !== true)) {
        if (failure.cause !== 'preempted') restarts.settle(tx, failure, 'called-off')
        return none(failure, 'It was ended on purpose, so it is not begun again.')
      }
      const tries = triesOf(tx, failure)
      restarts.settle(tx, failure, tries.isReset ? 'reset' : 'failed')
      const { step, reason, isGivenUp } = planOf(failure, tries)
      const message = redactor.text(failure.message)
      const again = AGAIN.has(step) ? tryAgain(tx, failure, tries) : null
      if (again !== null || isGivenUp)
        restarts.add(tx, agentId, {
          atMs: clock.nowMs(),
          attempt: again === null ? tries.used : again.nextAttempt - 1,
          max: tries.max,
          delayMs: again?.delayMs ?? 0,
          reason: message,
          failedExecutionId: executionId,
          executionId: null,
          outcome: isGivenUp ? 'given-up' : 'waiting',
        })
      if (isGivenUp)
        restarts.setBudget(tx, agentId, {
          attempts: tries.used,
          max: tries.max,
          nextAtMs: null,
          runningSinceMs: null,
        })
      const groupKey = groupKeyOf({ agentId, code, message })
      history.add(tx, clock.nowMs(), {
        ...{ agentId, agentName, executionId, correlationId, type, code, message, step, reason, attempt, groupKey },
        delayMs: again?.delayMs ?? null,
      })
      changed(tx)
      const raise = (why: Escalation['why']): void => escalations.raise(tx, escalation(failure, message, why))
      if (step === 'suspend') raise('suspended')
      else if (step === 'terminate') raise('terminated')
      else if (isGivenUp) raise('given-up')
      else if (isRepeated(tx, groupKey)) raise('repeated')
      return {
        type,
        step,
        reason,
        delayMs: again?.delayMs ?? null,
        nextAttempt: again?.nextAttempt ?? null,
        avoid: step === 'failover' ? backend : null,
      }
    },

    restartQueued: (tx, agentId, executionId) => restarts.queued(tx, agentId, executionId),

    restartStarted(tx, agentId, executionId) {
      if (restarts.settle(tx, { agentId, executionId }, 'started') === 0) return
      const budget = restarts.budget(tx, agentId)
      if (budget !== null) restarts.setBudget(tx, agentId, { ...budget, nextAtMs: null, runningSinceMs: clock.nowMs() })
      changed(tx)
    },

    restartCalledOff(tx, agentId) {
      restarts.settleAll(tx, agentId, { from: 'waiting', to: 'called-off' })
      restarts.clearBudget(tx, agentId)
      changed(tx)
    },

    healthy(tx, agentId) {
      const budget = restarts.budget(tx, agentId)
      if (budget === null) return
      const isLong = budget.runningSinceMs !== null && clock.nowMs() - budget.runningSinceMs >= rules.resetMs
      restarts.settleAll(tx, agentId, { from: 'started', to: isLong ? 'reset' : 'recovered' })
      restarts.clearBudget(tx, agentId)
      changed(tx)
    },

    restartState(agentId) {
      const budget = restarts.budget(store, agentId)
      return budget === null ? null : { attempts: budget.attempts, max: budget.max, nextAtMs: budget.nextAtMs }
    },

    restarts: (agentId, limit) => restarts.list(agentId, limit),
    events: (query) => history.events(query),
    groups: (windowMs) => history.groups(clock.nowMs() - windowMs),
    told: (sinceMs) => history.told(sinceMs),

    note(error) {
      if (isClosed) return
      const { agentId, agentName, correlationId, code } = error
      const message = redactor.text(error.message)
      const type = typeOfCode(code)
      const groupKey = groupKeyOf({ agentId, code, message })
      store
        .write((tx) => {
          history.add(tx, clock.nowMs(), {
            ...{ agentId, agentName, correlationId, type, code, message, groupKey },
            executionId: null,
            step: 'none',
            reason: 'It was told to whoever asked.',
            attempt: 1,
            delayMs: null,
          })
          changed(tx)
          if (isRepeated(tx, groupKey))
            escalations.raise(tx, {
              ...{ agentId, agentName, correlationId, type, code, message, groupKey },
              attempt: 1,
              why: 'repeated',
            })
        })
        .catch((cause: unknown) => log.error({ code, reason: messageOf(cause) }, 'a failure could not be recorded'))
    },

    close() {
      isClosed = true
    },
  }
}
