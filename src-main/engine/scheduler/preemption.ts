import type { CorrelationId, ExecutionId } from '@contract'
import { type Clock, engineCaller, isRuntimeError, type Log, type NewId, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Waiting } from './line'
import type { LiveRun, LiveRuns } from './live-runs'
import { levelOf } from './urgency'

/** Only these are worth taking a place from somebody. Having waited does not make a run one of them. */
const URGENT = levelOf('high')
/** After a refusal nobody is asked for this long, longer each time: every refusal is a record in the audit trail. */
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 600_000

export interface PreemptionPorts {
  readonly gate: Pick<Gate, 'perform'>
  readonly clock: Clock
  readonly log: Log
  readonly newId: NewId
  readonly live: LiveRuns
  /** Whether the run still waits and could start, if there were room. */
  readonly stillWants: (waiting: Waiting) => boolean
  readonly wouldMakeRoom: (waiting: Waiting, victim: LiveRun) => boolean
  /** Something may be different now. */
  readonly onSettled: () => void
}

/** Takes the place of a run of low priority for one that is high or critical, where a rule of the policy allows it. */
export interface Preemption {
  /** Does nothing unless it would make room. */
  consider(waiting: Waiting): void
  isUrgent(waiting: Waiting): boolean
  /** When somebody may be asked again; null when now. */
  restsUntilMs(nowMs: number): number | null
  /** The rules changed: what was refused may be allowed now. */
  rulesChanged(): void
  readonly count: number
}

export const createPreemption = (ports: PreemptionPorts): Preemption => {
  const { gate, clock, log, newId, live, stillWants, wouldMakeRoom, onSettled } = ports
  /** Who makes room for whom. */
  const pairs = new Map<ExecutionId, ExecutionId>()
  let isAsking = false
  let pauseMs = 0
  let pausedUntilMs = 0
  let count = 0

  /** Of the lowest priority the youngest: the least is lost. */
  const victimFor = (waiting: Waiting): LiveRun | undefined =>
    [...live.lowest()].sort((a, b) => b.sinceMs - a.sinceMs).find((run) => wouldMakeRoom(waiting, run))

  const preempt = async (waiting: Waiting, victim: LiveRun): Promise<void> => {
    const still = (): void => {
      if (live.get(victim.executionId) !== victim || !stillWants(waiting) || !wouldMakeRoom(waiting, victim))
        throw new RuntimeError('SCHED_004', 'Room is no longer needed, or this run no longer makes any.')
    }
    await gate.perform(
      {
        caller: engineCaller('scheduler'),
        correlationId: newId<CorrelationId>(),
        action: 'run.preempt',
        resource: victim.agentName,
        arguments: { run: victim.executionId, agent: victim.agentName, for: waiting.entry.executionId },
        details: {
          run: victim.executionId,
          for: waiting.entry.executionId,
          forAgent: waiting.entry.agentName,
          forPriority: waiting.entry.priority,
        },
        precondition: still,
      },
      async () => {
        still()
        victim.started?.preempt()
      },
    )
    count += 1
    pauseMs = 0
    isAsking = false
    onSettled()
  }

  const settle = (waiting: Waiting, victim: LiveRun, error: unknown): void => {
    isAsking = false
    victim.isLeaving = false
    pairs.delete(waiting.entry.executionId)
    // That it is no longer needed is nobody's refusal.
    if (!isRuntimeError(error) || error.code !== 'SCHED_004') {
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs === 0 ? FIRST_PAUSE_MS : pauseMs * 2)
      pausedUntilMs = clock.nowMs() + pauseMs
      log.info({ for: waiting.entry.executionId, pauseMs }, 'no run makes room')
    }
    onSettled()
  }

  const restsUntilMs = (nowMs: number): number | null => (pausedUntilMs > nowMs ? pausedUntilMs : null)

  return {
    get count() {
      return count
    },
    isUrgent: (waiting) => waiting.level >= URGENT,
    restsUntilMs,
    consider(waiting) {
      // One question at a time: the answer to it tells whether there is a point in the next.
      if (isAsking || waiting.level < URGENT || restsUntilMs(clock.nowMs()) !== null) return
      for (const [wanting, victim] of pairs) if (live.get(victim) === undefined) pairs.delete(wanting)
      if (pairs.has(waiting.entry.executionId)) return
      const victim = victimFor(waiting)
      if (victim === undefined) return
      isAsking = true
      victim.isLeaving = true
      pairs.set(waiting.entry.executionId, victim.executionId)
      preempt(waiting, victim).catch((error: unknown) => settle(waiting, victim, error))
    },
    rulesChanged() {
      pauseMs = 0
      pausedUntilMs = 0
      onSettled()
    },
  }
}
