import type { Party } from '@contract'
import { describe, expect, it } from 'vitest'
import { suggestAt } from './suggest'

const VOCABULARY = {
  parties: [
    { id: '1', name: 'Mail bot', kind: 'agent' },
    { id: '2', name: 'Ledger', kind: 'agent' },
  ] satisfies Party[],
  topics: ['orders/new', 'orders/done', 'alerts'],
}

/** The text with the caret at |, and what it becomes with the first suggestion. */
const first = (marked: string): string | null => {
  const caret = marked.indexOf('|')
  const text = marked.replace('|', '')
  const { from, to, options } = suggestAt(text, caret, VOCABULARY)
  const [option] = options
  return option === undefined ? null : text.slice(0, from) + option.apply + text.slice(to)
}

describe('completion', () => {
  it.each([
    ['|', 'from:'],
    ['state:dead si|', 'state:dead since:'],
    ['from:|', 'from:"Mail bot"'],
    ['from:led| state:dead', 'from:Ledger state:dead'],
    ['from:"mail b|" x', 'from:"Mail bot" x'],
    ['topic:orders/d|', 'topic:orders/done'],
    ['type:request,resp|', 'type:request,response'],
    ['state:de|ad', 'state:delivered'],
    ['since:|', 'since:10m'],
    ['to:nobody|', null],
    ['nonsense:x|', null],
    ['state:dead|', null],
  ])('of %s', (marked, expected) => {
    expect(first(marked)).toBe(expected)
  })

  it('offers a value of a list only once', () => {
    expect(suggestAt('type:request,', 13, VOCABULARY).options.map(({ label }) => label)).not.toContain('request')
  })
})
