import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ADDRESS_CLASSES } from './address'
import { parsePolicies } from './parse'
import { OPERATIONS, RESOURCE_TYPES } from './types'

const page = readFileSync('docs/policies.md', 'utf8')
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((found) => found[1] ?? '')

const asFile = (example: string): string => {
  if (example.startsWith('version')) return example
  const head = 'version: "1.0"\n'
  return example.startsWith('tests:')
    ? `${head}policies: []\n${example}`
    : `${head}policies:\n${example.replace(/^(?=.)/gm, '  ')}`
}

describe('the page on policies', () => {
  it.each(examples.map((example) => [example.split('\n')[0], example] as const))(
    'has an example that loads: %s',
    (_first, example) => {
      expect(() => parsePolicies(asFile(example))).not.toThrow()
    },
  )

  it('names every kind of resource, operation and class of addresses', () => {
    for (const word of [...RESOURCE_TYPES, ...OPERATIONS, ...ADDRESS_CLASSES]) expect(page).toContain(`\`${word}\``)
  })
})
