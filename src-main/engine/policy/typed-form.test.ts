import { describe, expect, it } from 'vitest'
import { loadText } from './load'
import { MAX_POLICY_BYTES, parsePolicies, readPolicies } from './parse'

const NOW = Date.UTC(2026, 0, 7, 12)
const inFile = (policies: string, rest = ''): string => `version: "1.0"\npolicies:\n${policies}${rest}`
const typed = (lines: string): string => inFile(`  - id: "one"\n${lines}`)

describe('the typed form', () => {
  it('reads every part of a rule', () => {
    const text = typed(`    description: "All there is."
    priority: 7
    mode: audit
    match:
      principals: agent
      agents: ["sum*"]
      roles: [admin]
      labels: [blue]
      capabilities: [tools]
      security_tier: [tier1, maximum]
      resource_type: [Tool, Server]
      resources: ["a/**"]
      operations: [Execute]
      tools: ["git.*"]
      addresses: [10.0.0.0/8, metadata]
      times:
        - { days: [Mon, Tue], from: "22:00", to: "06:00", zone: Europe/Berlin }
        - { from: "00:00", to: "24:00", zone: UTC }
      environment: { stage: production, zone: [a, b] }
    effect: Limit
    limit:
      rate: { requests: 10, per: 1m, burst: 3 }
      bytes: { perRequest: 64KiB, perWindow: 10MB, window: 1h }
      concurrency: 2
    reason: "Be slow."
    obligations: { redact: [arguments.token], audit: full }
`)
    expect(parsePolicies(text)).toEqual([
      {
        name: 'one',
        priority: 7,
        mode: 'audit',
        effect: 'Limit',
        match: {
          principals: ['agent'],
          agents: ['sum*'],
          roles: ['admin'],
          labels: ['blue'],
          capabilities: ['tools'],
          securityLevels: ['standard', 'maximum'],
          resourceTypes: ['Tool', 'Server'],
          resources: ['a/**'],
          operations: ['Execute'],
          tools: ['git.*'],
          addresses: ['10.0.0.0/8', 'metadata'],
          times: [
            { days: ['Mon', 'Tue'], startMinute: 1320, endMinute: 360, zone: 'Europe/Berlin' },
            { days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], startMinute: 0, endMinute: 1440, zone: 'UTC' },
          ],
          environment: { stage: ['production'], zone: ['a', 'b'] },
        },
        limit: {
          rate: { requests: 10, perMs: 60_000, burst: 3 },
          bytes: { perRequest: 65_536, perWindow: { bytes: 10_000_000, windowMs: 3_600_000 } },
          concurrency: 2,
        },
        reason: 'Be slow.',
        obligations: { redact: ['arguments.token'], audit: 'full' },
        origin: 'file',
      },
    ])
  })

  it('stands beside the simple form in one file', () => {
    const text = inFile(
      '  - { id: "t", match: { tools: ["a.*"] }, effect: RequireApproval }\n  - { name: "s", effect: Deny, resources: ["x"], operations: [Read] }\n',
    )
    expect(parsePolicies(text).map(({ name, effect }) => [name, effect])).toEqual([
      ['t', 'RequireApproval'],
      ['s', 'Deny'],
    ])
  })

  it.each<[string, string, number, number, RegExp]>([
    ['an unknown key', '    match: { tool: [a] }\n    effect: Deny\n', 4, 14, /Unknown key "tool"/],
    [
      'a key of the simple form',
      '    match: {}\n    effect: Deny\n    conditions: []\n',
      6,
      5,
      /Unknown key "conditions"/,
    ],
    ['no match', '    effect: Deny\n', 3, 5, /"match" is missing/],
    [
      'an unknown effect',
      '    match: {}\n    effect: Permit\n',
      5,
      13,
      /"Permit" is not an effect; known are Allow, Limit/,
    ],
    [
      'a type in a list',
      '    match: { resource_type: [Tool, Tols] }\n    effect: Deny\n',
      4,
      36,
      /"Tols" is not a resource_type/,
    ],
    ['a type alone', '    match: { resource_type: Tols }\n    effect: Deny\n', 4, 29, /"Tols" is not a resource_type/],
    ['a bad glob', '    match: { resources: ["a/../b"] }\n    effect: Deny\n', 4, 26, /can never fit/],
    ['three stars', '    match: { agents: ["a***"] }\n    effect: Deny\n', 4, 23, /three stars/],
    ['a range with bits set', '    match: { addresses: [10.0.0.1/8] }\n    effect: Deny\n', 4, 26, /neither a range/],
    [
      'an unknown zone',
      '    match: { times: [{ from: "09:00", to: "10:00", zone: Mars }] }\n    effect: Deny\n',
      4,
      58,
      /not a time zone/,
    ],
    [
      'a time that is none',
      '    match: { times: [{ from: "9:00", to: "10:00", zone: UTC }] }\n    effect: Deny\n',
      4,
      30,
      /time of day/,
    ],
    ['Limit without limit', '    match: {}\n    effect: Limit\n', 5, 13, /needs "limit"/],
    [
      'limit without Limit',
      '    match: {}\n    effect: Allow\n    limit: { concurrency: 1 }\n',
      6,
      12,
      /only for the effect Limit/,
    ],
    ['a limit of nothing', '    match: {}\n    effect: Limit\n    limit: {}\n', 6, 12, /needs "rate", "bytes" or/],
    [
      'a rate of none',
      '    match: {}\n    effect: Limit\n    limit: { rate: { requests: 0, per: 1m } }\n',
      6,
      32,
      /"requests" must be at least/,
    ],
    [
      'a window without size',
      '    match: {}\n    effect: Limit\n    limit: { bytes: { window: 1m } }\n',
      6,
      21,
      /together/,
    ],
    [
      'a span without unit',
      '    match: {}\n    effect: Limit\n    limit: { rate: { requests: 1, per: "60" } }\n',
      6,
      40,
      /must be a time such as/,
    ],
    ['an unknown mode', '    match: {}\n    effect: Deny\n    mode: watch\n', 6, 11, /"watch" is not a mode/],
  ])('refuses %s with its place', (_what, lines, line, column, message) => {
    expect(() => parsePolicies(typed(lines))).toThrow(
      expect.objectContaining({
        code: 'POLICY_002',
        message: expect.stringMatching(message),
        details: { line, column, problem: expect.any(String) },
      }),
    )
  })

  it('reports every mistake, each with where it begins and ends', () => {
    const { problems } = readPolicies(
      inFile(
        '  - { id: "a", match: { tool: [x] }, effect: Deny }\n  - { id: "b", match: {}, effect: "Permit" }\n  - 5\n',
      ),
    )
    expect(problems.map(({ line, column, endColumn, code }) => [line, column, endColumn, code])).toEqual([
      [3, 25, 29, 'key.unknown'],
      [4, 35, 43, 'value.unknown'],
      [5, 5, 6, 'value.type'],
    ])
  })
})

describe('a large or hostile text', () => {
  const big = (bytes: number, line: string): string => line.repeat(Math.floor(bytes / line.length))
  const half = MAX_POLICY_BYTES / 2
  // A second for each on a quiet machine; the limit leaves room for a busy one.
  it.each([
    ['of 10 MB', big(10_000_000, '# x\n')],
    ['of nested lists', '['.repeat(half)],
    ['of nested maps', '{a: '.repeat(half / 4)],
    ['of nested blocks', big(half, '- ')],
    ['of anchors and aliases', inFile(big(half, '  - &a [*a, *a, *a]\n'))],
    ['of growing aliases', Array.from({ length: 40 }, (_, n) => `a${n}: &a${n} [*a${n - 1}, *a${n - 1}]`).join('\n')],
    ['of one key', big(half, 'a: 1\n')],
    ['of quotes', big(half, '"')],
    ['of tags', big(half, '!a ')],
    ['of anchors', big(half, '&a ')],
    ['of commas', `[${big(half, ',')}`],
    ['of wrong rules', inFile(big(half, '  - { id: "a", match: {}, effect: Permit }\n'))],
    ['of the same rule', inFile(big(half, '  - { id: "a", match: {}, effect: Deny }\n'))],
    ['of stars', inFile(`  - { id: "a", match: { resources: ["${'*a'.repeat(half / 4)}"] }, effect: Deny }\n`)],
  ])('%s is refused with its place, soon', { timeout: 20_000 }, (_what, text) => {
    expect(() => parsePolicies(text)).toThrow(
      expect.objectContaining({
        code: 'POLICY_002',
        details: { line: expect.any(Number), column: expect.any(Number), problem: expect.any(String) },
      }),
    )
  })
})

const hintsOf = (policies: string) => {
  const { problems } = readPolicies(inFile(policies))
  return problems.map(({ severity, code, line }) => [severity, code, line])
}
const one = (id: string, facts: string): string => `  - { id: "${id}", ${facts} }\n`

describe('hints', () => {
  const secret = 'resource_type: Secret, operations: [Read]'
  it.each([
    [
      'an Allow that a Deny covers',
      one('a', `match: { agents: [x], ${secret}, resources: ["p/q/**"] }, effect: Allow`) +
        one('d', `match: { ${secret}, resources: ["p/**"] }, effect: Deny`),
      [['warning', 'rule.unreachable', 3]],
    ],
    [
      'an Allow meant to beat a Deny by priority',
      one('a', `priority: 900, match: { agents: [x], ${secret}, resources: ["p/q"] }, effect: Allow`) +
        one('d', `match: { ${secret}, resources: ["p/**"] }, effect: Deny`),
      [['warning', 'rule.priority-over-deny', 3]],
    ],
    [
      'a Deny that only narrows an Allow',
      one('a', `priority: 900, match: { agents: [x], ${secret}, resources: ["p/**"] }, effect: Allow`) +
        one('d', `match: { ${secret}, resources: ["p/q/**"] }, effect: Deny`),
      [],
    ],
    [
      'a rule that another of higher priority covers',
      one('a', `match: { agents: [x], ${secret}, resources: ["p/q"] }, effect: RequireApproval`) +
        one('b', `priority: 200, match: { agents: [x], ${secret}, resources: ["p/*"] }, effect: Allow`) +
        one('c', `priority: 200, match: { agents: [x], ${secret}, resources: ["r/**"] }, effect: Allow`),
      [['warning', 'rule.shadowed', 3]],
    ],
    [
      'the later of two that say the same',
      one('a', `match: { ${secret}, resources: [p] }, effect: Deny`) +
        one('b', `match: { ${secret}, resources: [p] }, effect: Deny`),
      [['warning', 'rule.shadowed', 4]],
    ],
    [
      'two limits at one priority, which both count',
      one('a', `match: { agents: [x], ${secret} }, effect: Limit, limit: { concurrency: 1 }`) +
        one('b', `match: { agents: [x], ${secret} }, effect: Limit, limit: { concurrency: 2 }`),
      [],
    ],
    [
      'a rule that only watches',
      one('a', `mode: audit, match: { agents: [x], ${secret} }, effect: Allow`) +
        one('d', `match: { ${secret} }, effect: Deny`),
      [],
    ],
    [
      'a rule for every kind of resource',
      one('a', 'match: { resources: [p] }, effect: Allow'),
      [['warning', 'rule.over-broad', 3]],
    ],
    [
      'a pattern for everything',
      one('a', `match: { ${secret}, resources: ["p/**", "**"] }, effect: Allow`),
      [['warning', 'glob.over-broad', 3]],
    ],
    ['a pattern for everything that denies', one('a', 'match: { resources: ["**"] }, effect: Deny'), []],
    [
      'a pattern for everything, for one agent',
      one('a', `match: { agents: [x], ${secret}, resources: ["**"] }, effect: Allow`),
      [],
    ],
    [
      'a sign of other languages',
      one('a', `match: { ${secret}, resources: ["p/{a,b}"] }, effect: Deny`),
      [['warning', 'glob.literal', 3]],
    ],
    [
      'a range written as a host',
      one('a', 'match: { resource_type: Network, resources: ["10.0.0.0/8"] }, effect: Deny'),
      [['warning', 'glob.range', 3]],
    ],
    [
      'a path behind a host',
      one(
        'a',
        'match: { resource_type: Network, resources: ["example.org/api/**", "example.org/443", "*.example.org/**", "::1/80"] }, effect: Deny',
      ),
      [['warning', 'glob.path', 3]],
    ],
  ])('tell of %s', (_what, policies, expected) => {
    expect(hintsOf(policies)).toEqual(expected)
  })

  it('do not keep a text from taking effect', () => {
    const text = inFile(one('a', 'match: { resources: [p] }, effect: Allow'))
    expect(parsePolicies(text)).toHaveLength(1)
    expect(loadText(text, { nowMs: NOW, platform: 'posix' })).toMatchObject({
      error: null,
      problems: [{ severity: 'warning' }],
    })
  })

  it('stand at the pattern that they are about', () => {
    const [problem] = readPolicies(
      inFile('  - id: "a"\n    match:\n      resource_type: Secret\n      resources: ["p", "**"]\n    effect: Allow\n'),
    ).problems
    expect(problem).toMatchObject({ line: 6, column: 24, endLine: 6, endColumn: 28 })
  })
})

describe('tests in the file', () => {
  const rules = one(
    'read',
    'match: { principals: agent, resource_type: Secret, resources: ["demo/**"], operations: [Read] }, effect: Allow',
  )
  const test = (request: string, expected: string): string =>
    `tests:\n  - name: "t"\n    request: { resource_type: Secret, operation: Read, ${request} }\n    expect: ${expected}\n`
  const load = (rest: string) => loadText(inFile(rules, rest), { nowMs: NOW, platform: 'posix' })

  it.each([
    ['resource: demo/a', '{ decision: Allow, by: read }'],
    ['resource: demo/a', '{ decision: Allow }'],
    ['resource: prod/a', '{ decision: Deny, by: null }'],
    ['resource: demo/a, principal: engine', '{ decision: Deny }'],
    ['resource: demo/a, principal: operator', '{ decision: Allow, by: "builtin: the person at the console acts" }'],
  ])('%s → %s holds', (request, expected) => {
    const loaded = load(test(request, expected))
    expect(loaded.error).toBeNull()
    expect(loaded.tests.map(({ ok }) => ok)).toEqual([true])
  })

  it.each([
    ['resource: demo/a', '{ decision: Deny }', 'expects Deny; the answer is Allow by "read"'],
    ['resource: demo/a', '{ decision: Allow, by: other }', 'expects Allow by "other"; the answer is Allow by "read"'],
    ['resource: x', '{ decision: Allow }', 'expects Allow; the answer is Deny by no rule'],
  ])('%s → %s refuses the file at the line of what was expected', (request, expected, message) => {
    const loaded = load(test(request, expected))
    expect(loaded.set).toBeNull()
    expect(loaded.error).toMatchObject({ code: 'POLICY_002', details: { line: 7, column: 13, problem: 'test.failed' } })
    expect(loaded.error?.message).toContain(message)
    expect(loaded.tests.map(({ ok }) => ok)).toEqual([false])
  })

  it('can be asked at a time of their own, and of names that need addresses', () => {
    const text = inFile(
      one(
        'day',
        'match: { agents: [a], resource_type: Secret, times: [{ from: "09:00", to: "17:00", zone: UTC }] }, effect: Allow',
      ) + one('web', 'match: { agents: [a], resource_type: Network, resources: ["*.example.org/443"] }, effect: Allow'),
      `tests:
  - { name: day, request: { agent: a, resource_type: Secret, resource: x, operation: Read, at: "2026-01-07T09:00:00Z" }, expect: { decision: Allow, by: day } }
  - { name: night, request: { agent: a, resource_type: Secret, resource: x, operation: Read, at: "2026-01-07T08:59:00Z" }, expect: { decision: Deny } }
  - { name: web, request: { agent: a, resource_type: Network, resource: "https://www.example.org", operation: Connect }, expect: { decision: Allow } }
  - { name: rebound, request: { agent: a, resource_type: Network, resource: "https://www.example.org", operation: Connect, addresses: [10.0.0.1] }, expect: { decision: Deny } }
`,
    )
    expect(loadText(text, { nowMs: NOW, platform: 'posix' })).toMatchObject({ error: null, problems: [] })
  })
})
