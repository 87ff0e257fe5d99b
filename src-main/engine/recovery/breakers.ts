import type { Breaker, BreakerState, CorrelationId, ErrorCode } from '@contract'
import {
  asRuntimeError,
  type Clock,
  type Events,
  engineCaller,
  type Log,
  messageOf,
  type NewId,
  type Redactor,
  RuntimeError,
} from '../core'
import type { Gate } from '../gate'
import { type BreakerMachine, type BreakerRules, type CallOutcome, createBreakerMachine } from './breaker'
import { isFault } from './classify'
import type { BreakerId, Breakers } from './types'

export interface BreakersPorts {
  readonly gate: Pick<Gate, 'commit'>
  readonly clock: Clock
  readonly events: Events
  readonly redactor: Redactor
  readonly newId: NewId
  readonly log: Log
  readonly rules: BreakerRules
}

interface Entry {
  readonly id: BreakerId
  readonly machine: BreakerMachine
  shown: BreakerState
  lastError: Breaker['lastError']
}

const KINDS = ['backend', 'tool', 'endpoint'] as const
/** Of those that are closed the one that was used longest ago is forgotten when there are more. */
const MOST = 1_000

/** `backend:docker:local` is the back-end `docker:local`. */
const partsOf = (id: BreakerId): Pick<Breaker, 'kind' | 'name'> => {
  const kind = KINDS.find((known) => id.startsWith(`${known}:`)) ?? 'endpoint'
  return { kind, name: id.slice(kind.length + 1) }
}

const outcomeOf = (error: unknown): CallOutcome => {
  // Called off from outside.
  if (error instanceof Error && error.name === 'AbortError') return 'neither'
  return isFault(asRuntimeError(error, 'INTERNAL_001', 'The call failed').code) ? 'failure' : 'neither'
}

/**
 * The circuit breakers of the engine, in memory: an engine that starts anew knows nothing of what failed before and finds
 * out at once. Durations are measured by the monotonic clock; the times that are shown are worked out from it.
 */
export const createBreakers = (ports: BreakersPorts): Breakers => {
  const { gate, clock, events, redactor, newId, log, rules } = ports
  /** In the order of their last use. */
  const entries = new Map<BreakerId, Entry>()
  const listeners = new Set<(breaker: Breaker) => void>()
  let isClosed = false

  const nowMs = (): number => clock.monotonicMs()
  /** The wall clock at a monotonic time. */
  const atWall = (monotonicMs: number): number => Math.round(clock.nowMs() + (monotonicMs - nowMs()))

  const makeRoom = (): void => {
    if (entries.size < MOST) return
    for (const { id, machine } of entries.values()) if (machine.state === 'closed') return void entries.delete(id)
  }

  const of = (id: BreakerId): Entry => {
    const known = entries.get(id)
    if (known === undefined) makeRoom()
    else entries.delete(id)
    const entry = known ?? { id, machine: createBreakerMachine(rules), shown: 'closed', lastError: null }
    entries.set(id, entry)
    return entry
  }

  const view = ({ id, machine, lastError }: Entry): Breaker => {
    const restsUntilMs = machine.restsUntilMs(nowMs())
    const isResting = machine.state !== 'closed'
    return {
      id,
      ...partsOf(id),
      state: machine.state,
      ...machine.counts(nowMs()),
      windowMs: rules.windowMs,
      threshold: rules.threshold,
      openedAtMs: machine.openedAtMs === null ? null : atWall(machine.openedAtMs),
      nextProbeAtMs: isResting ? atWall(restsUntilMs ?? nowMs()) : null,
      trips: machine.trips,
      lastError,
    }
  }

  const record = (breaker: Breaker, from: BreakerState): void => {
    gate
      .commit(
        {
          caller: engineCaller('recovery'),
          accountOf: 'fact',
          correlationId: newId<CorrelationId>(),
          action: 'breaker.change',
          resource: breaker.id,
          details: {
            from,
            to: breaker.state,
            failures: breaker.failures,
            nextProbeAtMs: breaker.nextProbeAtMs,
            lastError: breaker.state === 'closed' ? null : breaker.lastError,
          },
        },
        () => undefined,
      )
      .catch((error: unknown) => log.error({ breaker: breaker.id, reason: messageOf(error) }, 'not recorded'))
  }

  const tell = (breaker: Breaker): void => {
    for (const listener of listeners) listener(breaker)
    events.publish('breakers.changed', {})
  }

  /** After each step of a machine: whoever shows it or waits for it hears of a new state. */
  const settled = (entry: Entry): void => {
    const from = entry.shown
    if (entry.machine.state === from || isClosed) return
    entry.shown = entry.machine.state
    const breaker = view(entry)
    record(breaker, from)
    tell(breaker)
  }

  const keepError = (entry: Entry, error: { readonly code: ErrorCode; readonly message: string }): void => {
    entry.lastError = { code: error.code, message: redactor.text(error.message).slice(0, 500), atMs: clock.nowMs() }
  }

  const resting = ({ id, machine, lastError }: Entry): RuntimeError => {
    const retryAfterMs = Math.max(0, Math.ceil((machine.restsUntilMs(nowMs()) ?? nowMs()) - nowMs()))
    const last = lastError === null ? '' : ` The last error was: ${lastError.message}`
    return new RuntimeError(
      'RECOVERY_001',
      `${partsOf(id).name} failed too often, so it is left alone for now.${last}`,
      {
        details: { breaker: id, retryAfterMs },
      },
    )
  }

  return {
    async run(id, act) {
      const entry = of(id)
      const admission = entry.machine.admit(nowMs())
      if (admission === null) throw resting(entry)
      settled(entry)
      try {
        const result = await act()
        entry.machine.settle(nowMs(), admission, 'success')
        return result
      } catch (error) {
        const outcome = outcomeOf(error)
        if (outcome === 'failure') keepError(entry, asRuntimeError(error, 'INTERNAL_001', 'The call failed'))
        entry.machine.settle(nowMs(), admission, outcome)
        throw error
      } finally {
        settled(entry)
      }
    },

    restsUntil(id) {
      const untilMs = entries.get(id)?.machine.restsUntilMs(nowMs()) ?? null
      return untilMs === null ? null : atWall(untilMs)
    },

    succeeded(id) {
      const entry = of(id)
      entry.machine.observe(nowMs(), 'success')
      settled(entry)
    },

    failed(id, error) {
      const entry = of(id)
      if (!isFault(error.code)) return
      keepError(entry, error)
      entry.machine.observe(nowMs(), 'failure')
      settled(entry)
    },

    list: () => [...entries.values()].map(view).sort((a, b) => (a.id < b.id ? -1 : 1)),

    async probe(asking, id, reason) {
      const known = (): Entry => {
        const entry = [...entries.values()].find((other) => other.id === id)
        if (entry === undefined) throw new RuntimeError('RECOVERY_002', 'There is no such circuit breaker.')
        return entry
      }
      const entry = await gate.commit(
        { ...asking, action: 'breaker.probe', resource: id, arguments: { id, reason }, details: { reason } },
        known,
      )
      entry.machine.endRest(nowMs())
      const breaker = view(entry)
      tell(breaker)
      return breaker
    },

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    close() {
      isClosed = true
      listeners.clear()
    },
  }
}
