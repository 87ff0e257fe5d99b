import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NOTHING } from './amounts'
import { stepOf, widen, widthFor } from './steps'
import { NO_USE } from './usage'

const measured = (memoryBytes: number | null, granted = 0) => ({
  used: { ...NO_USE, memoryBytes },
  granted: { ...NOTHING, memoryBytes: granted },
})

it('widening in one go, and by way of narrower steps, is what the plain samples give (resources R7)', () => {
  const sample = fc.record({
    atMs: fc.nat(600_000),
    value: fc.option(fc.nat(1_000_000)),
    granted: fc.nat(10),
  })
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 200 }), fc.constantFrom(10_000, 30_000, 60_000), (samples, widthMs) => {
      const steps = samples.map(({ atMs, value, granted }) => stepOf(atMs, measured(value, granted)))
      const wide = widen(steps, widthMs)
      expect(widen(widen(steps, 10_000), widthMs)).toEqual(wide)

      const starts = [...new Set(samples.map(({ atMs }) => atMs - (atMs % widthMs)))].sort((a, b) => a - b)
      const naive = starts.map((start) => {
        const inside = samples.filter(({ atMs }) => atMs >= start && atMs < start + widthMs)
        const values = inside.map(({ value }) => value).filter((value) => value !== null)
        return {
          atMs: start,
          n: values.length,
          min: values.length === 0 ? 0 : Math.min(...values),
          max: values.length === 0 ? 0 : Math.max(...values),
          sum: values.reduce((sum, value) => sum + value, 0),
          granted: Math.max(...inside.map(({ granted }) => granted)),
        }
      })
      expect(wide.map(({ atMs, kinds }) => ({ atMs, ...kinds.memory }))).toEqual(naive)
    }),
  )
})

it('never makes more steps of a window than were asked for, and none narrower than what is kept', () => {
  const window = fc.record({ fromMs: fc.nat(1e9), spanMs: fc.nat(1e9), points: fc.integer({ min: 2, max: 2_000 }) })
  fc.assert(
    fc.property(window, fc.constantFrom(1_000, 10_000, 60_000), ({ fromMs, spanMs, points }, keptMs) => {
      const toMs = fromMs + spanMs
      const widthMs = widthFor({ fromMs, toMs, points }, keptMs)
      expect(widthMs % keptMs).toBe(0)
      expect(Math.floor(toMs / widthMs) - Math.floor(fromMs / widthMs) + 1).toBeLessThanOrEqual(points)
    }),
  )
})
