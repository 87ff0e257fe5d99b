import type { PolicyProblem } from '@contract'
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'

/** Where something stands in the text: offsets, the end exclusive. */
export type Span = readonly [start: number, end: number]
export type Path = readonly PropertyKey[]

/** A YAML text as plain data, with the place of everything in it. */
export interface YamlText {
  /** Null when the text could not be read at all. */
  readonly data: unknown
  /** In the order in which they were found. */
  readonly problems: readonly PolicyProblem[]
  /** A problem at the value of a path, or at what comes nearest to it. */
  problem(at: Path, facts: Pick<PolicyProblem, 'severity' | 'code' | 'message'>): PolicyProblem
  /** A problem at a key of the map that stands at a path. */
  problemAtKey(at: Path, key: string, facts: Pick<PolicyProblem, 'severity' | 'code' | 'message'>): PolicyProblem
}

interface Places {
  readonly span: Span
  readonly keys: ReadonlyMap<string, Span>
  readonly values: ReadonlyMap<PropertyKey, Span>
}

/** Deeper than any policy needs to be. */
const MAX_DEPTH = 16
const MAX_PROBLEMS = 50

const spanOf = (node: unknown): Span | null => {
  const range = (node as Node | null | undefined)?.range
  return range === null || range === undefined ? null : [range[0], Math.max(range[0], range[1])]
}

/**
 * A hostile text makes the library construct an error for each of its characters, and most of the time of that goes into
 * call stacks that nobody reads. Nothing else runs meanwhile.
 */
const withoutStacks = <T>(work: () => T): T => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return work()
  } finally {
    Error.stackTraceLimit = limit
  }
}

/**
 * Read YAML 1.2 without its traps: no aliases (they can grow without bound and hide what a rule says), no merge keys, no
 * key twice, no tags of one's own, no second document.
 */
export const readYamlText = (text: string): YamlText => {
  const lines = new LineCounter()
  const problems: PolicyProblem[] = []
  const places = new WeakMap<object, Places>()

  const at = (offset: number): { line: number; col: number } => {
    const found = lines.linePos(offset)
    // An empty text has no line yet.
    return found.line === 0 ? { line: 1, col: 1 } : found
  }
  const placed = (span: Span, facts: Pick<PolicyProblem, 'severity' | 'code' | 'message'>): PolicyProblem => {
    const [start, end] = [at(span[0]), at(span[1])]
    return { ...facts, line: start.line, column: start.col, endLine: end.line, endColumn: end.col }
  }
  const refuse = (span: Span, code: string, message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(placed(span, { severity: 'error', code, message }))
  }

  const plain = (node: unknown, outer: Span, depth: number): unknown => {
    const span = spanOf(node) ?? outer
    if (depth > MAX_DEPTH) {
      refuse(span, 'yaml.depth', 'This is nested more deeply than a policy can be.')
      return null
    }
    if (isAlias(node)) {
      refuse(span, 'yaml.alias', 'This must be written out; aliases are not allowed.')
      return null
    }
    if (isMap(node)) {
      const out: Record<string, unknown> = {}
      const keys = new Map<string, Span>()
      const values = new Map<PropertyKey, Span>()
      for (const pair of node.items) {
        const keySpan = spanOf(pair.key) ?? span
        if (!isScalar(pair.key)) {
          refuse(keySpan, 'key.type', 'A key must be a text.')
          continue
        }
        const key = String(pair.key.value)
        if (keys.has(key)) {
          refuse(keySpan, 'key.duplicate', `"${key}" is given twice.`)
          continue
        }
        keys.set(key, keySpan)
        values.set(key, spanOf(pair.value) ?? keySpan)
        // `__proto__` must become a member like any other.
        Object.defineProperty(out, key, {
          value: plain(pair.value, keySpan, depth + 1),
          enumerable: true,
          configurable: true,
          writable: true,
        })
      }
      places.set(out, { span, keys, values })
      return out
    }
    if (isSeq(node)) {
      const values = new Map<PropertyKey, Span>()
      const out = node.items.map((item, index) => {
        values.set(index, spanOf(item) ?? span)
        return plain(item, span, depth + 1)
      })
      places.set(out, { span, keys: new Map(), values })
      return out
    }
    return isScalar(node) ? node.value : null
  }

  let data: unknown = null
  let whole: Span = [0, 0]
  try {
    // The library's own check for keys given twice takes a time that grows with the square of their number; ours does not.
    const document = withoutStacks(() =>
      parseDocument(text, {
        lineCounter: lines,
        uniqueKeys: false,
        prettyErrors: false,
        version: '1.2',
        schema: 'core',
      }),
    )
    // A warning tells of something that was read otherwise than it was written, such as an unknown tag.
    for (const { message, pos } of [...document.errors, ...document.warnings].slice(0, MAX_PROBLEMS))
      refuse(pos, 'yaml.syntax', `${message.split('\n')[0] ?? 'Not valid YAML'}.`.replace(/\.\.$/, '.'))
    whole = spanOf(document.contents) ?? whole
    if (problems.length === 0) data = plain(document.contents, whole, 0)
  } catch {
    refuse([0, 0], 'yaml.syntax', 'The policy file cannot be read as YAML.')
  }

  const walk = (path: Path): { container: Places | null; value: unknown; span: Span } => {
    let value = data
    let span = whole
    let container: Places | null = null
    for (const step of path) {
      const known: Places | undefined = typeof value === 'object' && value !== null ? places.get(value) : undefined
      const next = known?.values.get(step)
      if (known === undefined || next === undefined) break
      container = known
      span = next
      value = (value as Record<PropertyKey, unknown>)[step]
    }
    return { container, value, span }
  }

  return {
    data,
    problems,
    problem: (path, facts) => placed(walk(path).span, facts),
    problemAtKey(path, key, facts) {
      const { value, span } = walk(path)
      const known = typeof value === 'object' && value !== null ? places.get(value) : undefined
      return placed(known?.keys.get(key) ?? span, facts)
    },
  }
}
