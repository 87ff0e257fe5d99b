import type { Clock } from '../core'
import type { PolicySet } from './decide'
import type { Decision, PolicyRequest } from './types'

/** A set that remembers what it answered. */
export interface CachedSet {
  decide(request: PolicyRequest, atMs: number): Decision
  /** How many answers are kept. */
  readonly size: number
}

export interface CacheOptions {
  /** 0 keeps nothing. */
  readonly maxEntries: number
  readonly ttlMs: number
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/** Length before text, so that no two requests can share a key. */
const part = (text: string): string => `${text.length}:${text}`
const parts = (values: readonly string[] | undefined): string =>
  values === undefined ? '-' : `${values.length}[${values.map(part).join('')}`

/** Everything in a request that a rule can look at. */
export const cacheKey = (request: PolicyRequest): string => {
  const plain = `${request.principal} ${request.securityLevel ?? '-'} ${request.resourceType} ${request.operation} ${part(request.agentName)}${part(request.resource)}`
  const { roles, labels, capabilities, tool, environment, addresses, realPath } = request
  if (
    roles === undefined &&
    labels === undefined &&
    capabilities === undefined &&
    tool === undefined &&
    environment === undefined &&
    addresses === undefined &&
    realPath === undefined
  )
    return plain
  const surroundings =
    environment === undefined
      ? '-'
      : parts(
          Object.keys(environment)
            .sort()
            .flatMap((name) => [name, environment[name] ?? '']),
        )
  return `${plain}|${parts(roles)}|${parts(labels)}|${parts(capabilities)}|${tool === undefined ? '-' : part(tool)}|${surroundings}|${parts(addresses)}|${realPath === undefined ? '-' : part(realPath)}`
}

/**
 * Keep the answers of one set, the least recently asked for going first. An answer in which the time, a limit or a person
 * has a part is never kept, and neither is one in which a rule failed. The cache belongs to its set and goes with it, so
 * the set's hash is part of every key without being written.
 */
export const withCache = (set: PolicySet, { maxEntries, ttlMs, clock }: CacheOptions): CachedSet => {
  const kept = new Map<string, { readonly decision: Decision; readonly untilMs: number }>()
  return {
    decide(request, atMs) {
      if (maxEntries === 0 || ttlMs === 0) return set.decide(request, atMs)
      const key = cacheKey(request)
      const known = kept.get(key)
      const nowMs = clock.monotonicMs()
      if (known !== undefined && nowMs < known.untilMs) {
        kept.delete(key)
        kept.set(key, known)
        return known.decision
      }
      const decision = set.decide(request, atMs)
      kept.delete(key)
      if (decision.volatile || decision.errors.length > 0) return decision
      kept.set(key, { decision, untilMs: nowMs + ttlMs })
      if (kept.size > maxEntries) {
        const [oldest] = kept.keys()
        if (oldest !== undefined) kept.delete(oldest)
      }
      return decision
    },
    get size() {
      return kept.size
    },
  }
}
