import type { Overview } from '@contract'
import { describe, expect, it } from 'vitest'
import { pageOfPart, titleOfPart, worstFirst } from './parts'

const part = (name: string, status: Overview['health'][number]['status']) => ({ part: name, status, causes: [] })

describe('the parts of the engine', () => {
  it('come worst first and else stay in their order', () => {
    const parts = [part('a', 'healthy'), part('b', 'degraded'), part('c', 'unhealthy'), part('d', 'healthy')]
    expect(worstFirst(parts).map((each) => each.part)).toEqual(['c', 'b', 'a', 'd'])
  })

  it('have a name and, where there is one, a page', () => {
    expect(titleOfPart('bus')).toBe('Message bus')
    expect(titleOfPart('event-loop')).toBe('Event loop')
    expect(pageOfPart('scheduler')).toEqual({ to: '/resources', search: { tab: 'queue' } })
    expect(pageOfPart('event-loop')).toBeNull()
    expect(pageOfPart('toString')).toBeNull()
  })
})
