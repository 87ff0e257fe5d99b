import type { PolicyProblem } from '@contract'
import type { PolicySet } from './decide'
import type { Decision, Effect, PolicyRequest } from './types'

/** A test that stands in a policy file. */
export interface PolicyTest {
  readonly name: string
  readonly request: PolicyRequest
  /** When it is asked, milliseconds since the epoch; null is now. */
  readonly atMs: number | null
  readonly expect: { readonly effect: Effect; readonly by?: string | null }
  /** The problem to report at the test's place. */
  failed(message: string): PolicyProblem
}

export interface PolicyTestResult {
  readonly name: string
  readonly ok: boolean
  readonly decision: Decision
  /** Why it failed, at its place; null when it did not. */
  readonly problem: PolicyProblem | null
}

const by = (rule: string | null): string => (rule === null ? 'by no rule' : `by "${rule}"`)

/** Ask a set everything that its own file says it must answer. */
export const runPolicyTests = (set: PolicySet, tests: readonly PolicyTest[], nowMs: number): PolicyTestResult[] =>
  tests.map((test) => {
    const decision = set.decide(test.request, test.atMs ?? nowMs)
    const { effect, by: wanted } = test.expect
    const ok = decision.effect === effect && (wanted === undefined || decision.rule === wanted)
    if (ok) return { name: test.name, ok, decision, problem: null }
    const expected = wanted === undefined ? effect : `${effect} ${by(wanted)}`
    return {
      name: test.name,
      ok,
      decision,
      problem: test.failed(
        `The test "${test.name}" expects ${expected}; the answer is ${decision.effect} ${by(decision.rule)}.`,
      ),
    }
  })
