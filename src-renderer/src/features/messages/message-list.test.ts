import type { MessageHeader } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMessageList } from './message-list'

const message = (at: number, state: MessageHeader['state'] = 'queued'): MessageHeader =>
  ({ id: `id-${String(at).padStart(6, '0')}`, sentAtMs: Math.floor(at / 3), state }) as unknown as MessageHeader
const range = (from: number, to: number) => Array.from({ length: from - to }, (_, index) => message(from - 1 - index))

const listOf = (options: Partial<Parameters<typeof createMessageList>[0]> = {}) =>
  createMessageList({ keep: () => true, cap: 1000, hasOlder: () => false, ...options })
const ids = (list: { rows: () => readonly MessageHeader[] }) => list.rows().map(({ id }) => Number(id.slice(3)))

describe('the list of messages', () => {
  it('puts pages below and what is new above, each once', () => {
    const list = listOf()
    list.addOlder(range(10, 5))
    list.addLive([message(10), message(9), message(11)])
    list.addOlder(range(6, 2))
    expect(ids(list)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
  })

  it('renews a row where it stands, even when it no longer fits', () => {
    const list = listOf({ keep: ({ state }) => state === 'queued' })
    list.addOlder(range(5, 0))
    list.addLive([message(3, 'acknowledged'), message(6, 'acknowledged')])
    expect(ids(list)).toEqual([4, 3, 2, 1, 0])
    expect(list.rows()[1]?.state).toBe('acknowledged')
  })

  it('takes in a message that fits only now, at its place', () => {
    const list = listOf({ keep: ({ state }) => state === 'dead' })
    list.addOlder([message(9, 'dead'), message(4, 'dead')])
    list.addLive([message(7, 'dead'), message(2, 'dead')])
    expect(ids(list)).toEqual([9, 7, 4, 2])
  })

  it('leaves what is older than the loaded pages to scrolling', () => {
    const list = listOf({ hasOlder: () => true })
    list.addOlder(range(10, 5))
    list.addLive([message(2, 'dead')])
    expect(ids(list)).toEqual([9, 8, 7, 6, 5])
  })

  it('takes the last of several changes in one batch', () => {
    const list = listOf()
    list.addLive([message(1), message(1, 'delivered'), message(1, 'acknowledged')])
    expect(list.rows()).toEqual([message(1, 'acknowledged')])
  })

  it('lets the oldest go beyond its cap, and says so', () => {
    const list = listOf({ cap: 5 })
    list.addOlder(range(5, 0))
    expect(list.trimmed()).toBe(false)
    list.addLive([message(5), message(6)])
    expect(ids(list)).toEqual([6, 5, 4, 3, 2])
    expect(list.trimmed()).toBe(true)
    list.addLive([message(1, 'dead')])
    expect(ids(list)).toEqual([6, 5, 4, 3, 2])
  })

  it('gives the same array until something changes', () => {
    const list = listOf()
    list.addOlder(range(5, 0))
    expect(list.rows()).toBe(list.rows())
  })

  it('is always in order and without doubles', () => {
    const batch = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 12 })
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
        const list = listOf()
        list.addOlder(range(30, 20))
        for (const live of batches) list.addLive(live.map((at) => message(at)))
        const shown = ids(list)
        expect(shown).toEqual([...new Set(shown)].sort((a, b) => b - a))
        expect(new Set(shown)).toEqual(new Set([...range(30, 20).map((_, i) => 20 + i), ...batches.flat()]))
      }),
    )
  })
})
