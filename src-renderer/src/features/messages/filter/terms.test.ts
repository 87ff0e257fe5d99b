import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFilter, type MessageTerms, parseFilter } from './terms'
import { MESSAGE_STATES, MESSAGE_TYPES } from './vocabulary'

const value = (most: number) => fc.string({ minLength: 1, maxLength: most, unit: 'grapheme' })
const when = fc.oneof(
  fc.record({
    kind: fc.constant('ago' as const),
    amount: fc.integer({ min: 0, max: 999_999 }),
    unit: fc.constantFrom('s', 'm', 'h', 'd'),
  }),
  fc.record({
    kind: fc.constant('at' as const),
    text: fc.constantFrom('2026-11-23', '2026-11-23T14:03', '2026-02-28T23:59:59'),
  }),
)
const freeText = value(40)
  .map((text) => text.trim())
  .filter((text) => text !== '')

const terms: fc.Arbitrary<MessageTerms> = fc.record(
  {
    from: value(20),
    to: value(20),
    with: value(20),
    topic: value(20),
    type: fc.uniqueArray(fc.constantFrom(...MESSAGE_TYPES), { minLength: 1 }),
    state: fc.uniqueArray(fc.constantFrom(...MESSAGE_STATES), { minLength: 1 }),
    since: when,
    until: when,
    larger: fc.record({
      amount: fc.integer({ min: 0, max: 99_999 }).map((hundredths) => hundredths / 100),
      unit: fc.constantFrom('b', 'k', 'm'),
    }),
    conversation: fc.uuid(),
    text: freeText,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<MessageTerms>

describe('the typed filter', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(terms, (given) => {
        const { terms: read, problems } = parseFilter(formatFilter(given))
        expect(problems).toEqual([])
        expect(read).toEqual(given)
      }),
      { numRuns: 2000 },
    )
  })

  it('understands anything, or says which word it does not', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('from:', 'state:dead', 'since:10m', '"', '\\', ' ', 'larger:', ':', 'type:request,'),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
        (text) => {
          const { terms: read, problems } = parseFilter(text)
          for (const problem of problems) expect(text.slice(problem.from, problem.to)).not.toBe('')
          expect(parseFilter(formatFilter(read)).terms).toEqual(read)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('reads every term', () => {
    const { terms: read, problems } = parseFilter(
      'from:"Mail bot" to:Ledger topic:orders/* type:request,response state:dead since:10m larger:4k late order',
    )
    expect(problems).toEqual([])
    expect(read).toEqual({
      from: 'Mail bot',
      to: 'Ledger',
      topic: 'orders/*',
      type: ['request', 'response'],
      state: ['dead'],
      since: { kind: 'ago', amount: 10, unit: 'm' },
      larger: { amount: 4, unit: 'k' },
      text: 'late order',
    })
  })

  it.each([
    ['sicne:10m', 'sicne:10m', /no term “sicne”/, 'since:10m'],
    ['state:ded', 'state:ded', /“ded” is no state/, 'state:dead'],
    ['type:request,respons', 'type:request,respons', /“respons” is no type/, 'type:request,response'],
    ['hello larger:big', 'larger:big', /size like/, undefined],
    ['since:yesterday', 'since:yesterday', /time like/, undefined],
    ['since:2026-13-40', 'since:2026-13-40', /time like/, undefined],
    ['from:a from:b', 'from:b', /given twice/, undefined],
    ['to:', 'to:', /Say what/, undefined],
    ['from:"Mail bot', 'from:"Mail bot', /closing quote/, 'from:"Mail bot"'],
    ['conversation:12', 'conversation:12', /not a correlation id/, undefined],
    ['http://x', 'http://x', /no term “http”/, '"http://x"'],
  ])('names the wrong word of %s', (text, word, message, fix) => {
    const { problems } = parseFilter(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ word, message: expect.stringMatching(message) })
    expect(problems[0]?.fix).toBe(fix)
    expect(text.slice(problems[0]?.from, problems[0]?.to)).toBe(word)
  })

  it('keeps what is right beside what is wrong', () => {
    const { terms: read, problems } = parseFilter('state:dead lager:4k')
    expect(read).toEqual({ state: ['dead'] })
    expect(problems[0]?.fix).toBe('larger:4k')
  })
})
