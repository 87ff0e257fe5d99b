import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRules } from './combine'
import { createPolicySet } from './decide'
import { toCedar, toCedarCall } from './fixtures/to-cedar'
import {
  EFFECTS,
  type Match,
  OPERATIONS,
  type PolicyRequest,
  PRINCIPALS,
  type Rule,
  SECURITY_LEVELS,
  WEEKDAYS,
} from './types'

/** How many random requests; SYMBI_ORACLE_REQUESTS=100000 for the full run. */
const REQUESTS = Number(process.env['SYMBI_ORACLE_REQUESTS'] ?? 5_000)
const REQUESTS_PER_SET = 100

const operation = fc.constantFrom(...OPERATIONS.slice(0, 3))
const type = fc.constantFrom('File', 'Secret', 'Tool', 'Knowledge', 'Network' as const)
const few = <T>(item: fc.Arbitrary<T>, maxLength = 3) => fc.uniqueArray(item, { minLength: 1, maxLength })
/** Given now and then: a rule with every condition hardly ever fits. */
const maybe = <T>(item: fc.Arbitrary<T>, without = 3) =>
  fc.oneof({ weight: without, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: item })
const word = fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', 'team', 'team-1', 'x.y')
const partGlob = fc.oneof(word, fc.constantFrom('*', 'a*', '*b', 'a*b', 'team*', '*.*', 't*m*1'))
const glob = fc.oneof(
  fc.array(partGlob, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  fc.array(partGlob, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join('/')}/**`),
  partGlob.map((part) => `**/${part}`),
  fc.constant('**'),
  fc.constant('**'),
)
const window = fc
  .record({
    days: few(fc.constantFrom(...WEEKDAYS), 7),
    from: fc.integer({ min: 0, max: 1439 }),
    length: fc.integer({ min: 1, max: 900 }),
  })
  .map(({ days, from, length }) => ({ days, startMinute: from, endMinute: Math.min(1440, from + length), zone: 'UTC' }))

const given = <T extends object>(made: T) =>
  Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined))

const anyMatch = fc
  .record({
    resources: few(glob),
    operations: few(operation),
    principals: maybe(few(fc.constantFrom(...PRINCIPALS))),
    agents: maybe(few(fc.constantFrom('*', 'a*', 'bob', '*b', 'ada'))),
    securityLevels: maybe(few(fc.constantFrom(...SECURITY_LEVELS))),
    resourceTypes: maybe(few(type)),
    roles: maybe(few(fc.constantFrom('r1', 'r2', 'r3'))),
    labels: maybe(few(fc.constantFrom('l1', 'l2')), 4),
    tools: maybe(few(fc.constantFrom('git.*', '*.push', 'a', 'team*')), 6),
    environment: maybe(
      fc.dictionary(fc.constantFrom('stage', 'zone'), few(fc.constantFrom('a', 'b')), { minKeys: 1 }),
      6,
    ),
    times: maybe(few(window, 2), 4),
  })
  .map((match) => given(match) as unknown as Match)

/** Rules for connections speak of ranges; what a star means for inner networks is our own and is tested elsewhere. */
const networkMatch = fc
  .record({
    match: anyMatch,
    addresses: few(fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '203.0.113.0/24', 'fd00::/8', '2001:db8::/32')),
  })
  .map(({ match, addresses }): Match => {
    const { tools: _tools, ...rest } = match
    return { ...rest, resourceTypes: ['Network'], resources: ['**'], addresses }
  })
const otherMatch = anyMatch.map(
  (match): Match => ({
    ...match,
    resourceTypes: (match.resourceTypes ?? ['File', 'Secret', 'Tool', 'Knowledge'])
      .filter((name) => name !== 'Network')
      .concat(match.resourceTypes?.length === 1 && match.resourceTypes[0] === 'Network' ? ['Secret'] : []),
  }),
)

const anyRules: fc.Arbitrary<readonly Rule[]> = fc
  .array(
    fc.record({
      priority: fc.integer({ min: 0, max: 2 }),
      effect: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...EFFECTS.slice(0, 3)) },
        { weight: 1, arbitrary: fc.constant('Deny' as const) },
      ),
      match: fc.oneof({ weight: 5, arbitrary: otherMatch }, { weight: 1, arbitrary: networkMatch }),
    }),
    { minLength: 5, maxLength: 40 },
  )
  .map((made) =>
    made.map(({ priority, effect, match }, at) => ({
      name: `r${String(at).padStart(2, '0')}`,
      priority,
      effect,
      match,
      mode: 'enforce' as const,
      origin: 'file' as const,
      ...(effect === 'Limit' ? { limit: { concurrency: 1 } } : {}),
    })),
  )

const anyAsk = fc
  .record({
    principal: fc.constantFrom('operator', 'cli', 'agent', 'agent', 'agent', 'engine' as const),
    agentName: fc.constantFrom('ada', 'bob', 'rob', 'abe'),
    securityLevel: fc.constantFrom(null, ...SECURITY_LEVELS),
    resourceType: type,
    resource: fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    address: fc.constantFrom('10.0.0.1', '10.1.2.3', '203.0.113.9', '198.51.100.1', 'fd00::1', '2001:db8::1'),
    operation,
    roles: maybe(fc.uniqueArray(fc.constantFrom('r1', 'r2', 'r3')), 1),
    labels: maybe(fc.uniqueArray(fc.constantFrom('l1', 'l2')), 1),
    tool: maybe(fc.constantFrom('git.push', 'git.pull', 'a', 'svn.push'), 1),
    environment: maybe(fc.dictionary(fc.constantFrom('stage', 'zone'), fc.constantFrom('a', 'b', 'c')), 1),
    minute: fc.integer({ min: 0, max: 7 * 1440 - 1 }),
  })
  .map(({ address, minute, ...made }) => ({
    atMs: Date.UTC(2026, 0, 5) + minute * 60_000,
    request: {
      ...given(made),
      agentName: made.principal === 'agent' ? made.agentName : '',
      resource: made.resourceType === 'Network' ? address : made.resource,
    } as unknown as PolicyRequest,
  }))

/** What Cedar says, put together by the rule for priorities, which Cedar does not know. */
const cedarAnswer = (
  id: string,
  rules: readonly Rule[],
  { request, atMs }: { request: PolicyRequest; atMs: number },
) => {
  const answer = statefulIsAuthorized({ ...toCedarCall(request, atMs), preparsedPolicySetId: id })
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const { decision, diagnostics } = answer.response
  const [problem] = diagnostics.errors
  if (problem !== undefined) throw new Error(problem.error.message)
  const satisfied = rules.filter(({ name }) => diagnostics.reason.includes(name)).sort(compareRules)
  return {
    effect: decision === 'deny' ? 'Deny' : (satisfied[0]?.effect ?? 'none'),
    // Cedar names every rule that brought its answer about: all that forbid, or all that permit.
    by: satisfied.map(({ name }) => name),
  }
}

describe('beside Cedar', () => {
  it(`answers ${REQUESTS} random requests the same way`, { timeout: 60_000 + REQUESTS * 20 }, () => {
    const seen: Record<string, number> = {}
    let asked = 0
    const asks = fc.array(anyAsk, { minLength: REQUESTS_PER_SET, maxLength: REQUESTS_PER_SET })
    fc.assert(
      fc.property(anyRules, asks, (rules, requests) => {
        const set = createPolicySet({ rules, text: '' })
        const parsed = preparsePolicySet('oracle', {
          staticPolicies: Object.fromEntries(rules.map((rule) => [rule.name, toCedar(rule)])),
        })
        expect(parsed).toEqual({ type: 'success' })
        for (const one of requests) {
          const decision = set.decide(one.request, one.atMs)
          const denying = decision.effect === 'Deny'
          const ours = {
            effect: decision.effect,
            by: decision.matched.filter(
              (name) => !denying || rules.some((rule) => rule.name === name && rule.effect === 'Deny'),
            ),
          }
          const theirs = cedarAnswer('oracle', rules, one)
          const concerned = rules.filter(({ name }) => ours.by.includes(name) !== theirs.by.includes(name))
          expect(ours, JSON.stringify({ ...one, concerned })).toEqual(theirs)
          asked += 1
          const kind = decision.rule === null ? 'default Deny' : decision.effect
          seen[kind] = (seen[kind] ?? 0) + 1
        }
      }),
      { numRuns: Math.ceil(REQUESTS / REQUESTS_PER_SET), endOnFailure: true },
    )
    expect(asked).toBeGreaterThanOrEqual(REQUESTS)
    // The comparison says little unless every kind of answer comes up often.
    for (const kind of ['default Deny', ...EFFECTS]) expect(seen[kind] ?? 0).toBeGreaterThan(REQUESTS / 100)
    process.stdout.write(`${asked} requests, 0 disagreements: ${JSON.stringify(seen)}\n`)
  })
})
