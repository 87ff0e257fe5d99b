import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOrdered } from './ordered'

const byNumber = (a: number, b: number): number => a - b

describe('a list that stays sorted', () => {
  it('is the sorted list of what was added and not removed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 2_000 })), { maxLength: 3_000 }),
        (acts) => {
          const list = createOrdered(byNumber)
          const model = new Set<number>()
          for (const [isAdding, number] of acts) {
            if (!isAdding) expect(list.remove(number)).toBe(model.delete(number))
            else if (!model.has(number)) {
              model.add(number)
              list.add(number)
            }
          }
          const sorted = [...model].sort(byNumber)
          expect([...list.from(0)]).toEqual(sorted)
          expect(list.size).toBe(sorted.length)
          expect(list.first()).toBe(sorted[0])
          expect([...list.from(7)]).toEqual(sorted.slice(7))
          expect(list.countWhile((number) => number < 1_000)).toBe(sorted.filter((number) => number < 1_000).length)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('keeps its order over many chunks, added from either end or in between', () => {
    const list = createOrdered(byNumber)
    for (let number = 0; number < 5_000; number += 1) list.add((number * 2_657) % 5_000)
    expect([...list.from(4_990)]).toEqual([4_990, 4_991, 4_992, 4_993, 4_994, 4_995, 4_996, 4_997, 4_998, 4_999])
    for (let number = 0; number < 4_999; number += 1) expect(list.remove(number)).toBe(true)
    expect([...list.from(0)]).toEqual([4_999])
    expect(list.remove(4_999)).toBe(true)
    expect(list.first()).toBeUndefined()
  })
})
