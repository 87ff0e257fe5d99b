import { combine, failureOf } from './combine'
import type { PolicySet } from './decide'
import type { Condition } from './match'
import { prepare, type Query } from './query'
import type { Decision, Effect, PolicyRequest, Rule } from './types'

/** Why one rule did not fit. */
export interface NearMiss {
  readonly rule: string
  readonly effect: Effect
  readonly mode: Rule['mode']
  /** What did not hold; never empty. */
  readonly failed: readonly { readonly key: string; readonly wanted: string; readonly actual: string }[]
}

export interface Explanation {
  readonly decision: Decision
  /** The names under which the thing asked for was looked up; empty when it was refused before any rule was asked. */
  readonly names: readonly string[]
  /** Rules that did not fit, the nearest first. */
  readonly nearMisses: readonly NearMiss[]
  /** How many rules of the set did not fit, those not listed included. */
  readonly missed: number
}

const MOST_NEAR_MISSES = 20

const failedOf = (conditions: readonly Condition[], query: Query): NearMiss['failed'] =>
  conditions.flatMap((condition) =>
    condition.holds(query) ? [] : [{ key: condition.key, wanted: condition.wanted, actual: condition.actual(query) }],
  )

/**
 * Decide by asking every condition of every rule, without the index, and say what each rule that did not fit would have
 * needed. Slow next to `decide`, and meant to be: it is also what the index is tested against.
 */
export const explain = (set: PolicySet, request: PolicyRequest, atMs: number): Explanation => {
  const prepared = prepare(request, atMs, set.platform)
  if (!prepared.ok) return { decision: set.decide(request, atMs), names: [], nearMisses: [], missed: set.rules.length }
  const { query } = prepared
  const matched: Rule[] = []
  const watching: Rule[] = []
  const errors: { rule: string; message: string }[] = []
  const misses: NearMiss[] = []
  let usedTime = false
  for (const { rule, compiled, failure } of set.entries) {
    const fits = (): void => void (rule.mode === 'audit' ? watching : matched).push(rule)
    try {
      if (compiled === null) throw failure
      query.usedTime = false
      const failed = failedOf([...compiled.masks, ...compiled.conditions], query)
      // The time has a part in it only where nothing else kept the rule from fitting.
      usedTime ||= query.usedTime && failed.every(({ key }) => key === 'times')
      if (failed.length === 0) fits()
      else misses.push({ rule: rule.name, effect: rule.effect, mode: rule.mode, failed })
    } catch (error) {
      const failed = failureOf(rule, error)
      errors.push(failed.error)
      if (failed.counts) fits()
    }
  }
  return {
    decision: combine({ matched, watching, errors, usedTime }, request, set.hash),
    names: query.asked.flatMap(({ names }) => names),
    // Stable: among equally near ones the order of weight stays.
    nearMisses: [...misses].sort((a, b) => a.failed.length - b.failed.length).slice(0, MOST_NEAR_MISSES),
    missed: misses.length,
  }
}
