import { type AgentId, RESOURCE_KINDS, type UsageSeries } from '@contract'
import { type Clock, type Log, messageOf } from '../core'
import type { Store, Tx } from '../store'
import { join, type Measured, type Step, startOf, stepOf, widen, widthFor } from './steps'
import { forgetSteps, keepStep, readSteps, type ScopedStep } from './usage-rows'

const SECOND_MS = 1_000
const TEN_SECONDS_MS = 10_000
const MINUTE_MS = 60_000
const SECONDS_KEPT_MS = 10 * MINUTE_MS
const TENS_KEPT_MS = 6 * 60 * MINUTE_MS
const MINUTES_KEPT_MS = 24 * 60 * MINUTE_MS
/** So wide that a day and a week are a few hundred steps: reading must not hold the thread. */
const WIDE_MS: readonly number[] = [4 * MINUTE_MS, 30 * MINUTE_MS]
/** The steps that are gathered from measurements. */
const GATHERED_MS = [TEN_SECONDS_MS, MINUTE_MS] as const
/** How long a closed step may wait to be written with others. */
const WRITE_AFTER_MS = 5_000
const TIDY_EVERY_MS = 10 * MINUTE_MS
/** Steps that one change writes at most, so that others get the thread between. */
const WRITE_STEPS = 100
/** Rows that one commit removes at most. */
const TIDY_ROWS = 2_000

/** All agents together. */
export const EVERYTHING = ''

export interface Scoped {
  /** An agent, or {@link EVERYTHING}. */
  readonly scope: string
  readonly measured: Measured
}

export interface HistoryAsked {
  readonly agentId?: AgentId | undefined
  readonly fromMs: number
  readonly toMs: number
  readonly points: number
}

/**
 * What was used over time: each second for ten minutes (in memory), each ten seconds for six hours, then
 * by the minute and wider until it is too old. Only what was measured is told: where there is a gap, no point is made up.
 */
export interface History {
  /** All measurements of one moment. */
  record(atMs: number, all: readonly Scoped[]): void
  query(asked: HistoryAsked): UsageSeries[]
  /** Steps on the disk. */
  stepCount(): number
  /** Write what is there; nothing is measured any more. */
  close(): void
}

export interface HistoryPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly retentionMs: number
}

interface OpenScope {
  /** Newest last; older than ten minutes goes. */
  seconds: Step[]
  readonly open: Map<number, Step>
}

export const createHistory = ({ store, clock, log, retentionMs }: HistoryPorts): History => {
  const tiers = [
    { widthMs: TEN_SECONDS_MS, keptMs: Math.min(TENS_KEPT_MS, retentionMs) },
    { widthMs: MINUTE_MS, keptMs: Math.min(MINUTES_KEPT_MS, retentionMs) },
    ...WIDE_MS.map((widthMs) => ({ widthMs, keptMs: retentionMs })),
  ]
  const scopes = new Map<string, OpenScope>()
  const startedAtMs = clock.nowMs()
  /** Steps that begin before this hold something of an earlier start of the engine; the one it started within may. */
  const untilMs = ((): number => {
    const within = startOf(startedAtMs, TEN_SECONDS_MS)
    const isThere = store.get('SELECT 1 FROM usage_steps WHERE step_ms = :widthMs AND at = :within LIMIT 1', {
      widthMs: TEN_SECONDS_MS,
      within,
    })
    return isThere === undefined ? within : within + 1
  })()
  /** Over, and waiting to be written; then being written. Until they are on the disk, they are read from here. */
  let closed: ScopedStep[] = []
  const writing = new Set<ScopedStep>()
  let cancelWrite: (() => void) | null = null
  let tidiedAtMs = Number.NEGATIVE_INFINITY
  let rows: number | null = null

  const stepCount = (): number => {
    rows ??= store.get<{ n: number }>('SELECT count(*) AS n FROM usage_steps')?.n ?? 0
    return rows
  }

  const scopeOf = (name: string): OpenScope => {
    const known = scopes.get(name)
    if (known !== undefined) return known
    const made: OpenScope = { seconds: [], open: new Map() }
    scopes.set(name, made)
    return made
  }

  const add = (atMs: number, { scope: name, measured }: Scoped): void => {
    const scope = scopeOf(name)
    const point = stepOf(atMs, measured)
    scope.seconds.push(point)
    if ((scope.seconds[0]?.atMs ?? atMs) < atMs - SECONDS_KEPT_MS - MINUTE_MS)
      scope.seconds = scope.seconds.filter((step) => step.atMs >= atMs - SECONDS_KEPT_MS)
    for (const widthMs of GATHERED_MS) {
      const startMs = startOf(atMs, widthMs)
      const open = scope.open.get(widthMs)
      if (open !== undefined && open.atMs !== startMs) close(name, widthMs, open)
      scope.open.set(widthMs, open?.atMs === startMs ? join(open, point) : { ...point, atMs: startMs })
    }
  }

  /** A minute that is over goes into the wider steps as well, so that none of these waits for its own end. */
  const close = (scope: string, widthMs: number, step: Step): void => {
    closed.push({ scope, widthMs, step })
    if (widthMs !== MINUTE_MS) return
    for (const wideMs of WIDE_MS)
      closed.push({ scope, widthMs: wideMs, step: { ...step, atMs: startOf(step.atMs, wideMs) } })
  }

  /** Steps whose time is over, also of what is not measured any more; all of them at the end. */
  const closeSteps = (isLast: boolean): void => {
    const nowMs = clock.nowMs()
    for (const [name, scope] of scopes) {
      for (const [widthMs, step] of scope.open) {
        if (!isLast && step.atMs + widthMs > nowMs) continue
        close(name, widthMs, step)
        scope.open.delete(widthMs)
      }
      const newest = scope.seconds.at(-1)?.atMs ?? 0
      if (scope.open.size === 0 && newest < nowMs - SECONDS_KEPT_MS) scopes.delete(name)
    }
  }

  const tidy = (tx: Tx): void => {
    const nowMs = clock.nowMs()
    if (nowMs - tidiedAtMs < TIDY_EVERY_MS) return
    const gone = tiers.reduce(
      (sum, { widthMs, keptMs }) => sum + forgetSteps(tx, { widthMs, beforeMs: nowMs - keptMs, limit: TIDY_ROWS }),
      0,
    )
    if (rows !== null) rows -= gone
    // Where more is left than one commit removes, the next one goes on.
    if (gone < TIDY_ROWS) tidiedAtMs = nowMs
  }

  const writeSome = (steps: readonly ScopedStep[]): void => {
    for (const step of steps) writing.add(step)
    const done = (): void => {
      for (const step of steps) writing.delete(step)
    }
    store
      .write((tx) => {
        const added = steps.filter((step) => keepStep(tx, step)).length
        if (rows !== null) rows += added
        tidy(tx)
        tx.onCommit(done)
      })
      .catch((error: unknown) => {
        done()
        log.warn({ reason: messageOf(error), steps: steps.length }, 'a part of the history of use could not be kept')
      })
  }

  const write = (isLast: boolean): void => {
    cancelWrite = null
    closeSteps(isLast)
    const steps = closed
    closed = []
    for (let first = 0; first < steps.length; first += WRITE_STEPS) writeSome(steps.slice(first, first + WRITE_STEPS))
    if (!isLast && [...scopes.values()].some(({ open }) => open.size > 0)) writeLater()
  }

  const writeLater = (): void => {
    cancelWrite ??= clock.after(WRITE_AFTER_MS, () => write(false))
  }

  /** The widest steps that are not wider than asked for, among those that reach back far enough. */
  const tierFor = (asked: HistoryAsked): number => {
    const { fromMs, toMs, points } = asked
    const nowMs = clock.nowMs()
    const wantedMs = (toMs - fromMs) / Math.max(1, points - 1)
    const reaching = tiers.filter(({ keptMs }) => fromMs >= nowMs - keptMs)
    const fitting = reaching.filter(({ widthMs }) => widthMs <= wantedMs).at(-1)
    if (fitting !== undefined) return fitting.widthMs
    return isInMemory(asked) ? SECOND_MS : (reaching[0]?.widthMs ?? MINUTE_MS)
  }

  /** The seconds tell all of the window: it is of late, and nothing in it is from before this start of the engine. */
  const isInMemory = ({ agentId, fromMs }: HistoryAsked): boolean => {
    if (fromMs < clock.nowMs() - SECONDS_KEPT_MS) return false
    if (fromMs >= startedAtMs) return true
    const earlier = store.get(
      'SELECT 1 FROM usage_steps WHERE scope = :scope AND step_ms = :widthMs AND at >= :fromMs AND at < :untilMs LIMIT 1',
      { scope: agentId ?? EVERYTHING, widthMs: TEN_SECONDS_MS, fromMs: startOf(fromMs, TEN_SECONDS_MS), untilMs },
    )
    return earlier === undefined
  }

  const stepsOf = (asked: HistoryAsked): { steps: Step[]; widthMs: number } => {
    const scope = asked.agentId ?? EVERYTHING
    const keptMs = tierFor(asked)
    const widthMs = widthFor(asked, keptMs)
    const fromMs = startOf(asked.fromMs, widthMs)
    const isIn = ({ atMs }: Step): boolean => atMs >= fromMs && atMs <= asked.toMs
    const inMemory = scopes.get(scope)
    if (keptMs === SECOND_MS) return { steps: widen((inMemory?.seconds ?? []).filter(isIn), widthMs), widthMs }
    const open = inMemory?.open.get(WIDE_MS.includes(keptMs) ? MINUTE_MS : keptMs)
    const unwritten = [
      ...[...writing, ...closed]
        .filter((step) => step.scope === scope && step.widthMs === keptMs)
        .map(({ step }) => step),
      ...(open === undefined ? [] : [open]),
    ].filter(isIn)
    const read = readSteps(store, { scope, widthMs: keptMs, fromMs, toMs: asked.toMs })
    return { steps: widen([...read, ...unwritten], widthMs), widthMs }
  }

  return {
    record(atMs, all) {
      for (const one of all) add(atMs, one)
      if (all.length > 0) writeLater()
    },

    query(asked) {
      const { steps, widthMs } = stepsOf(asked)
      return RESOURCE_KINDS.map((kind) => {
        const known = steps.filter((step) => step.kinds[kind].n > 0)
        return {
          kind,
          stepMs: widthMs,
          points: known.map(({ atMs, kinds }) => {
            const { n, min, max, sum } = kinds[kind]
            return { atMs, min, mean: sum / n, max }
          }),
          granted: known.map(({ kinds }) => kinds[kind].granted),
        }
      })
    },

    stepCount,

    close() {
      cancelWrite?.()
      write(true)
    },
  }
}
