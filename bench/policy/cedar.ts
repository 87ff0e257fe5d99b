import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyRequest, Rule } from '../../src-main/engine/policy'

const text = (value: string): string => JSON.stringify(value)
const like = (variable: string, glob: string): string => `${variable} like ${text(glob.replaceAll('**', '*'))}`
const anyOf = (conditions: readonly string[]): string => `(${conditions.join(' || ')})`

/** Scope by type and action, which Cedar can tell apart fast; a pattern is `like`, whose one star crosses slashes. */
const policyOf = ({ effect, match }: Rule): string => {
  const [type = 'Secret'] = match.resourceTypes ?? []
  const actions = match.operations.map((operation) => `Action::${text(operation)}`).join(', ')
  const conditions = [
    anyOf(match.resources.map((glob) => like('context.name', glob))),
    ...(match.agents === undefined ? [] : [anyOf(match.agents.map((glob) => like('context.agent', glob)))]),
    ...(match.labels === undefined ? [] : [`context.labels.containsAny(${JSON.stringify(match.labels)})`]),
    ...(match.securityLevels === undefined ? [] : [`${JSON.stringify(match.securityLevels)}.contains(context.level)`]),
  ]
  return `${effect === 'Deny' ? 'forbid' : 'permit'} (principal, action in [${actions}], resource is ${type}) when { ${conditions.join(' && ')} };`
}

/** The same rules in Cedar, parsed beforehand. */
export const askCedar = (rules: readonly Rule[]): ((request: PolicyRequest) => string) => {
  const parsed = preparsePolicySet('bench', {
    staticPolicies: Object.fromEntries(rules.map((rule) => [rule.name, policyOf(rule)])),
  })
  if (parsed.type === 'failure') throw new Error(parsed.errors.map(({ message }) => message).join('; '))
  return (request) => {
    const answer = statefulIsAuthorized({
      principal: { type: 'Agent', id: request.agentName },
      action: { type: 'Action', id: request.operation },
      resource: { type: request.resourceType, id: request.resource },
      context: {
        name: request.resource,
        agent: request.agentName,
        level: request.securityLevel ?? '',
        labels: [...(request.labels ?? [])],
      },
      entities: [],
      preparsedPolicySetId: 'bench',
    })
    if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
    return answer.response.decision
  }
}
