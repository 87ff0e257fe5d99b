import { globCovers } from './glob'
import { type CompiledRule, compileRule } from './match'
import { EFFECTS, type Rule } from './types'

/** Something about a rule that is valid and yet hardly meant. */
export interface Hint {
  /** Which rule, by its place in the list given. */
  readonly rule: number
  /** Which of its patterns, or the rule as a whole. */
  readonly resource: number | null
  readonly code: string
  readonly message: string
}

const MAX_HINTS = 100

/** Comparing each rule with each takes the square of their number; beyond this many pairs it is left off. */
const MAX_PAIRS = 4_000_000

const maskCovers = (outer: number, inner: number): boolean => outer === 0 || (inner !== 0 && (inner & ~outer) === 0)

const sameOrAbsent = (outer: unknown, inner: unknown): boolean =>
  outer === undefined || JSON.stringify(outer) === JSON.stringify(inner)

/** Whether `outer` surely fits whenever `inner` does. */
const covers = (outer: CompiledRule, inner: CompiledRule): boolean =>
  maskCovers(outer.typeMask, inner.typeMask) &&
  (inner.operationMask & ~outer.operationMask) === 0 &&
  (maskCovers(outer.principalMask, inner.principalMask) || (outer.principalMask === AGENTS && inner.agents !== null)) &&
  maskCovers(outer.levelMask, inner.levelMask) &&
  (outer.agents === null ||
    (inner.agents?.every((one) => outer.agents?.some((wide) => globCovers(wide, one)) ?? false) ?? false)) &&
  inner.globs.other.every((one) => outer.globs.other.some((wide) => globCovers(wide, one))) &&
  (['roles', 'labels', 'capabilities', 'tools', 'addresses', 'times', 'environment'] as const).every((key) =>
    sameOrAbsent(outer.rule.match[key], inner.rule.match[key]),
  )

const AGENTS = 1 << 2

const strictness = (rule: Rule): number => EFFECTS.indexOf(rule.effect)

const relation = (rule: CompiledRule, other: CompiledRule): Pick<Hint, 'code' | 'message'> | null => {
  const [a, b] = [rule.rule, other.rule]
  // A rule that only watches keeps nothing from deciding, and reports whatever else decides.
  if (a.mode === 'audit' || b.mode === 'audit') return null
  if (a.effect !== 'Deny' && b.effect === 'Deny') {
    if (!covers(other, rule)) return null
    return a.priority > b.priority
      ? {
          code: 'rule.priority-over-deny',
          message: `"${a.name}" has a higher priority than "${b.name}", which denies the same. A Deny wins whatever the priorities, so this rule never decides.`,
        }
      : {
          code: 'rule.unreachable',
          message: `"${a.name}" never decides: "${b.name}" denies everything that it speaks of.`,
        }
  }
  if ((a.effect === 'Deny') !== (b.effect === 'Deny')) return null
  const above = b.priority > a.priority
  // At the same priority every Limit counts, whatever stands beside it.
  const beside = b.priority === a.priority && a.effect !== 'Limit' && strictness(b) >= strictness(a)
  const hidden = a.effect === 'Deny' || above || beside
  return hidden && covers(other, rule)
    ? {
        code: 'rule.shadowed',
        message: `"${a.name}" changes nothing: "${b.name}" decides everything that it speaks of.`,
      }
    : null
}

const pairHints = (compiled: readonly (CompiledRule | null)[]): Hint[] => {
  if (compiled.length ** 2 > MAX_PAIRS) return []
  return compiled.flatMap((rule, at): Hint[] => {
    if (rule === null) return []
    for (const [other, against] of compiled.entries()) {
      if (against === null || other === at) continue
      const found = relation(rule, against)
      if (found === null) continue
      // Of two that say the same the later one is too much.
      const mutual = found.code === 'rule.shadowed' && other > at && relation(against, rule)?.code === 'rule.shadowed'
      if (!mutual) return [{ rule: at, resource: null, ...found }]
    }
    return []
  })
}

/** Where a tool or a memory is concerned, what an agent may reach is bounded elsewhere: by review, by being its own. */
const BOUNDED_TYPES: readonly string[] = ['Tool', 'Memory', 'Run']

const breadthHints = (rule: Rule, at: number): Hint[] => {
  if (rule.effect === 'Deny' || rule.mode === 'audit') return []
  const { match } = rule
  const forPeople = match.principals !== undefined && !match.principals.includes('agent')
  if (forPeople) return []
  if (match.resourceTypes === undefined)
    return [
      {
        rule: at,
        resource: null,
        code: 'rule.over-broad',
        message: `"${rule.name}" names no resource_type, so it lets through every kind of resource that its patterns fit.`,
      },
    ]
  const narrowed = (['agents', 'roles', 'labels', 'tools', 'addresses', 'environment'] as const).some(
    (key) => match[key] !== undefined,
  )
  if (narrowed || match.resourceTypes.every((type) => BOUNDED_TYPES.includes(type))) return []
  return match.resources.flatMap((glob, resource): Hint[] =>
    /[^*?/]/.test(glob)
      ? []
      : [
          {
            rule: at,
            resource,
            code: 'glob.over-broad',
            message: `"${glob}" fits every ${match.resourceTypes?.join(' and ') ?? 'resource'}, for every agent.`,
          },
        ],
  )
}

const globHints = (rule: Rule, at: number): Hint[] =>
  rule.match.resources.flatMap((glob, resource): Hint[] => {
    const hint = (code: string, message: string): Hint => ({ rule: at, resource, code, message })
    if (glob !== glob.trim()) return [hint('glob.space', `"${glob}" begins or ends with a space, which counts.`)]
    if (/[[\]{}]|^!/.test(glob) && !(rule.match.resourceTypes ?? []).includes('Network'))
      return [
        hint('glob.literal', `"${glob}" holds a sign that other pattern languages use; here it stands for itself.`),
      ]
    const types = rule.match.resourceTypes ?? []
    if (types.length === 1 && types[0] === 'Network' && /^[^/:]+\/(?![\d*?]+(\/\**)?$)/.test(glob))
      return [
        hint(
          'glob.path',
          `"${glob}" can fit no connection: those are named by host and port, such as "example.org/443".`,
        ),
      ]
    if (/^(\d{1,3}\.){3}0\/(8|12|16|20|22|24)$/.test(glob))
      return [
        hint('glob.range', `"${glob}" is read as a host and a port. For a range of addresses use match.addresses.`),
      ]
    return []
  })

const compiled = (rule: Rule): CompiledRule | null => {
  try {
    return compileRule(rule, 'posix')
  } catch {
    // Reported where the set is made.
    return null
  }
}

/** Rules that never decide, that decide more than was likely meant, or that count on a priority that does not count. */
export const lintRules = (rules: readonly Rule[]): Hint[] =>
  [...pairHints(rules.map(compiled)), ...rules.flatMap(breadthHints), ...rules.flatMap(globHints)].slice(0, MAX_HINTS)
