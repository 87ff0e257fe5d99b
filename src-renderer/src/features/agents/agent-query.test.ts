import { describe, expect, it } from 'vitest'
import { parseAgentsSearch } from '@/lib/search'
import { isFiltered, nextSort, questionOf } from './agent-query'

describe('what the list is asked for', () => {
  it('is everything, newest first, when the address says nothing', () => {
    const question = questionOf({})
    expect(question).toEqual({ filter: {}, sort: { by: 'created', descending: true } })
    expect(isFiltered(question)).toBe(false)
  })

  it('takes every part of the address', () => {
    const search = parseAgentsSearch({
      q: ' mail ',
      state: 'Failed,Running,Dancing',
      tier: 'tier1',
      mode: 'external',
      priority: 'high',
      sort: 'name',
      turned: true,
    })
    const question = questionOf(search)
    expect(question).toEqual({
      filter: {
        text: 'mail',
        states: ['Running', 'Failed'],
        tiers: ['tier1'],
        modes: ['external'],
        priorities: ['high'],
      },
      sort: { by: 'name', descending: true },
    })
    expect(isFiltered(question)).toBe(true)
  })

  it('does not know what is no state, tier, mode, priority or order', () => {
    const search = parseAgentsSearch({ state: 'Dancing', tier: 'tier9', mode: 'x', priority: 'x', sort: 'x' })
    expect(questionOf(search)).toEqual(questionOf({}))
  })

  it('goes round the orders of a column', () => {
    expect(nextSort({}, 'name')).toEqual({ sort: 'name', turned: undefined })
    expect(nextSort({ sort: 'name' }, 'name')).toEqual({ sort: 'name', turned: true })
    expect(nextSort({ sort: 'name', turned: true }, 'name')).toEqual({ sort: undefined, turned: undefined })
    expect(nextSort({ sort: 'name', turned: true }, 'changed')).toEqual({ sort: 'changed', turned: undefined })
    expect(questionOf({ sort: 'changed' }).sort).toEqual({ by: 'changed', descending: true })
  })
})
