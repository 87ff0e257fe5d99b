import { describe, expect, it } from 'vitest'
import schema from '../../../resources/policies/policy.schema.json'
import { type JsonSchema, suggestAt } from './schema-completion'

/** What is offered where the bar stands. */
const offered = (marked: string): readonly string[] => {
  const offset = marked.indexOf('|')
  const text = marked.slice(0, offset) + marked.slice(offset + 1)
  return suggestAt(schema as JsonSchema, text, offset)?.options.map(({ label }) => label) ?? []
}

describe('completion from the schema', () => {
  it('offers the keys of the file, without those that are there', () => {
    expect(offered('|')).toEqual(['version', 'policies', 'tests'])
    expect(offered('version: "1.0"\npo|')).toEqual(['policies', 'tests'])
  })

  it('offers the keys of both forms of a rule in a list item', () => {
    const keys = offered('policies:\n  - |')
    expect(keys).toContain('name')
    expect(keys).toContain('id')
    expect(keys).toContain('effect')
    expect(offered('policies:\n- i|')).toContain('id')
  })

  it('leaves out what the same rule has, not what the next one has', () => {
    const keys = offered('policies:\n  - id: a\n    effect: Deny\n    |\n  - id: b\n    priority: 3\n')
    expect(keys).not.toContain('id')
    expect(keys).not.toContain('effect')
    expect(keys).toContain('priority')
  })

  it('offers values for a key, in a list on one line, and in a list on several', () => {
    expect(offered('policies:\n  - id: a\n    effect: |')).toEqual(['Allow', 'Limit', 'RequireApproval', 'Deny'])
    expect(offered('policies:\n  - id: a\n    effect: De|')).toContain('Deny')
    expect(offered('policies:\n  - id: a\n    match:\n      operations: [Read, |')).toContain('Write')
    expect(offered('policies:\n  - name: a\n    operations:\n      - |')).toContain('Execute')
    expect(offered('policies:\n  - name: a\n    conditions:\n      - resource_type: S|')).toContain('Secret')
  })

  it('knows where it is below deeper keys', () => {
    expect(offered('policies:\n  - id: a\n    match:\n      |')).toContain('security_tier')
    expect(offered('policies:\n  - id: a\n    limit:\n      rate:\n        |')).toEqual(['requests', 'per', 'burst'])
    expect(offered('tests:\n  - name: t\n    request:\n      |')).toContain('resource_type')
  })

  it('offers nothing in comments, in free text, and where the schema is silent', () => {
    expect(offered('# ef|')).toEqual([])
    expect(offered('policies:\n  - id: some na|')).toEqual([])
    expect(offered('unheard:\n  - |')).toEqual([])
  })

  it('writes a word that YAML would read as something else in quotes', () => {
    expect(suggestAt(schema as JsonSchema, 'version: ', 9)?.options[0]?.text).toBe('"1.0"')
  })
})
