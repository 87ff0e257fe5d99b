/** What is said about a set of samples, all in the unit of the samples. */
export interface Summary {
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/**
 * The sample at a percentile by nearest rank: always one that was really measured, never a value between two.
 * With few samples the high percentiles are therefore the largest one.
 * @param samples at least one
 * @param percent above 0, up to 100
 */
export const percentile = (samples: readonly number[], percent: number): number => {
  if (!(percent > 0 && percent <= 100)) throw new RangeError(`There is no ${percent}th percentile.`)
  const sorted = [...samples].sort((a, b) => a - b)
  const value = sorted[Math.ceil((percent / 100) * sorted.length) - 1]
  if (value === undefined) throw new RangeError('Nothing was measured.')
  return value
}

/** Digits after the point that a figure can carry; more would claim a precision that a busy machine does not have. */
export const rounded = (value: number): number => {
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 1 ? 2 : 4
  return Number(value.toFixed(digits))
}

export const summarise = (samples: readonly number[]): Summary => ({
  n: samples.length,
  p50: rounded(percentile(samples, 50)),
  p95: rounded(percentile(samples, 95)),
  p99: rounded(percentile(samples, 99)),
})

/** The arithmetic mean: for what adds up over time, such as processor time. */
export const mean = (samples: readonly number[]): number => {
  if (samples.length === 0) throw new RangeError('Nothing was measured.')
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length
}
