import { newEnforcer, newModelFromString } from 'casbin'
import { compileGlob, type PolicyRequest, type Rule } from '../../src-main/engine/policy'

/** Allow unless denied, with our own patterns as the matching function, so that both engines do the same matching. */
const MODEL = `
[request_definition]
r = agent, type, name, op

[policy_definition]
p = agent, type, name, op, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.type == p.type && r.op == p.op && glob(r.name, p.name) && glob(r.agent, p.agent)
`

/** A line for each combination: casbin's rows hold one value in each column. */
const linesOf = (rule: Rule): string[][] =>
  (rule.match.agents ?? ['**']).flatMap((agent) =>
    (rule.match.resourceTypes ?? []).flatMap((type) =>
      rule.match.resources.flatMap((resource) =>
        rule.match.operations.map((operation) => [
          agent,
          type,
          resource,
          operation,
          rule.effect === 'Deny' ? 'deny' : 'allow',
        ]),
      ),
    ),
  )

/** The same rules in casbin, without labels and walls, which it would have to be taught. */
export const askCasbin = async (rules: readonly Rule[]): Promise<(request: PolicyRequest) => boolean> => {
  const enforcer = await newEnforcer(newModelFromString(MODEL))
  const globs = new Map<string, (text: string) => boolean>()
  await enforcer.addFunction('glob', (text: string, pattern: string) => {
    const known = globs.get(pattern) ?? compileGlob(pattern)
    globs.set(pattern, known)
    return known(text)
  })
  await enforcer.addPolicies(rules.flatMap(linesOf))
  return ({ agentName, resourceType, resource, operation }) =>
    enforcer.enforceSync(agentName, resourceType, resource, operation)
}
