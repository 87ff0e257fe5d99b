import { expect, it } from 'vitest'
import { chartDataOf } from './history-points'

const point = (atMs: number, mean: number) => ({ atMs, min: mean - 1, mean, max: mean + 1 })

it('a gap in the measurements is a gap in the line, and one step that is late is not', () => {
  const series = {
    kind: 'memory' as const,
    stepMs: 1_000,
    points: [point(0, 5), point(2_000, 6), point(9_000, 7)],
    granted: [10, 10, 20],
  }
  expect(chartDataOf(series)).toEqual({
    atMs: [0, 2_000, 3_000, 9_000],
    mean: [5, 6, null, 7],
    most: [6, 7, null, 8],
    granted: [10, 10, null, 20],
  })
})

it('nothing measured is nothing drawn', () => {
  expect(chartDataOf(undefined)).toEqual({ atMs: [], mean: [], most: [], granted: [] })
})
