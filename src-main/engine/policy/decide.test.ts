import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUILTIN_RULES } from './builtin'
import { createPolicySet } from './decide'
import { OPERATIONS, type PolicyRequest, RESOURCE_TYPES, type Rule, SECURITY_LEVELS } from './types'

const rule = (facts: Partial<Rule>): Rule => ({
  name: 'rule',
  priority: 100,
  effect: 'Allow',
  conditions: [],
  resources: ['**'],
  operations: ['Read'],
  origin: 'file',
  ...facts,
})

const request = (facts: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: 'agent',
  agentName: 'ada',
  securityLevel: 'standard',
  resourceType: 'Secret',
  resource: 'demo/key',
  operation: 'Read',
  ...facts,
})

const anyRequest: fc.Arbitrary<PolicyRequest> = fc.record({
  principal: fc.constantFrom('operator', 'cli', 'agent', 'engine'),
  agentName: fc.constantFrom('', 'ada', 'bob'),
  securityLevel: fc.constantFrom(null, ...SECURITY_LEVELS),
  resourceType: fc.constantFrom(...RESOURCE_TYPES),
  resource: fc.constantFrom('a', 'a/b', 'a/b/c', 'b', '', '../a'),
  operation: fc.constantFrom(...OPERATIONS),
})

const anyRule: fc.Arbitrary<Rule> = fc.record({
  name: fc.string(),
  priority: fc.integer({ min: -1000, max: 1000 }),
  effect: fc.constantFrom('Allow', 'Deny'),
  conditions: fc.array(
    fc.oneof(
      fc.record({ key: fc.constant('resource_type' as const), value: fc.constantFrom(...RESOURCE_TYPES) }),
      fc.record({ key: fc.constant('principal' as const), value: fc.constantFrom('agent', 'cli') }),
      fc.record({ key: fc.constant('agent_name' as const), value: fc.constantFrom('*', 'a*', 'bob') }),
      fc.record({ key: fc.constant('agent_security_level' as const), value: fc.constantFrom(...SECURITY_LEVELS) }),
    ),
    { maxLength: 2 },
  ),
  resources: fc.array(fc.constantFrom('**', 'a', 'a/*', 'a/**', 'b'), { minLength: 1, maxLength: 3 }),
  operations: fc.uniqueArray(fc.constantFrom(...OPERATIONS), { minLength: 1 }),
  origin: fc.constant('file'),
})

describe('a policy set', () => {
  it('P1: denies what no rule allows, and says so', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        expect(createPolicySet([], '').decide(asked)).toMatchObject({ effect: 'Deny', rule: null, matched: [] })
      }),
    )
    expect(createPolicySet([], '').decide(request()).reason).toBe(
      'No rule allows Read on Secret demo/key; what is not allowed is denied.',
    )
    expect(createPolicySet([rule({})], '').decide(request())).toMatchObject({ effect: 'Allow', rule: 'rule' })
  })

  it('P2: Deny wins, whatever the order and the priorities', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 6 }), anyRequest, fc.integer(), (rules, asked, position) => {
        const denying = rule({ name: 'the denial', effect: 'Deny', priority: -5000, operations: [...OPERATIONS] })
        const at = Math.abs(position) % (rules.length + 1)
        const set = createPolicySet([...rules.slice(0, at), denying, ...rules.slice(at), ...BUILTIN_RULES], '')
        expect(set.decide(asked).effect).toBe('Deny')
      }),
    )
  })

  it('decides the same in any order of the rules', () => {
    const shuffled = fc
      .array(anyRule, { maxLength: 6 })
      .chain((rules) => fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length })))
    fc.assert(
      fc.property(shuffled, anyRequest, ([rules, others], asked) => {
        expect(createPolicySet(others, '').decide(asked).effect).toBe(createPolicySet(rules, '').decide(asked).effect)
      }),
    )
  })

  it('a further Allow never denies, and a further Deny never allows', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 5 }), anyRule, anyRequest, (rules, further, asked) => {
        const before = createPolicySet(rules, '').decide(asked).effect
        const after = createPolicySet([...rules, further], '').decide(asked).effect
        expect(after === before || after === further.effect).toBe(true)
      }),
    )
  })

  it('names all rules that fit, by priority, and the one that decided', () => {
    const set = createPolicySet(
      [rule({ name: 'low', priority: 1 }), rule({ name: 'high', priority: 9 }), rule({ name: 'no', resources: ['x'] })],
      'text',
    )
    expect(set.decide(request())).toMatchObject({ effect: 'Allow', rule: 'high', matched: ['high', 'low'] })
    expect(set.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(createPolicySet([], 'other text').hash).not.toBe(set.hash)
  })

  it.each([
    [{ key: 'agent_name', value: 'a*' }, {}, true],
    [{ key: 'agent_name', value: 'b*' }, {}, false],
    [{ key: 'agent_name', value: '**' }, { principal: 'cli', agentName: '' }, false],
    [{ key: 'agent_security_level', value: 'standard' }, {}, true],
    [{ key: 'agent_security_level', value: 'standard' }, { securityLevel: 'none' }, false],
    [{ key: 'agent_security_level', value: 'standard' }, { securityLevel: null }, false],
    [{ key: 'resource_type', value: 'Secret' }, {}, true],
    [{ key: 'resource_type', value: 'Tool' }, {}, false],
    [{ key: 'principal', value: 'agent' }, {}, true],
    [{ key: 'principal', value: 'engine' }, {}, false],
  ] as const)('the condition %j on %j holds: %s', (condition, facts, holds) => {
    const set = createPolicySet([rule({ conditions: [condition] })], '')
    expect(set.decide(request(facts)).effect).toBe(holds ? 'Allow' : 'Deny')
  })

  it('P3: a rule that fails denies when it is a Deny and allows nothing when it is an Allow', () => {
    const failing = (effect: Rule['effect']): Rule => {
      const broken = rule({ name: `broken ${effect}`, effect })
      return Object.defineProperty({ ...broken }, 'operations', {
        get: () => {
          throw new Error('cannot be evaluated')
        },
      })
    }
    expect(createPolicySet([failing('Allow')], '').decide(request()).effect).toBe('Deny')
    expect(createPolicySet([failing('Allow'), rule({})], '').decide(request()).rule).toBe('rule')
    expect(createPolicySet([failing('Deny'), rule({})], '').decide(request())).toMatchObject({
      effect: 'Deny',
      rule: 'broken Deny',
    })
  })

  it.each(['/tmp/../etc/passwd', '..', './x', '/tmp/.', 'a\\..\\b', '/tmp/x\0.txt'])(
    'P5: denies the name %j before any rule is asked',
    (resource) => {
      const set = createPolicySet([rule({})], '')
      expect(set.decide(request({ resource }))).toMatchObject({ effect: 'Deny', rule: null, matched: [] })
    },
  )

  it.each(['/tmp/..x', 'a.b', '...', '.hidden', 'server.tool'])('takes the name %j', (resource) => {
    expect(createPolicySet([rule({})], '').decide(request({ resource })).effect).toBe('Allow')
  })
})

describe('the rules that ship with the product', () => {
  const set = createPolicySet(BUILTIN_RULES, '')

  it('let people act and let an agent do nothing but report on its own run', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        fc.pre(asked.resource !== '../a')
        const own = asked.resourceType === 'Run' && asked.resource === 'self' && asked.operation === 'Write'
        if (asked.principal === 'agent') expect(set.decide(asked).effect).toBe(own ? 'Allow' : 'Deny')
        if (asked.principal === 'operator' || asked.principal === 'cli') expect(set.decide(asked).effect).toBe('Allow')
      }),
    )
    const report = request({ resourceType: 'Run', resource: 'self', operation: 'Write' })
    expect(set.decide(report).effect).toBe('Allow')
  })

  it('only allow, so a denial of the file always wins over them', () => {
    expect(BUILTIN_RULES.map(({ effect }) => effect)).toEqual(BUILTIN_RULES.map(() => 'Allow'))
  })
})
