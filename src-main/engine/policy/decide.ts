import { createHash } from 'node:crypto'
import { combine, compareRules, failureOf, refused, type SetEntry } from './combine'
import { compileRule, conditionsHold, masksHold } from './match'
import { prepare, type Query } from './query'
import type { Platform } from './resource-name'
import { createRuleIndex } from './rule-index'
import type { Decision, PolicyRequest, Rule } from './types'

/** A set of rules made ready to decide; immutable, swapped whole. */
export interface PolicySet {
  /** In the order in which they were given. */
  readonly rules: readonly Rule[]
  /** SHA-256 of the text they come from. */
  readonly hash: string
  /** In the order in which they are weighed. */
  readonly entries: readonly SetEntry[]
  readonly platform: Platform
  /** Pure: the same request at the same time gets the same answer. Keeps no limit; that is the Limiter's. */
  decide(request: PolicyRequest, atMs: number): Decision
}

export interface PolicySetSource {
  readonly rules: readonly Rule[]
  readonly text: string
  readonly platform?: Platform
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const toEntry = (rule: Rule, platform: Platform): SetEntry => {
  try {
    return { rule, compiled: compileRule(rule, platform), failure: null }
  } catch (failure) {
    return { rule, compiled: null, failure }
  }
}

const byNumber = (a: number, b: number): number => a - b
const NO_ERRORS: Decision['errors'] = []

/**
 * Compile rules into a set. A rule that fails, now or while it is evaluated, counts as matched when it denies and as not
 * matched otherwise, and the decision says so.
 */
export const createPolicySet = ({ rules, text, platform = 'posix' }: PolicySetSource): PolicySet => {
  const hash = sha256(text)
  const entries = rules.map((rule) => toEntry(rule, platform)).sort((a, b) => compareRules(a.rule, b.rule))
  const index = createRuleIndex(entries.map(({ compiled }) => compiled))
  const broken = entries.flatMap((entry, position) => (entry.compiled === null ? [position] : []))

  const positionsThatFit = (query: Query, errors: { rule: string; message: string }[]): number[] => {
    const fitting: number[] = []
    const fail = (position: number, rule: Rule, error: unknown): void => {
      const failed = failureOf(rule, error)
      errors.push(failed.error)
      if (failed.counts) fitting.push(position)
    }
    for (const position of broken) {
      const entry = entries[position]
      if (entry !== undefined) fail(position, entry.rule, entry.failure)
    }
    index.visit(query, (position) => {
      const entry = entries[position]
      if (entry === undefined || entry.compiled === null) return
      try {
        if (masksHold(entry.compiled, query) && conditionsHold(entry.compiled, query)) fitting.push(position)
      } catch (error) {
        fail(position, entry.rule, error)
      }
    })
    return fitting.sort(byNumber)
  }

  return {
    rules,
    hash,
    entries,
    platform,
    decide(request, atMs) {
      const ready = prepare(request, atMs, platform)
      if (!ready.ok) return refused(ready.reason, hash)
      const errors: { rule: string; message: string }[] = []
      const matched: Rule[] = []
      const watching: Rule[] = []
      for (const position of positionsThatFit(ready.query, errors)) {
        const rule = entries[position]?.rule
        if (rule !== undefined) (rule.mode === 'audit' ? watching : matched).push(rule)
      }
      return combine(
        { matched, watching, errors: errors.length === 0 ? NO_ERRORS : errors, usedTime: ready.query.usedTime },
        request,
        hash,
      )
    },
  }
}
