import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createManualClock } from './clock'
import { createIds, randomId } from './ids'

/** RFC 9562 §5.7: version 7, variant 10. */
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const timeOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)

describe('createIds', () => {
  it('makes UUIDv7s that keep their order, whatever the clock does', () => {
    const steps = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(steps, (jumps) => {
        let nowMs = 1_700_000_000_000
        const newId = createIds({ ...createManualClock(), nowMs: () => nowMs })
        const made = jumps.flatMap((jump) => {
          nowMs += jump
          return [newId(), newId()]
        })
        for (const id of made) expect(id).toMatch(UUID_V7)
        expect(made.toSorted()).toEqual(made)
        expect(new Set(made).size).toBe(made.length)
      }),
    )
  })

  it('keeps the order through more ids in one millisecond than the counter holds', () => {
    const newId = createIds(createManualClock(1_700_000_000_000))
    const made = Array.from({ length: 10_000 }, () => newId<string>())
    expect(made.toSorted()).toEqual(made)
    expect(new Set(made).size).toBe(made.length)
    expect(timeOf(made[0] ?? '')).toBe(1_700_000_000_000)
    expect(timeOf(made.at(-1) ?? '') - 1_700_000_000_000).toBeLessThan(5)
  })

  it('carries the time of the clock', () => {
    const clock = createManualClock(1_800_000_000_000)
    const newId = createIds(clock)
    newId()
    clock.advance(250)
    expect(timeOf(newId())).toBe(1_800_000_000_250)
  })

  it('is unpredictable beyond time and counter', () => {
    const clock = createManualClock()
    expect(createIds(clock)<string>().slice(19)).not.toBe(createIds(clock)<string>().slice(19))
    expect(randomId()).not.toBe(randomId())
  })
})
