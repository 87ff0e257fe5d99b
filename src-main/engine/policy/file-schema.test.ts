import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { policyFileJsonSchema } from './file-schema'
import { loadText } from './load'

const PATH = 'resources/policies/policy.schema.json'

describe('the published JSON Schema', () => {
  const published: object = JSON.parse(readFileSync(PATH, 'utf8'))
  const accepts = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(published)

  it('is the one that the product checks by; vitest --update writes it anew', async () => {
    await expect(`${JSON.stringify(policyFileJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(resolve(PATH))
  })

  it('takes the shipped policies, which load without a hint and pass their own tests', () => {
    const text = readFileSync('resources/policies/default.yaml', 'utf8')
    expect(accepts(parse(text)), JSON.stringify(accepts.errors)).toBe(true)
    const loaded = loadText(text, { nowMs: Date.UTC(2026, 0, 7), platform: 'posix' })
    expect(loaded).toMatchObject({ error: null, problems: [] })
    expect(loaded.tests.length).toBeGreaterThan(4)
  })

  it.each([
    ['an unknown key', { id: 'a', match: { tool: ['x'] }, effect: 'Deny' }, false],
    ['an unknown effect', { id: 'a', match: {}, effect: 'Permit' }, false],
    [
      'two conditions in one',
      {
        name: 'a',
        conditions: [{ principal: 'cli', agent_name: 'x' }],
        effect: 'Deny',
        resources: ['a'],
        operations: ['Read'],
      },
      false,
    ],
    ['a mixture of the forms', { id: 'a', match: {}, conditions: [], effect: 'Deny' }, false],
    ['the typed form', { id: 'a', match: { resource_type: 'Tool' }, effect: 'Deny' }, true],
    [
      'the simple form',
      { name: 'a', conditions: [{ principal: 'cli' }], effect: 'Deny', resources: ['a'], operations: ['Read'] },
      true,
    ],
  ])('%s', (_what, rule, good) => {
    expect(accepts({ version: '1.0', policies: [rule] })).toBe(good)
  })
})
