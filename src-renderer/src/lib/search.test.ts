import { describe, expect, it } from 'vitest'
import {
  parseAgentsSearch,
  parseApprovalsSearch,
  parseAuditSearch,
  parseMessagesSearch,
  parsePoliciesSearch,
  parseReviewsSearch,
} from './search'

describe('page addresses', () => {
  it('reads what it knows', () => {
    expect(parseAgentsSearch({ q: 'mail', state: 'Failed', tab: 'runs', run: 'x' })).toEqual({
      q: 'mail',
      state: 'Failed',
      tab: 'runs',
      run: 'x',
    })
    expect(parseReviewsSearch({ tab: 'decided', connect: true })).toEqual({ tab: 'decided', connect: true })
    expect(parseApprovalsSearch({ tab: 'grants' })).toEqual({ tab: 'grants' })
    expect(parsePoliciesSearch({ tab: 'history', version: 'a'.repeat(64) })).toEqual({
      tab: 'history',
      version: 'a'.repeat(64),
    })
    const correlationId = '0190a1b2-7c3a-7000-8000-000000000001'
    expect(parseAuditSearch({ correlationId, outcome: 'denied', text: 7, seq: 12, paused: true, since: 5 })).toEqual({
      correlationId,
      outcome: 'denied',
      text: '7',
      seq: 12,
      paused: true,
      since: 5,
    })
  })

  it('reads the filter of messages as it was typed, even when it looks like a number', () => {
    const id = '0190A1B2-7c3a-7000-8000-000000000001'
    expect(parseMessagesSearch({ q: 12, id, conversation: id, tab: 'dead', paused: true })).toEqual({
      q: '12',
      id: id.toLowerCase(),
      conversation: id.toLowerCase(),
      tab: 'dead',
      paused: true,
    })
  })

  it('counts what it does not know as not set', () => {
    const unset = (value: object) => Object.values(value).every((inner) => inner === undefined)
    expect(unset(parseMessagesSearch({ q: '', id: 'x', conversation: '../etc', tab: 'messages', paused: 'yes' }))).toBe(
      true,
    )
    expect(unset(parseAgentsSearch({ state: 'Dancing', tab: 'x?theme=dark', q: '' }))).toBe(true)
    expect(unset(parseReviewsSearch({ tab: 'all', connect: 'yes' }))).toBe(true)
    expect(unset(parseApprovalsSearch({ tab: 'pending' }))).toBe(true)
    expect(unset(parsePoliciesSearch({ tab: 'x', version: '../etc' }))).toBe(true)
    expect(unset(parseAuditSearch({ range: '1y', severity: 'loud', actor: 'ghost', view: 'x', until: 'soon' }))).toBe(
      true,
    )
    expect(unset(parseAuditSearch({ correlationId: 'not-an-id', outcome: 'maybe', seq: -1 }))).toBe(true)
  })
})
