import type { Json } from '@contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { definitionDigest, descriptionOf, inputSchemaOf, type JsonObject, offeredTools } from './definition'

const withCode = (code: string) => expect.objectContaining({ code })

const shuffled = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  )
}
const definitions = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>, { noNullPrototype: true })

test('the order of keys does not count, anything else does', () => {
  fc.assert(
    fc.property(definitions, definitions, (one, two) => {
      const digest = definitionDigest('server', one)
      expect(digest).toMatch(/^[0-9a-f]{64}$/)
      expect(definitionDigest('server', shuffled(one) as JsonObject)).toBe(digest)
      const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(two))
      expect(definitionDigest('server', two) === digest).toBe(same)
      expect(definitionDigest('other', one)).not.toBe(digest)
    }),
  )
})

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]): Json => [key, sorted(item)])
}

test('the order of a list counts', () => {
  expect(definitionDigest('server', { enum: ['a', 'b'] })).not.toBe(definitionDigest('server', { enum: ['b', 'a'] }))
})

test('a list is taken over whole, unknown keys too', () => {
  const definition = { name: 'one', inputSchema: { type: 'object' }, 'x-more': [1, { deep: true }] }
  expect(offeredTools('server', [definition]).get('one')).toStrictEqual({
    name: 'one',
    definition,
    digest: definitionDigest('server', definition),
  })
})

const deep = (depth: number): Json => (depth === 0 ? 1 : [deep(depth - 1)])

test.each<[string, Json[]]>([
  ['a tool that is no object', ['text']],
  ['a tool without a name', [{ description: 'none' }]],
  ['a name that is no text', [{ name: 7 }]],
  ['an empty name', [{ name: '' }]],
  ['a name that is too long', [{ name: 'x'.repeat(129) }]],
  ['a name twice', [{ name: 'one' }, { name: 'one' }]],
  ['too deep a definition', [{ name: 'one', deep: deep(64) }]],
  ['too large a definition', [{ name: 'one', text: 'x'.repeat(262_144) }]],
  ['too many tools', Array.from({ length: 501 }, (_, index) => ({ name: `tool${index}` }))],
])('%s is refused', (_what, list) => {
  expect(() => offeredTools('server', list)).toThrow(withCode('MCP_002'))
})

test('lists at the limits are accepted', () => {
  const list = Array.from({ length: 500 }, (_, index) => ({ name: `${index}`.padStart(128, 'x'), deep: deep(62) }))
  expect(offeredTools('server', list).size).toBe(500)
})

test('what an agent sees of a definition has a shape whatever the server sent', () => {
  expect(inputSchemaOf({ inputSchema: { type: 'object', required: ['a'] } })).toStrictEqual({
    type: 'object',
    required: ['a'],
  })
  for (const odd of [{}, { inputSchema: 'text' }, { inputSchema: [] }, null, 7] as Json[])
    expect(inputSchemaOf(odd)).toStrictEqual({ type: 'object' })
  expect(descriptionOf({ description: 'text' })).toBe('text')
  expect(descriptionOf({ description: 7 })).toBe('')
})
