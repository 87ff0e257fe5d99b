import { messageOf } from '../core'
import type { CompiledRule } from './match'
import {
  type AuditLevel,
  type Decision,
  EFFECTS,
  type Effect,
  type Obligations,
  type PolicyRequest,
  type Rule,
} from './types'

/** The order in which rules are named and weighed: priority, then the stricter effect, then the name. */
export const compareRules = (a: Rule, b: Rule): number =>
  b.priority - a.priority ||
  EFFECTS.indexOf(b.effect) - EFFECTS.indexOf(a.effect) ||
  (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** What the rules of a set said to one request. */
export interface Found {
  /** Enforced rules that fit, in the order of {@link compareRules}. */
  readonly matched: readonly Rule[]
  /** The same of rules in mode `audit`. */
  readonly watching: readonly Rule[]
  readonly errors: readonly { readonly rule: string; readonly message: string }[]
  readonly usedTime: boolean
}

const NOTHING_OWED: Obligations = { redact: [], audit: 'basic' }
const NONE: readonly never[] = []

const owed = (rules: readonly Rule[]): Obligations => {
  let level: AuditLevel = 'basic'
  let redact: string[] | null = null
  for (const { obligations } of rules) {
    if (obligations?.audit === 'full') level = 'full'
    if (obligations?.redact !== undefined) redact = [...(redact ?? []), ...obligations.redact]
  }
  if (redact === null && level === 'basic') return NOTHING_OWED
  return { redact: [...new Set(redact ?? [])].sort(), audit: level }
}

const VERBS: Readonly<Record<Effect, string>> = {
  Allow: 'allows',
  Limit: 'allows, within its limits,',
  RequireApproval: 'asks a person about',
  Deny: 'denies',
}

const described = ({ operation, resourceType, resource }: PolicyRequest): string =>
  `${operation} on ${resourceType} ${resource}`

/** A refusal that no rule made. */
export const refused = (reason: string, setHash: string): Decision => ({
  effect: 'Deny',
  rule: null,
  reason,
  matched: NONE,
  limits: NONE,
  obligations: NOTHING_OWED,
  wouldHave: NONE,
  errors: NONE,
  setHash,
  volatile: false,
})

/**
 * Default deny; a Deny that fits wins, whatever the priorities. Among the others only those of the highest priority count,
 * and together they are as strict as the strictest of them: RequireApproval asks, every Limit counts, Allow adds nothing.
 */
export const combine = (found: Found, request: PolicyRequest, setHash: string): Decision => {
  const { matched, watching, errors } = found
  const common = {
    matched: matched.length === 0 ? NONE : matched.map(({ name }) => name),
    obligations: owed(matched),
    wouldHave: watching.length === 0 ? NONE : watching.map(({ name, effect }) => ({ rule: name, effect })),
    errors,
    setHash,
  }
  const deciding = matched.find(({ effect }) => effect === 'Deny') ?? matched[0]
  if (deciding === undefined)
    return {
      ...common,
      effect: 'Deny',
      rule: null,
      reason: `No rule allows ${described(request)}; what is not allowed is denied.`,
      limits: NONE,
      volatile: found.usedTime,
    }
  const { effect, name, priority, reason } = deciding
  const limits =
    effect === 'Limit' || effect === 'RequireApproval'
      ? matched.flatMap((rule) =>
          rule.effect === 'Limit' && rule.priority === priority && rule.limit !== undefined
            ? [{ rule: rule.name, limit: rule.limit }]
            : [],
        )
      : NONE
  return {
    ...common,
    effect,
    rule: name,
    reason: `The rule "${name}" ${VERBS[effect]} ${described(request)}.${reason === undefined ? '' : ` ${reason}`}`,
    limits,
    volatile: found.usedTime || effect === 'Limit' || effect === 'RequireApproval',
  }
}

/** What a rule that failed counts as, and what is said of it. */
export const failureOf = (rule: Rule, error: unknown) => ({
  counts: rule.effect === 'Deny',
  error: { rule: rule.name, message: messageOf(error) },
})

/** A rule of a set: compiled, or why it could not be. */
export interface SetEntry {
  readonly rule: Rule
  readonly compiled: CompiledRule | null
  readonly failure: unknown
}
