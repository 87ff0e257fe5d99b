import type { PolicyProblem } from '@contract'
import { RuntimeError } from '../core'
import { BUILTIN_RULES } from './builtin'
import { createPolicySet, type PolicySet } from './decide'
import { errorOf, readPolicies } from './parse'
import { type PolicyTestResult, runPolicyTests } from './policy-tests'
import type { Platform } from './resource-name'

/** A text read, compiled and tried out. */
export interface LoadedText {
  /** Null when the text must not take effect. */
  readonly set: PolicySet | null
  /** Why it must not; its details hold line and column. */
  readonly error: RuntimeError | null
  readonly problems: readonly PolicyProblem[]
  /** The text's own tests; empty when it could not be read. */
  readonly tests: readonly PolicyTestResult[]
}

/** Read a text, join it with the rules of the product, and run the tests that stand in it. */
export const loadText = (text: string, { nowMs, platform }: { nowMs: number; platform: Platform }): LoadedText => {
  const read = readPolicies(text)
  const unread = errorOf(read.problems)
  if (unread !== null) return { set: null, error: unread, problems: read.problems, tests: [] }
  const set = createPolicySet({ rules: [...read.rules, ...BUILTIN_RULES], text, platform })
  const broken = set.entries.find(({ compiled }) => compiled === null)
  if (broken !== undefined) {
    const error = new RuntimeError('POLICY_002', `The rule "${broken.rule.name}" cannot be made ready.`, {
      cause: broken.failure,
      details: { line: 1, column: 1 },
    })
    return { set: null, error, problems: read.problems, tests: [] }
  }
  const tests = runPolicyTests(set, read.tests, nowMs)
  const failed = tests.flatMap(({ problem }) => (problem === null ? [] : [problem]))
  const error = errorOf(failed)
  return { set: error === null ? set : null, error, problems: [...failed, ...read.problems], tests }
}
