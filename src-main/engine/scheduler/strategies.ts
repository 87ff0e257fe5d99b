import type { Amounts, BackendId, BalancingStrategy } from '@contract'
import { assertNever } from '../core'

/** A back-end that has room for the run, and how loaded it is. */
export interface Candidate {
  readonly id: BackendId
  readonly running: number
  readonly weight: number
  readonly free: Amounts
}

const KINDS = ['memoryBytes', 'cpuMillis', 'diskIoMbps', 'networkIoMbps'] as const

const least = <T>(items: readonly T[], score: (item: T) => number): T | undefined => {
  let best: { readonly item: T; readonly score: number } | undefined
  for (const item of items) {
    const own = score(item)
    if (best === undefined || own < best.score) best = { item, score: own }
  }
  return best?.item
}

/** The candidates in the order of their ids, beginning after the one that was taken last. */
const inTurn = (candidates: readonly Candidate[], last: BackendId | null): readonly Candidate[] => {
  const sorted = [...candidates].sort((a, b) => (a.id < b.id ? -1 : 1))
  const from = last === null ? 0 : sorted.findIndex(({ id }) => id > last)
  return from <= 0 ? sorted : [...sorted.slice(from), ...sorted.slice(0, from)]
}

/** Each in turn. */
export const roundRobin = (candidates: readonly Candidate[], last: BackendId | null): Candidate | undefined =>
  inTurn(candidates, last)[0]

/** The one with the fewest runs under way; among equals, each in turn. */
export const leastConnections = (candidates: readonly Candidate[], last: BackendId | null): Candidate | undefined =>
  least(inTurn(candidates, last), ({ running }) => running)

/**
 * The one on which the most further runs of this size would still fit: what is scarcest there decides. Among equals,
 * each in turn.
 */
export const resourceBased = (
  candidates: readonly Candidate[],
  last: BackendId | null,
  wanted: Amounts,
): Candidate | undefined =>
  least(inTurn(candidates, last), ({ free }) => {
    const fitting = KINDS.filter((kind) => wanted[kind] > 0).map((kind) => free[kind] / wanted[kind])
    return fitting.length === 0 ? 0 : -Math.min(...fitting)
  })

/**
 * Smooth weighted round robin, as nginx defines it: everybody's current weight grows by its weight, the greatest is
 * taken, and the taken one's current weight is lowered by the sum of the weights. So 5:1:1 gives a a b a c a a and not
 * five in a row. Back-ends that could not be taken keep their current weight.
 */
export const smoothWeighted = (
  candidates: readonly Candidate[],
  current: ReadonlyMap<BackendId, number>,
): { readonly taken: Candidate | undefined; readonly current: ReadonlyMap<BackendId, number> } => {
  const next = new Map(current)
  let sum = 0
  for (const { id, weight } of candidates) {
    next.set(id, (next.get(id) ?? 0) + weight)
    sum += weight
  }
  const taken = least(
    [...candidates].sort((a, b) => (a.id < b.id ? -1 : 1)),
    ({ id }) => -(next.get(id) ?? 0),
  )
  if (taken !== undefined) next.set(taken.id, (next.get(taken.id) ?? 0) - sum)
  return { taken, current: next }
}

/** Remembers whose turn it is. */
export interface Balancer {
  /** Undefined when there is no candidate. */
  choose(candidates: readonly Candidate[], wanted: Amounts): Candidate | undefined
}

export const createBalancer = (strategy: BalancingStrategy): Balancer => {
  let last: BackendId | null = null
  let current: ReadonlyMap<BackendId, number> = new Map()
  const take = (candidates: readonly Candidate[], wanted: Amounts): Candidate | undefined => {
    switch (strategy) {
      case 'RoundRobin':
        return roundRobin(candidates, last)
      case 'LeastConnections':
        return leastConnections(candidates, last)
      case 'ResourceBased':
        return resourceBased(candidates, last, wanted)
      case 'WeightedRoundRobin': {
        const step = smoothWeighted(candidates, current)
        current = step.current
        return step.taken
      }
      default:
        return assertNever(strategy)
    }
  }
  return {
    choose(candidates, wanted) {
      const taken = take(candidates, wanted)
      if (taken !== undefined) last = taken.id
      return taken
    },
  }
}
