import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUILTIN_RULES } from './builtin'
import { createPolicySet, type PolicySet } from './decide'
import { explain } from './explain'
import { anyRequest, anyRule, rule } from './fixtures/any-rule'
import { EFFECTS, type Match, OPERATIONS, type PolicyRequest, type Rule } from './types'

/** Thousands of sets are made: seconds on a busy machine. */
const SLOW = { timeout: 30_000 }
const NOW = Date.UTC(2026, 0, 7, 12)

const setOf = (rules: readonly Rule[], text = ''): PolicySet => createPolicySet({ rules, text })
const ask = (rules: readonly Rule[], asked: PolicyRequest) => setOf(rules).decide(asked, NOW)

const request = (facts: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: 'agent',
  agentName: 'ada',
  securityLevel: 'standard',
  resourceType: 'Secret',
  resource: 'demo/key',
  operation: 'Read',
  ...facts,
})

describe('a policy set', () => {
  it('P1: denies what no rule allows, and says so', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        expect(ask([], asked)).toMatchObject({ effect: 'Deny', rule: null, matched: [] })
      }),
    )
    expect(ask([], request()).reason).toBe('No rule allows Read on Secret demo/key; what is not allowed is denied.')
    expect(ask([rule({})], request())).toMatchObject({ effect: 'Allow', rule: 'rule' })
  })

  it('P2: Deny wins, whatever the order and the priorities', SLOW, () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 6 }), anyRequest, fc.integer(), (rules, asked, position) => {
        const denying = rule({ name: 'the denial', effect: 'Deny', priority: -5000 }, { operations: OPERATIONS })
        const at = Math.abs(position) % (rules.length + 1)
        const all = [...rules.slice(0, at), denying, ...rules.slice(at), ...BUILTIN_RULES]
        expect(ask(all, asked).effect).toBe('Deny')
      }),
    )
  })

  it('decides the same in any order of the rules', SLOW, () => {
    const shuffled = fc
      .array(anyRule, { maxLength: 6 })
      .chain((rules) => fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length })))
    fc.assert(
      fc.property(shuffled, anyRequest, ([rules, others], asked) => {
        expect(ask(others, asked)).toEqual(ask(rules, asked))
      }),
    )
  })

  it('a further rule moves the answer only towards what it says itself', SLOW, () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 5 }), anyRule, anyRequest, (rules, further, asked) => {
        fc.pre(!rules.some(({ name }) => name === further.name))
        const before = ask(rules, asked).effect
        const after = ask([...rules, further], asked).effect
        expect(after === before || (after === further.effect && further.mode === 'enforce')).toBe(true)
      }),
    )
  })

  it('finds through its index what asking every rule finds', SLOW, () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 12 }), anyRequest, (rules, asked) => {
        const set = setOf(rules)
        expect(set.decide(asked, NOW)).toEqual(explain(set, asked, NOW).decision)
      }),
      { numRuns: 1500 },
    )
  })

  it('names all rules that fit, by priority, and the one that decided', () => {
    const set = setOf(
      [
        rule({ name: 'low', priority: 1 }),
        rule({ name: 'high', priority: 9 }),
        rule({ name: 'no' }, { resources: ['x'] }),
      ],
      'text',
    )
    expect(set.decide(request(), NOW)).toMatchObject({ effect: 'Allow', rule: 'high', matched: ['high', 'low'] })
    expect(set.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(setOf([], 'other text').hash).not.toBe(set.hash)
  })

  it.each<[readonly Rule[], Rule['effect'], string]>([
    [[rule({ name: 'a', effect: 'Allow' }), rule({ name: 'b', effect: 'RequireApproval' })], 'RequireApproval', 'b'],
    [[rule({ name: 'a', effect: 'Allow' }), rule({ name: 'b', effect: 'Limit' })], 'Limit', 'b'],
    [[rule({ name: 'a', effect: 'Limit' }), rule({ name: 'b', effect: 'RequireApproval' })], 'RequireApproval', 'b'],
    [
      [rule({ name: 'a', effect: 'Allow', priority: 900 }), rule({ name: 'b', effect: 'RequireApproval' })],
      'Allow',
      'a',
    ],
    [
      [rule({ name: 'a', effect: 'Limit', priority: 900 }), rule({ name: 'b', effect: 'RequireApproval' })],
      'Limit',
      'a',
    ],
    [[rule({ name: 'a', effect: 'Allow', priority: 900 }), rule({ name: 'b', effect: 'Deny' })], 'Deny', 'b'],
  ])('P2: among rules that do not deny priority comes first, then strictness (%#)', (rules, effect, by) => {
    expect(ask(rules, request())).toMatchObject({ effect, rule: by })
    expect(ask([...rules].reverse(), request())).toMatchObject({ effect, rule: by })
  })

  it('keeps every limit of the highest priority, also beside a question to a person', () => {
    const limit = { concurrency: 1 }
    const rules = [
      rule({ name: 'one', effect: 'Limit', limit }),
      rule({ name: 'two', effect: 'Limit', limit: { concurrency: 2 } }),
      rule({ name: 'low', effect: 'Limit', limit, priority: 1 }),
    ]
    expect(ask(rules, request()).limits.map(({ rule: name }) => name)).toEqual(['one', 'two'])
    const asking = [...rules, rule({ name: 'person', effect: 'RequireApproval' })]
    expect(ask(asking, request())).toMatchObject({ effect: 'RequireApproval', volatile: true })
    expect(ask(asking, request()).limits).toHaveLength(2)
    const denied = [...rules, rule({ name: 'no', effect: 'Deny' })]
    expect(ask(denied, request()).limits).toEqual([])
  })

  it('lets a rule in mode audit decide nothing and reports what it would have said', () => {
    const watching = rule({ name: 'watch', effect: 'Deny', mode: 'audit', priority: 999 })
    expect(ask([rule({}), watching], request())).toMatchObject({
      effect: 'Allow',
      matched: ['rule'],
      wouldHave: [{ rule: 'watch', effect: 'Deny' }],
    })
    expect(ask([{ ...watching, effect: 'Allow' }], request())).toMatchObject({ effect: 'Deny', rule: null })
    expect(ask([rule({}), { ...watching, mode: 'enforce' }], request()).effect).toBe('Deny')
  })

  it('puts together what all rules that fit oblige to', () => {
    const rules = [
      rule({ name: 'a', obligations: { redact: ['arguments.token'] } }),
      rule({
        name: 'b',
        obligations: { redact: ['arguments.password', 'arguments.token'], audit: 'full' },
        priority: 1,
      }),
    ]
    const owed = { redact: ['arguments.password', 'arguments.token'], audit: 'full' }
    expect(ask(rules, request()).obligations).toEqual(owed)
    expect(ask([rule({})], request()).obligations).toEqual({ redact: [], audit: 'basic' })
  })

  it('adds the reason that a rule gives', () => {
    const [asking] = [rule({ name: 'p', effect: 'RequireApproval', reason: 'It costs money.' })]
    expect(ask([asking], request()).reason).toBe(
      'The rule "p" asks a person about Read on Secret demo/key. It costs money.',
    )
  })

  const agent = { agents: ['a*'] }
  it.each<[Partial<Match>, Partial<PolicyRequest>, boolean]>([
    [agent, {}, true],
    [{ agents: ['b*'] }, {}, false],
    [{ agents: ['b*', 'ad?'] }, {}, true],
    [{ agents: ['**'] }, { principal: 'cli', agentName: '' }, false],
    [{ securityLevels: ['standard'] }, {}, true],
    [{ securityLevels: ['standard'] }, { securityLevel: 'none' }, false],
    [{ securityLevels: ['standard', 'none'] }, { securityLevel: 'none' }, true],
    [{ securityLevels: ['standard'] }, { securityLevel: null }, false],
    [{ resourceTypes: ['Secret'] }, {}, true],
    [{ resourceTypes: ['Tool'] }, {}, false],
    [{ principals: ['agent'] }, {}, true],
    [{ principals: ['engine'] }, {}, false],
    [{ roles: ['admin'] }, { roles: ['reader', 'admin'] }, true],
    [{ roles: ['admin'] }, { roles: ['reader'] }, false],
    [{ roles: ['admin'] }, {}, false],
    [{ labels: ['team-*'] }, { labels: ['team-blue'] }, true],
    [{ labels: ['team-*'] }, { labels: ['blue'] }, false],
    [{ capabilities: ['tools'] }, { capabilities: ['tools'] }, true],
    [{ capabilities: ['tools'] }, { capabilities: [] }, false],
    [{ tools: ['git.*'] }, { tool: 'git.push' }, true],
    [{ tools: ['git.*'] }, { tool: 'svn.push' }, false],
    [{ tools: ['git.*'] }, {}, false],
    [{ tools: ['git.*'] }, { resourceType: 'Tool', resource: 'git.push' }, true],
    [{ environment: { stage: ['prod*'] } }, { environment: { stage: 'production' } }, true],
    [{ environment: { stage: ['prod*'] } }, { environment: { stage: 'test' } }, false],
    [{ environment: { stage: ['prod*'] } }, {}, false],
    [{ environment: { stage: ['**'], zone: ['a'] } }, { environment: { stage: 'x' } }, false],
    [{ addresses: ['internal'] }, {}, false],
  ])('the match %j on %j holds: %s', (match, facts, holds) => {
    expect(ask([rule({}, match)], request(facts)).effect).toBe(holds ? 'Allow' : 'Deny')
  })

  const office = {
    days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'],
    startMinute: 540,
    endMinute: 1020,
    zone: 'Europe/Berlin',
  } as const
  const night = { days: ['Wed'], startMinute: 1320, endMinute: 360, zone: 'UTC' } as const
  it.each([
    [office, '2026-01-07T08:00:00Z', true],
    [office, '2026-01-07T07:59:59Z', false],
    [office, '2026-01-07T16:00:00Z', false],
    [office, '2026-07-08T07:00:00Z', true],
    [office, '2026-01-10T10:00:00Z', false],
    [night, '2026-01-07T22:00:00Z', true],
    [night, '2026-01-08T05:59:00Z', true],
    [night, '2026-01-08T06:00:00Z', false],
    [night, '2026-01-08T22:00:00Z', false],
    [night, '2026-01-07T05:00:00Z', false],
  ])('the window %j at %s is open: %s, and the answer is not for keeping', (window, at, open) => {
    const decision = setOf([rule({}, { times: [window] })]).decide(request(), Date.parse(at))
    expect(decision).toMatchObject({ effect: open ? 'Allow' : 'Deny', volatile: true })
    // The time has no part in what a rule does not speak of.
    const other = setOf([rule({}, { times: [window] })]).decide(
      request({ resource: 'x', operation: 'List' }),
      Date.parse(at),
    )
    expect(other.volatile).toBe(false)
  })

  it.each(EFFECTS)('P3: a rule with effect %s that fails allows nothing, and is reported', (effect) => {
    const broken = rule({ name: 'broken', effect }, { addresses: ['not a range'] })
    const failing: Rule = { ...broken, match: { ...broken.match, labels: ['x'], addresses: ['internal'] } }
    const asked = request()
    const throwing = Object.defineProperty({ ...asked }, 'labels', {
      get: () => {
        throw new Error('cannot be evaluated')
      },
    })
    for (const decision of [ask([broken, rule({})], asked), ask([failing, rule({})], throwing)]) {
      expect(decision).toMatchObject(
        effect === 'Deny' ? { effect: 'Deny', rule: 'broken' } : { effect: 'Allow', rule: 'rule' },
      )
      expect(decision.errors).toEqual([{ rule: 'broken', message: expect.any(String) }])
    }
    expect(ask([broken], asked).effect).toBe('Deny')
    expect(ask([failing], throwing).effect).toBe('Deny')
  })

  it.each(['/tmp/../etc/passwd', '..', './x', '/tmp/.', 'a\\..\\b', '/tmp/x\0.txt'])(
    'P5: denies the name %j before any rule is asked',
    (resource) => {
      expect(ask([rule({})], request({ resource }))).toMatchObject({ effect: 'Deny', rule: null, matched: [] })
    },
  )

  it.each(['/tmp/..x', 'a.b', '...', '.hidden', 'server.tool'])('takes the name %j', (resource) => {
    expect(ask([rule({})], request({ resource })).effect).toBe('Allow')
  })
})

describe('the rules that ship with the product', () => {
  const set = setOf(BUILTIN_RULES)

  it('let people act and let an agent do nothing but report on its own run', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        // Where a connection leads must be known, and an inner network named, for people too.
        fc.pre(asked.resource !== '../a' && asked.realPath === undefined && asked.resourceType !== 'Network')
        const own = asked.resourceType === 'Run' && asked.resource === 'self' && asked.operation === 'Write'
        if (asked.principal === 'agent') expect(set.decide(asked, NOW).effect).toBe(own ? 'Allow' : 'Deny')
        if (asked.principal === 'operator' || asked.principal === 'cli')
          expect(set.decide(asked, NOW).effect).toBe('Allow')
      }),
    )
    const report = request({ resourceType: 'Run', resource: 'self', operation: 'Write' })
    expect(set.decide(report, NOW).effect).toBe('Allow')
  })

  it('only allow, so a denial of the file always wins over them', () => {
    expect(BUILTIN_RULES.map(({ effect }) => effect)).toEqual(BUILTIN_RULES.map(() => 'Allow'))
  })
})
