import { describe, expect, it } from 'vitest'
import { toResult } from './result'

describe('a result', () => {
  it('holds the median against the median of the baseline', () => {
    const result = toResult({
      name: 'start',
      unit: 'ms',
      samples: [300, 200, 400],
      baseline: { name: 'bare', samples: [100, 150, 200] },
    })
    expect(result).toMatchObject({
      name: 'start',
      unit: 'ms',
      n: 3,
      p50: 300,
      p95: 400,
      baseline: { name: 'bare', unit: 'ms', n: 3, p50: 150 },
      ratio: 2,
    })
    expect(result.machine.cores).toBeGreaterThan(0)
  })

  it('has no ratio to nothing, and no value that was not given', () => {
    const idle = toResult({ name: 'cpu', unit: '% of a core', samples: [1], baseline: { name: 'bare', samples: [0] } })
    expect(idle).not.toHaveProperty('ratio')
    expect(idle).not.toHaveProperty('value')
    expect(toResult({ name: 'x', unit: 'ms', samples: [1] })).not.toHaveProperty('baseline')
  })

  it('carries the mean of either side when that is the figure to compare by', () => {
    const baseline = { name: 'bare', samples: [0, 1], value: 0.5 }
    const result = toResult({ name: 'cpu', unit: '% of a core', samples: [0, 3], value: 1.5, baseline })
    expect([result.value, result.baseline?.value]).toEqual([1.5, 0.5])
  })
})
