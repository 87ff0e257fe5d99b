import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createManualClock } from '../core'
import { createDueList, type Due } from './due-list'

it('tells each thing once, not before its time and not after the next look (B14)', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ inMs: fc.integer({ min: 0, max: 10_000 }), stays: fc.boolean() }), { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 20 }),
      (things, steps) => {
        const clock = createManualClock()
        const told = new Map<Due, number>()
        const list = createDueList<Due>(clock, (due) => {
          for (const thing of due) {
            expect(told.has(thing)).toBe(false)
            told.set(thing, clock.nowMs())
          }
        })
        const startMs = clock.nowMs()
        const added = things.map(({ inMs, stays }) => ({ thing: { atMs: startMs + inMs }, stays }))
        for (const { thing } of added) list.add(thing)
        for (const { thing, stays } of added) if (!stays) list.remove(thing)
        for (const step of [...steps, 20_000]) clock.advance(step)
        for (const { thing, stays } of added) expect(told.get(thing)).toBe(stays ? thing.atMs : undefined)
      },
    ),
  )
})

it('tells nothing after it was closed', () => {
  const clock = createManualClock()
  const told: Due[] = []
  const list = createDueList<Due>(clock, (due) => told.push(...due))
  list.add({ atMs: clock.nowMs() + 10 })
  list.add({ atMs: clock.nowMs() + 20 })
  clock.advance(10)
  expect(told).toHaveLength(1)
  list.close()
  clock.advance(10)
  expect(told).toHaveLength(1)
})
