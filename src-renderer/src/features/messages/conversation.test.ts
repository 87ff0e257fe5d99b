import type { MessageHeader } from '@contract'
import { describe, expect, it } from 'vitest'
import { turnsOf } from './conversation'

const message = (id: string, sentAtMs: number, change: object = {}): MessageHeader =>
  ({
    id,
    groupId: id,
    sentAtMs,
    type: 'direct',
    state: 'acknowledged',
    replyTo: null,
    deliveredAtMs: null,
    ...change,
  }) as unknown as MessageHeader

describe('a conversation', () => {
  it('pairs a response with its request, by the copy or by the message as sent', () => {
    const turns = turnsOf([
      message('q1-copy', 100, { groupId: 'q1', type: 'request' }),
      message('q2', 110, { type: 'request' }),
      message('a1', 140, { type: 'response', replyTo: 'q1' }),
      message('a2', 150, { type: 'response', replyTo: 'q2' }),
    ])
    expect(turns.map(({ answeredAfterMs }) => answeredAfterMs)).toEqual([40, 40, undefined, undefined])
    expect(turns.map(({ answers }) => answers?.request.id ?? null)).toEqual([null, null, 'q1-copy', 'q2'])
    expect(turns[2]?.answers?.afterMs).toBe(40)
  })

  it('says that a request has no answer', () => {
    expect(turnsOf([message('q', 1, { type: 'request' })])[0]?.answeredAfterMs).toBeNull()
    expect(turnsOf([message('d', 1)])[0]?.answeredAfterMs).toBeUndefined()
  })

  it('tells copies of one message once, with what became of them', () => {
    const [turn, ...others] = turnsOf([
      message('c1', 5, { groupId: 'g', state: 'acknowledged', deliveredAtMs: 8 }),
      message('c2', 5, { groupId: 'g', state: 'dead' }),
      message('c3', 5, { groupId: 'g', state: 'dead' }),
    ])
    expect(others).toEqual([])
    expect(turn?.states).toEqual({ acknowledged: 1, dead: 2 })
    expect(turn?.copies).toHaveLength(3)
    expect(turn?.deliveryMs).toBe(3)
  })

  it('says silences, and nothing where there is none', () => {
    const turns = turnsOf([message('a', 0), message('b', 999), message('c', 5_000)])
    expect(turns.map(({ gapMs }) => gapMs)).toEqual([null, null, 4_001])
  })
})
