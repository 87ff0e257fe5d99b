import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../testing/any-text'
import { createPolicySet } from './decide'
import { MAX_POLICY_BYTES, parsePolicies } from './parse'
import type { PolicyRequest } from './types'

const rule = (lines: string): string => `version: "1.0"
policies:
  - name: "one"
    effect: "Allow"
    resources: ["a"]
    operations: ["Read"]
${lines}`

const NOW = Date.UTC(2026, 0, 7, 12)
const setOf = (text: string) => createPolicySet({ rules: parsePolicies(text), text })

const refusedAt = (line: number, column: unknown, message: RegExp) =>
  expect.objectContaining({
    code: 'POLICY_002',
    message: expect.stringMatching(message),
    details: { line, column, problem: expect.any(String) },
  })

/** The sample policy file of the published runtime's description, word for word. */
const SAMPLE = `version: "1.0"
policies:
  - name: "default_file_access"
    priority: 100
    conditions:
      - resource_type: "File"
      - agent_security_level: "standard"
    effect: "Allow"
    resources:
      - "/tmp/**"
      - "/workspace/**"
    operations: ["Read", "Write"]
    
  - name: "network_restrictions"
    priority: 200
    conditions:
      - resource_type: "Network"
    effect: "Deny"
    resources:
      - "127.0.0.1/**"
      - "localhost/**"
    operations: ["Connect"]
`

describe('parsePolicies', () => {
  it('takes the published sample file unchanged, and it decides as it says', () => {
    const set = setOf(SAMPLE)
    const file: PolicyRequest = {
      principal: 'agent',
      agentName: 'a',
      securityLevel: 'standard',
      resourceType: 'File',
      resource: '/tmp/x/y',
      operation: 'Write',
    }
    expect(set.decide(file, NOW)).toMatchObject({ effect: 'Allow', rule: 'default_file_access' })
    expect(set.decide({ ...file, resource: '/workspace' }, NOW).effect).toBe('Allow')
    expect(set.decide({ ...file, resource: '/etc/passwd' }, NOW)).toMatchObject({ effect: 'Deny', rule: null })
    expect(set.decide({ ...file, securityLevel: 'none' }, NOW).effect).toBe('Deny')
    expect(set.decide({ ...file, operation: 'Delete' }, NOW).effect).toBe('Deny')
    const network: PolicyRequest = {
      ...file,
      resourceType: 'Network',
      resource: 'localhost/8080',
      operation: 'Connect',
    }
    expect(set.decide(network, NOW)).toMatchObject({ effect: 'Deny', rule: 'network_restrictions' })
    expect(set.decide({ ...network, resource: 'example.org/443' }, NOW)).toMatchObject({ effect: 'Deny', rule: null })
  })

  it('reads every part of a rule', () => {
    const [parsed] = parsePolicies(
      rule('    priority: 7\n    conditions: [{ agent_name: "sum*" }, { principal: agent }]\n'),
    )
    expect(parsed).toEqual({
      name: 'one',
      priority: 7,
      mode: 'enforce',
      effect: 'Allow',
      match: { principals: ['agent'], agents: ['sum*'], resources: ['a'], operations: ['Read'] },
      origin: 'file',
    })
    expect(parsePolicies('version: "1.0"\npolicies: []\n')).toEqual([])
  })

  it.each<[string, string, number, number, RegExp]>([
    ['an empty file', '', 1, 1, /must be a map/],
    ['only a comment', '# nothing\n', 1, 1, /must be a map/],
    ['a list at the top', '- a\n', 1, 1, /must be a map/],
    ['an unknown key at the top', 'version: "1.0"\npolicys: []\n', 2, 1, /Unknown key "policys"/],
    ['an unknown version', 'version: "2.0"\npolicies: []\n', 1, 10, /Version "2.0" is not known/],
    ['a version that is a number', 'version: 1.0\npolicies: []\n', 1, 10, /must be a text, in quotes/],
    ['no version', 'policies: []\n', 1, 1, /"version" is missing/],
    ['policies that are a map', 'version: "1.0"\npolicies: {}\n', 2, 11, /must be a list/],
    ['an unknown key in a rule', rule('    effects: "Deny"\n'), 7, 5, /Unknown key "effects"/],
    ['a key twice', rule('    effect: "Deny"\n'), 7, 5, /"effect" is given twice/],
    ['an unknown operation', rule('').replace('"Read"', '"Raed"'), 6, 18, /"Raed" is not an operation; known are Read/],
    ['an effect in small letters', rule('').replace('"Allow"', '"allow"'), 4, 13, /"allow" is not an effect/],
    ['an effect of other systems', rule('').replace('"Allow"', '"Permit"'), 4, 13, /is not an effect/],
    ['a name that is a number', rule('').replace('"one"', '5'), 3, 11, /"name" must be a text, in quotes/],
    ['an empty name', rule('').replace('"one"', '" "'), 3, 11, /"name" must not be empty/],
    ['no name', rule('').replace('- name: "one"', '- priority: 1'), 3, 5, /"name" is missing/],
    ['resources that are a text', rule('').replace('["a"]', '"a"'), 5, 16, /must be a list/],
    ['no resources', rule('').replace('["a"]', '[]'), 5, 16, /at least one entry/],
    ['an empty resource', rule('').replace('["a"]', '[""]'), 5, 17, /must not be empty/],
    ['a resource that is a number', rule('').replace('["a"]', '[1]'), 5, 17, /must be a text, in quotes/],
    ['a priority in quotes', rule('    priority: "9"\n'), 7, 15, /"priority" must be a number/],
    ['a priority that is nothing', rule('    priority:\n'), 7, 14, /"priority" must be a number/],
    ['an infinite priority', rule('    priority: .inf\n'), 7, 15, /"priority" must be a number/],
    ['an unknown condition', rule('    conditions: [{ agent: "x" }]\n'), 7, 20, /Unknown key "agent"/],
    [
      'two conditions in one',
      rule('    conditions: [{ principal: cli, agent_name: x }]\n'),
      7,
      18,
      /one key with one value/,
    ],
    [
      'an unknown type',
      rule('    conditions: [{ resource_type: "Files" }]\n'),
      7,
      35,
      /"Files" is not a resource_type/,
    ],
    ['a condition that is a text', rule('    conditions: ["principal"]\n'), 7, 18, /one key with one value/],
    ['a tab as indentation', 'version: "1.0"\npolicies:\n\t- name: "x"\n', 3, 1, /tab/i],
    ['an open quote', 'version: "1.0\n', 2, 1, /quote/i],
    ['two documents', 'version: "1.0"\n---\nversion: "1.0"\n', 2, 1, /document/i],
    ['an unknown tag', 'version: !wild "1.0"\npolicies: []\n', 1, 10, /tag/i],
    ['an alias', rule('    conditions: &c []\n  - *c\n'), 8, 5, /aliases are not allowed/],
    ['a condition twice', rule('    conditions: [{ agent_name: a }, { agent_name: b }]\n'), 7, 37, /given twice/],
    [
      'an alias as a text',
      rule('').replace('"one"', '&n "one"').replace('["a"]', '[*n]'),
      5,
      17,
      /aliases are not allowed/,
    ],
    ['a merge', rule('    <<: { name: "x" }\n'), 7, 5, /Unknown key "<<"/],
    ['a name twice', `${rule('')}${rule('').split('policies:\n')[1]}`, 7, 5, /two policies named "one"/],
  ])('refuses %s with its place', (_what, text, line, column, message) => {
    expect(() => parsePolicies(text)).toThrow(refusedAt(line, column, message))
  })

  it('refuses aliases that would grow without bound, at once', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const above = level === 0 ? '"x"' : `*a${level - 1}`
      return `  - &a${level} [${Array.from({ length: 10 }, () => above).join(', ')}]`
    })
    const text = `version: "1.0"\npolicies:\n${levels.join('\n')}\n`
    expect(() => parsePolicies(text)).toThrow(refusedAt(4, 10, /aliases are not allowed/))
  })

  // What took a time that grows with the square of the size, or worse, would not come to its end in the time given.
  it.each([
    ['too large', `# ${'x'.repeat(MAX_POLICY_BYTES)}`, /larger than 256 KiB/],
    ['nested too deeply', '['.repeat(20_000), /./],
    ['of very many keys', Array.from({ length: 22_000 }, (_, n) => `k${n}: 1`).join('\n'), /Unknown key "k0"/],
  ])('refuses a file that is %s, soon', { timeout: 20_000 }, (_what, text, message) => {
    expect(() => parsePolicies(text)).toThrow(refusedAt(1, expect.any(Number), message))
  })

  it('answers any text with rules or with POLICY_002 and a place', async () => {
    const word = fc.constantFrom(
      'version',
      'policies',
      'name',
      'effect',
      ': ',
      '- ',
      '\n',
      '  ',
      '"1.0"',
      '"Allow"',
      '[',
      ']',
      '{',
      '}',
      '*a',
      '&a',
      '#',
      '|',
      '>',
      '\t',
      '!x',
      '<<',
      '%',
    )
    const wild = fc.oneof(
      anyText({ maxLength: 80 }),
      fc.array(word, { maxLength: 40 }).map((w) => w.join('')),
    )
    await fc.assert(
      fc.asyncProperty(wild, async (text) => {
        const [result] = await Promise.allSettled([Promise.resolve(text).then(parsePolicies)])
        if (result.status === 'fulfilled') return
        expect(result.reason).toMatchObject({ code: 'POLICY_002' })
        expect(result.reason.details.line).toBeGreaterThanOrEqual(1)
        expect(result.reason.details.column).toBeGreaterThanOrEqual(1)
      }),
      { numRuns: 150 },
    )
  })
})

describe('the shipped policy file', () => {
  const text = readFileSync('resources/policies/default.yaml', 'utf8')
  const set = setOf(text)
  const agent = { principal: 'agent', agentName: 'any', securityLevel: 'standard' } as const

  it.each([
    ['Memory', 'self/notes', 'Read', 'Allow'],
    ['Memory', 'self/a/b', 'Write', 'Allow'],
    ['Memory', 'other/notes', 'Read', 'Deny'],
    ['Memory', 'self/notes', 'Delete', 'Deny'],
    ['Secret', 'demo/api-key', 'Read', 'Allow'],
    ['Secret', 'demo/api-key', 'Write', 'Deny'],
    ['Secret', 'prod/api-key', 'Read', 'Deny'],
    ['Tool', 'everything.echo', 'Execute', 'Allow'],
    ['Server', 'everything', 'Create', 'Deny'],
    ['Policy', 'file', 'Write', 'Deny'],
  ] as const)('%s %s, %s: %s', (resourceType, resource, operation, effect) => {
    expect(set.decide({ ...agent, resourceType, resource, operation }, NOW).effect).toBe(effect)
  })

  it('gives none of it to anyone but agents, and denies production secrets without walls by name', () => {
    const request = { resourceType: 'Secret', resource: 'demo/api-key', operation: 'Read' } as const
    expect(set.decide({ ...agent, ...request, principal: 'cli' }, NOW).effect).toBe('Deny')
    expect(set.decide({ ...agent, ...request, securityLevel: 'none', resource: 'prod/x' }, NOW).rule).toBe(
      'no production secrets without walls',
    )
  })
})
