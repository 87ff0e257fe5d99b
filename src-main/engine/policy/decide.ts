import { createHash } from 'node:crypto'
import { compileGlob, type GlobMatcher } from './glob'
import type { Condition, Decision, PolicyRequest, Rule } from './types'

/** A set of rules made ready to decide; immutable, swapped whole. */
export interface PolicySet {
  readonly rules: readonly Rule[]
  readonly hash: string
  decide(request: PolicyRequest): Decision
}

const conditionHolds = (condition: Condition, request: PolicyRequest, glob: GlobMatcher | null): boolean => {
  switch (condition.key) {
    case 'resource_type':
      return request.resourceType === condition.value
    case 'agent_security_level':
      return request.securityLevel === condition.value
    case 'principal':
      return request.principal === condition.value
    case 'agent_name':
      return request.principal === 'agent' && glob !== null && glob(request.agentName)
  }
}

interface CompiledRule {
  readonly rule: Rule
  readonly matches: (request: PolicyRequest) => boolean
}

const compile = (rule: Rule): CompiledRule => {
  const resources = rule.resources.map(compileGlob)
  const conditions = rule.conditions.map((condition) => ({
    condition,
    glob: condition.key === 'agent_name' ? compileGlob(condition.value) : null,
  }))
  return {
    rule,
    matches: (request) =>
      rule.operations.includes(request.operation) &&
      conditions.every(({ condition, glob }) => conditionHolds(condition, request, glob)) &&
      resources.some((glob) => glob(request.resource)),
  }
}

/**
 * A path that says less than it means: `.` and `..` segments, in either kind of slash, and NUL. What comes to the gate
 * names a thing as it is, so this is a mistake or an attack; a glob could be led out of its folder by it.
 */
const isPlain = (resource: string): boolean =>
  !resource.includes('\0') && !resource.split(/[\\/]/).some((segment) => segment === '.' || segment === '..')

const describe = (request: PolicyRequest): string =>
  `${request.operation} on ${request.resourceType} ${request.resource}`

/**
 * Default deny; a Deny that matches always wins, whatever the priorities; priority orders what is named first.
 * A rule that fails while it is evaluated counts as matched when it denies and as not matched when it allows.
 */
export const createPolicySet = (rules: readonly Rule[], text: string): PolicySet => {
  const hash = createHash('sha256').update(text).digest('hex')
  const compiled = rules.map(compile).sort((a, b) => b.rule.priority - a.rule.priority)

  const holds = ({ rule, matches }: CompiledRule, request: PolicyRequest): boolean => {
    try {
      return matches(request)
    } catch {
      return rule.effect === 'Deny'
    }
  }

  return {
    rules,
    hash,
    decide(request) {
      if (!isPlain(request.resource)) {
        return {
          effect: 'Deny',
          rule: null,
          reason: `The name of the ${request.resourceType} is not plain: it holds "." or ".." as a part, or a NUL.`,
          matched: [],
          setHash: hash,
        }
      }
      const matched = compiled.filter((entry) => holds(entry, request)).map((entry) => entry.rule)
      const names = matched.map((rule) => rule.name)
      const denying = matched.find((rule) => rule.effect === 'Deny')
      if (denying !== undefined) {
        return {
          effect: 'Deny',
          rule: denying.name,
          reason: `The rule "${denying.name}" denies ${describe(request)}.`,
          matched: names,
          setHash: hash,
        }
      }
      const allowing = matched[0]
      if (allowing !== undefined) {
        return {
          effect: 'Allow',
          rule: allowing.name,
          reason: `The rule "${allowing.name}" allows ${describe(request)}.`,
          matched: names,
          setHash: hash,
        }
      }
      return {
        effect: 'Deny',
        rule: null,
        reason: `No rule allows ${describe(request)}; what is not allowed is denied.`,
        matched: [],
        setHash: hash,
      }
    },
  }
}
