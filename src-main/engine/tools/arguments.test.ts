import { expect, test } from 'vitest'
import { createArgumentCheck } from './arguments'
import type { JsonObject } from './definition'

const check = (schema: JsonObject, args: JsonObject) => createArgumentCheck().check('digest', schema, args)
const refused = expect.objectContaining({ code: 'MCP_002' })

test.each<[string, JsonObject, JsonObject, JsonObject]>([
  ['required', { required: ['a'] }, { a: 1 }, {}],
  ['types', { properties: { a: { type: 'integer' } } }, { a: 1 }, { a: '1' }],
  ['no other properties', { properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }],
  ['patterns', { properties: { a: { pattern: '^[a-z]+$' } } }, { a: 'abc' }, { a: 'ABC' }],
  ['2020-12 tuples', { properties: { a: { prefixItems: [{ type: 'string' }] } } }, { a: ['x'] }, { a: [1] }],
  [
    'draft-07 tuples',
    { $schema: 'http://json-schema.org/draft-07/schema#', properties: { a: { items: [{ type: 'string' }] } } },
    { a: ['x'] },
    { a: [1] },
  ],
  ['references', { $defs: { n: { type: 'number' } }, properties: { a: { $ref: '#/$defs/n' } } }, { a: 1 }, { a: 'x' }],
])('%s are checked', (_what, schema, good, bad) => {
  expect(() => check({ type: 'object', ...schema }, good)).not.toThrow()
  expect(() => check({ type: 'object', ...schema }, bad)).toThrow(refused)
})

test('the message names the path', () => {
  const schema = { properties: { list: { items: { type: 'object', properties: { n: { type: 'number' } } } } } }
  expect(() => check(schema, { list: [{ n: 1 }, { n: 'x' }] })).toThrow(
    'The arguments do not fit the tool: /list/1/n must be number.',
  )
})

test('a pattern that would run for ever does not', () => {
  const schema = { properties: { a: { pattern: '^(a+)+$' } } }
  const startedMs = performance.now()
  expect(() => check(schema, { a: `${'a'.repeat(50_000)}!` })).toThrow(refused)
  expect(performance.now() - startedMs).toBeLessThan(2000)
  expect(() => check(schema, { a: 'aaaa' })).not.toThrow()
})

test.each<[string, JsonObject]>([
  ['a pattern that cannot be matched in linear time', { properties: { a: { pattern: '(?=x)y' } } }],
  ['a reference to somewhere else', { $ref: 'https://example.org/schema.json' }],
  ['an asynchronous schema', { $async: true, type: 'object' }],
  ['a keyword with a wrong value', { properties: 7 }],
])('%s is refused', (_what, schema) => {
  expect(() => check(schema, { a: 'x' })).toThrow(refused)
})

test('one schema cannot stand in for another by its id', () => {
  const checks = createArgumentCheck()
  checks.check('first', { $id: 'https://example.org/shared', type: 'object' }, { a: 'x' })
  const second = { $id: 'https://example.org/shared', properties: { a: { type: 'number' } } }
  expect(() => checks.check('second', second, { a: 'x' })).toThrow(refused)
  expect(() => checks.check('second', second, { a: 1 })).not.toThrow()
})

test('arguments over 1 MiB are refused', () => {
  expect(() => check({}, { a: 'x'.repeat(1_048_576) })).toThrow(refused)
  expect(() => check({}, { a: 'x'.repeat(1_048_000) })).not.toThrow()
})
