import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tempStore } from '../testing/temp-store'
import type { Member } from './identities'
import { createWindows } from './windows'

const member = (num: number): Member => ({ num }) as Member
const [ONE, TWO] = [member(1), member(2)]

it('lets each sequence in once, and not again once it is settled (B8)', () => {
  const windows = createWindows(tempStore())
  expect(windows.enter(ONE, TWO, 1)).toBe(true)
  expect(windows.enter(ONE, TWO, 1)).toBe(false)
  expect(windows.enter(ONE, TWO, 5)).toBe(true)
  windows.settle(ONE, TWO, 5)
  expect(windows.enter(ONE, TWO, 5)).toBe(false)
  expect(windows.enter(ONE, TWO, 4)).toBe(false)
  expect(windows.enter(ONE, TWO, 6)).toBe(true)
  // Of another pair it says nothing.
  expect(windows.enter(TWO, ONE, 5)).toBe(true)
})

it('knows over a restart exactly what is open (B8)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), fc.nat(), async (settled, more) => {
      const store = tempStore()
      const windows = createWindows(store)
      const last = 30 + (more % 30)
      for (let sequence = 1; sequence <= last; sequence += 1) windows.enter(ONE, TWO, sequence)
      const done = settled.filter((sequence) => sequence <= last)
      for (const sequence of done) windows.settle(ONE, TWO, sequence)
      await store.write((tx) => windows.saveWithin(tx))
      const again = createWindows(store)
      for (let sequence = 1; sequence <= last; sequence += 1)
        expect(again.enter(ONE, TWO, sequence), `${sequence}`).toBe(!done.includes(sequence))
    }),
    { numRuns: 20 },
  )
})
