import { describe, expect, it } from 'vitest'
import { atMsOf, EMPTY_QUESTION, toQuestion } from './question'

describe('toQuestion', () => {
  it('leaves out what is blank', () => {
    expect(toQuestion({ ...EMPTY_QUESTION, resource: 'a.b' })).toEqual({
      principal: 'agent',
      agentName: 'agent',
      securityLevel: 'standard',
      resourceType: 'Tool',
      resource: 'a.b',
      operation: 'Execute',
    })
  })

  it('reads lists and pairs', () => {
    const question = toQuestion({
      ...EMPTY_QUESTION,
      roles: 'a, b ,',
      addresses: '10.0.0.1\n::1',
      environment: 'stage=prod\nnonsense\nurl=a=b',
    })
    expect(question).toMatchObject({
      roles: ['a', 'b'],
      addresses: ['10.0.0.1', '::1'],
      environment: { stage: 'prod', url: 'a=b' },
    })
  })

  it('gives walls and a name to agents only', () => {
    expect(toQuestion({ ...EMPTY_QUESTION, principal: 'operator' })).toMatchObject({
      agentName: '',
      securityLevel: null,
    })
  })
})

describe('atMsOf', () => {
  it('is now when nothing was typed', () => {
    expect(atMsOf(EMPTY_QUESTION)).toBeUndefined()
    expect(atMsOf({ ...EMPTY_QUESTION, at: '2026-11-23T10:00' })).toBe(new Date(2026, 10, 23, 10).getTime())
  })
})
