import type { AgentId, Amounts, BackendId, ExecutionId } from '@contract'
import { NOTHING, plus, without } from './amounts'
import { createOrdered, type Ordered } from './ordered'
import type { StartedRun } from './types'
import type { Level } from './urgency'

/** A run that holds a place, from the moment it is handed to its starter until it has ended. */
export interface LiveRun {
  readonly executionId: ExecutionId
  readonly agentId: AgentId
  readonly agentName: string
  readonly backend: BackendId
  readonly pool: string
  readonly amounts: Amounts
  /** The priority it had by the time it got its place, so that one that has waited long is not taken its place again. */
  readonly level: Level
  readonly sinceMs: number
  /** What it was granted is not yet with the resources, so others must not be promised it. */
  isClaimed: boolean
  started: StartedRun | null
  /** It was asked to make room. */
  isLeaving: boolean
}

/** The places that are taken. Their number is the number of runs under way, at all times. */
export interface LiveRuns {
  readonly size: number
  take(run: LiveRun): void
  get(executionId: ExecutionId): LiveRun | undefined
  /** Gives back the place; undefined when it was given back before. */
  free(executionId: ExecutionId): LiveRun | undefined
  ofAgent(agentId: AgentId): number
  on(backend: BackendId): number
  /**
   * Of the runs of lowest priority that began and were not asked to leave: the youngest of each back-end and size. Any
   * other of these would make the same room.
   */
  lowest(): readonly LiveRun[]
  /** What runs of a pool were handed to their starter with and were not granted yet. */
  promised(pool: string): Amounts
  /** It was granted what it asked for. */
  settle(executionId: ExecutionId): void
}

const youngestFirst = (a: LiveRun, b: LiveRun): number =>
  b.sinceMs - a.sinceMs || (a.executionId < b.executionId ? 1 : a.executionId > b.executionId ? -1 : 0)

const kindOf = ({ backend, amounts }: LiveRun): string =>
  `${backend} ${amounts.memoryBytes} ${amounts.cpuMillis} ${amounts.diskIoMbps} ${amounts.networkIoMbps}`

export const createLiveRuns = (): LiveRuns => {
  const runs = new Map<ExecutionId, LiveRun>()
  const promises = new Map<string, { runs: number; amounts: Amounts }>()
  const low = new Map<string, Ordered<LiveRun>>()
  const perAgent = new Map<AgentId, number>()
  const perBackend = new Map<BackendId, number>()

  const count = <K>(counts: Map<K, number>, key: K, step: 1 | -1): void => {
    const next = (counts.get(key) ?? 0) + step
    if (next === 0) counts.delete(key)
    else counts.set(key, next)
  }

  const promise = ({ pool, amounts }: LiveRun): void => {
    const known = promises.get(pool) ?? { runs: 0, amounts: NOTHING }
    promises.set(pool, { runs: known.runs + 1, amounts: plus(known.amounts, amounts) })
  }

  const keepPromise = (run: LiveRun): void => {
    if (!run.isClaimed) return
    run.isClaimed = false
    const known = promises.get(run.pool)
    if (known === undefined || known.runs === 1) promises.delete(run.pool)
    else promises.set(run.pool, { runs: known.runs - 1, amounts: without(known.amounts, run.amounts) })
  }

  return {
    get size() {
      return runs.size
    },
    take(run) {
      runs.set(run.executionId, run)
      if (run.isClaimed) promise(run)
      if (run.level === 0) {
        const kind = low.get(kindOf(run)) ?? createOrdered(youngestFirst)
        low.set(kindOf(run), kind)
        kind.add(run)
      }
      count(perAgent, run.agentId, 1)
      count(perBackend, run.backend, 1)
    },
    get: (executionId) => runs.get(executionId),
    free(executionId) {
      const run = runs.get(executionId)
      if (run === undefined) return undefined
      runs.delete(executionId)
      keepPromise(run)
      const kind = low.get(kindOf(run))
      if (kind?.remove(run) === true && kind.size === 0) low.delete(kindOf(run))
      count(perAgent, run.agentId, -1)
      count(perBackend, run.backend, -1)
      return run
    },
    ofAgent: (agentId) => perAgent.get(agentId) ?? 0,
    on: (backend) => perBackend.get(backend) ?? 0,
    lowest: () =>
      [...low.values()].flatMap((kind) => {
        for (const run of kind.from(0)) if (run.started !== null && !run.isLeaving) return [run]
        return []
      }),
    promised: (pool) => promises.get(pool)?.amounts ?? NOTHING,
    settle(executionId) {
      const run = runs.get(executionId)
      if (run !== undefined) keepPromise(run)
    },
  }
}
