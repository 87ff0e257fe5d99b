import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mean, percentile, rounded, summarise } from './stats'

const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

describe('percentiles by nearest rank', () => {
  it('are those of the definition', () => {
    const samples = [15, 20, 35, 40, 50]
    expect([5, 30, 40, 50, 100].map((percent) => percentile(samples, percent))).toEqual([15, 20, 20, 35, 50])
  })

  it('of a hundred samples are the samples of that rank', () => {
    expect(summarise(oneTo(100).reverse())).toEqual({ n: 100, p50: 50, p95: 95, p99: 99 })
  })

  it('of ten samples: the fifth, and twice the largest', () => {
    expect(summarise(oneTo(10))).toEqual({ n: 10, p50: 5, p95: 10, p99: 10 })
  })

  it('of one sample are that sample', () => {
    expect(summarise([7])).toEqual({ n: 1, p50: 7, p95: 7, p99: 7 })
  })

  it('are always one of the samples, and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (samples) => {
        const values = [1, 50, 95, 99, 100].map((percent) => percentile(samples, percent))
        for (const value of values) expect(samples).toContain(value)
        expect(values).toEqual([...values].sort((a, b) => a - b))
        expect(values.at(-1)).toBe(samples.reduce((most, sample) => Math.max(most, sample)))
      }),
    )
  })

  it('leave the samples as they were', () => {
    const samples = [3, 1, 2]
    summarise(samples)
    expect(samples).toEqual([3, 1, 2])
  })

  it('of nothing do not exist', () => {
    expect(() => summarise([])).toThrow('Nothing was measured')
    expect(() => percentile([1], 0)).toThrow(RangeError)
    expect(() => percentile([1], 101)).toThrow(RangeError)
  })
})

describe('the mean', () => {
  it('weighs every sample alike', () => {
    expect(mean([1, 2, 6])).toBe(3)
  })

  it('of nothing does not exist', () => {
    expect(() => mean([])).toThrow('Nothing was measured')
  })
})

describe('rounding', () => {
  it('keeps fewer digits of larger figures', () => {
    expect([1234.567, 12.3456, 0.123456, 0].map(rounded)).toEqual([1234.6, 12.35, 0.1235, 0])
  })
})
