import type { PolicyProblem } from '@contract'
import { RuntimeError } from '../core'
import { problemsOf } from './file-issues'
import { PolicyFile, type RuleTest, SimpleRule, TypedRule } from './file-schema'
import { lintRules } from './lint'
import type { PolicyTest } from './policy-tests'
import { simpleToRule, testToRequest, typedToRule } from './to-rule'
import type { Rule } from './types'
import { type Path, readYamlText, type YamlText } from './yaml-text'

/** About a thousand rules. Reading takes a microsecond for each byte, on the thread that everything waits for. */
export const MAX_POLICY_BYTES = 262_144

const MAX_PROBLEMS = 100

/** What a text says, and everything that is wrong with it. */
export interface ReadPolicies {
  /** Those of the text that are valid; all of them when no problem is an error. */
  readonly rules: readonly Rule[]
  readonly tests: readonly PolicyTest[]
  readonly problems: readonly PolicyProblem[]
}

const atStart = (code: string, message: string): PolicyProblem => ({
  severity: 'error',
  code,
  message,
  line: 1,
  column: 1,
  endLine: 1,
  endColumn: 1,
})

/** A text that is refused unread. */
export const tooLarge = (bytes: number): PolicyProblem | null =>
  bytes <= MAX_POLICY_BYTES
    ? null
    : atStart('file.too-large', `The policy file is larger than ${MAX_POLICY_BYTES / 1024} KiB.`)

interface ReadRule {
  readonly rule: Rule
  readonly path: Path
  /** Where its patterns stand. */
  readonly resources: Path
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readRule = (yaml: YamlText, data: unknown, path: Path): ReadRule | PolicyProblem[] => {
  if (isMap(data) && ('id' in data || 'match' in data)) {
    const parsed = TypedRule.safeParse(data)
    if (!parsed.success) return problemsOf(yaml, path, parsed.error.issues, Object.keys(TypedRule.shape))
    return { rule: typedToRule(parsed.data), path, resources: [...path, 'match', 'resources'] }
  }
  const parsed = SimpleRule.safeParse(data)
  if (!parsed.success) return problemsOf(yaml, path, parsed.error.issues, Object.keys(SimpleRule.shape))
  const keys = (parsed.data.conditions ?? []).map((condition) => Object.keys(condition)[0] ?? '')
  const twice = keys.findIndex((key, at) => keys.indexOf(key) !== at)
  if (twice !== -1)
    return [
      yaml.problem([...path, 'conditions', twice], {
        severity: 'error',
        code: 'condition.duplicate',
        message: `The condition "${keys[twice] ?? ''}" is given twice, and all must hold. For one of several values use "match".`,
      }),
    ]
  return { rule: simpleToRule(parsed.data), path, resources: [...path, 'resources'] }
}

const readAll = (yaml: YamlText): ReadPolicies => {
  const problems: PolicyProblem[] = []
  const file = PolicyFile.safeParse(yaml.data)
  if (!file.success) problems.push(...problemsOf(yaml, [], file.error.issues, Object.keys(PolicyFile.shape)))
  const data = isMap(yaml.data) ? yaml.data : {}
  const listed: readonly unknown[] = Array.isArray(data['policies']) ? data['policies'] : []
  const read: ReadRule[] = []
  const names = new Set<string>()
  listed.forEach((item, index) => {
    const path = ['policies', index]
    const one = readRule(yaml, item, path)
    if (Array.isArray(one)) {
      problems.push(...one)
      return
    }
    if (names.has(one.rule.name)) {
      problems.push(
        yaml.problem(path, {
          severity: 'error',
          code: 'rule.duplicate',
          message: `There are two policies named "${one.rule.name}".`,
        }),
      )
      return
    }
    names.add(one.rule.name)
    read.push(one)
  })
  const rules = read.map(({ rule }) => rule)
  const tests: readonly RuleTest[] = file.success ? (file.data.tests ?? []) : []
  // Hints about a text that is not whole would be hints about something else.
  if (problems.length === 0)
    problems.push(
      ...lintRules(rules).map(({ rule, resource, ...facts }) => {
        const at = read[rule]
        const path = at === undefined ? [] : resource === null ? at.path : [...at.resources, resource]
        return yaml.problem(path, { severity: 'warning', ...facts })
      }),
    )
  return {
    rules,
    tests: tests.map((test, index) => ({
      ...testToRequest(test),
      failed: (message) =>
        yaml.problem(['tests', index, 'expect'], { severity: 'error', code: 'test.failed', message }),
    })),
    problems,
  }
}

const bySeverityThenPlace = (a: PolicyProblem, b: PolicyProblem): number =>
  Number(a.severity === 'warning') - Number(b.severity === 'warning') || a.line - b.line || a.column - b.column

/**
 * Read a policy file: the simple form of {name, priority, conditions, effect, resources, operations}, the typed form of
 * {id, match, effect, …}, or both. Unknown keys and values are errors: a typing slip must not widen a policy.
 */
export const readPolicies = (text: string): ReadPolicies => {
  const large = tooLarge(Buffer.byteLength(text))
  if (large !== null) return { rules: [], tests: [], problems: [large] }
  const yaml = readYamlText(text)
  if (yaml.problems.length > 0) return { rules: [], tests: [], problems: yaml.problems }
  const read = readAll(yaml)
  return { ...read, problems: [...read.problems].sort(bySeverityThenPlace).slice(0, MAX_PROBLEMS) }
}

/** @returns the error of the first problem that is one, or null */
export const errorOf = (problems: readonly PolicyProblem[]): RuntimeError | null => {
  const first = problems.find(({ severity }) => severity === 'error')
  if (first === undefined) return null
  const { line, column, message, code } = first
  return new RuntimeError('POLICY_002', `Line ${line}, column ${column}: ${message}`, {
    details: { line, column, problem: code },
  })
}

/** @throws POLICY_002 with details {line, column} */
export const parsePolicies = (text: string): readonly Rule[] => {
  const { rules, problems } = readPolicies(text)
  const error = errorOf(problems)
  if (error !== null) throw error
  return rules
}
