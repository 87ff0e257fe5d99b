import type { PolicyProblem } from '@contract'
import type { z } from 'zod'
import type { Path, YamlText } from './yaml-text'

type Issue = z.core.$ZodIssue

/** What the values of a key are called in a sentence. */
const NOUNS: Readonly<Record<string, string>> = {
  effect: 'an effect',
  operation: 'an operation',
  operations: 'an operation',
  mode: 'a mode',
  days: 'a day',
  decision: 'a decision',
}

const isText = (value: unknown): value is string => typeof value === 'string'

const nounOf = (path: Path): string => {
  const key = path.findLast(isText) ?? 'value'
  return NOUNS[key] ?? `a ${key}`
}

const subjectOf = (path: Path): string => {
  const last = path.at(-1)
  if (last === undefined) return 'The file'
  if (isText(last)) return `"${last}"`
  const list = path.findLast(isText)
  return list === 'policies' ? 'A policy' : list === 'conditions' ? 'A condition' : `An entry of "${list ?? ''}"`
}

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object'

const wrongType = (path: Path, expected: string, value: unknown): string => {
  const subject = subjectOf(path)
  if (path.length === 0) return 'The file must be a map with "version" and "policies".'
  if (subject === 'A condition') return 'A condition is one key with one value.'
  switch (expected) {
    case 'string':
      return `${subject} must be a text${isScalar(value) ? ', in quotes' : ''}.`
    case 'number':
    case 'int':
      return `${subject} must be a number.`
    case 'array':
      return `${subject} must be a list.`
    default:
      return `${subject} must be a map.`
  }
}

const valueAt = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    data,
  )

const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`)

/** The zod issues of a part of the file as problems at their places. */
export const problemsOf = (
  yaml: YamlText,
  base: Path,
  issues: readonly Issue[],
  known: readonly string[],
): PolicyProblem[] => {
  const one = (issue: Issue): PolicyProblem[] => {
    const path = [...base, ...issue.path]
    const value = valueAt(yaml.data, path)
    const error = (code: string, message: string): PolicyProblem =>
      yaml.problem(path, { severity: 'error', code, message })
    switch (issue.code) {
      case 'unrecognized_keys': {
        const names = issue.path.length === 0 && known.length > 0 ? `; known are ${known.join(', ')}` : ''
        return issue.keys.map((key) =>
          yaml.problemAtKey(path, key, {
            severity: 'error',
            code: 'key.unknown',
            message: `Unknown key "${key}"${names}.`,
          }),
        )
      }
      case 'invalid_union': {
        const branch = issue.errors[Array.isArray(value) ? issue.errors.length - 1 : 0] ?? []
        return branch.flatMap((inner) => one({ ...inner, path: [...issue.path, ...inner.path] }))
      }
      case 'invalid_type': {
        if (value !== undefined) return [error('value.type', wrongType(path, issue.expected, value))]
        const name = String(issue.path.at(-1) ?? '')
        return path.length === 0
          ? [error('value.type', wrongType(path, issue.expected, value))]
          : [
              yaml.problem(path.slice(0, -1), {
                severity: 'error',
                code: 'key.missing',
                message: `"${name}" is missing.`,
              }),
            ]
      }
      case 'invalid_value': {
        if (value === undefined)
          return [
            yaml.problem(path.slice(0, -1), {
              severity: 'error',
              code: 'key.missing',
              message: `"${String(path.at(-1) ?? '')}" is missing.`,
            }),
          ]
        if (path.length === 1 && path[0] === 'version' && isText(value))
          return [error('value.unknown', `Version "${value}" is not known; write "1.0".`)]
        return isText(value)
          ? [
              error(
                'value.unknown',
                `"${value}" is not ${nounOf(path)}; known are ${issue.values.map(String).join(', ')}.`,
              ),
            ]
          : [error('value.type', wrongType(path, 'string', value))]
      }
      case 'too_small':
        return [
          error(
            'value.range',
            issue.origin === 'array'
              ? `${subjectOf(path)} must be a list with at least one entry.`
              : `${subjectOf(path)} must be at least ${String(issue.minimum)}.`,
          ),
        ]
      case 'too_big':
        return [
          error(
            'value.range',
            issue.origin === 'string'
              ? `${subjectOf(path)} is longer than ${String(issue.maximum)} characters.`
              : `${subjectOf(path)} must be at most ${String(issue.maximum)}.`,
          ),
        ]
      default:
        return [
          error(
            issue.code === 'custom' ? 'value.invalid' : 'value.format',
            sentence(`${subjectOf(path)} ${issue.message}`),
          ),
        ]
    }
  }
  const problems = issues.flatMap(one)
  // A key that is spelled wrongly is missing, too, and its map is not whole; say the one that helps.
  const misspelt = problems.some(({ code }) => code === 'key.unknown')
  return misspelt ? problems.filter(({ code }) => code !== 'key.missing' && code !== 'value.invalid') : problems
}
