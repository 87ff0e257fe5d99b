import type { UsageSeries } from '@contract'
import type { HISTORY_WINDOWS } from '@/lib/search'

export type HistoryWindow = (typeof HISTORY_WINDOWS)[number]

const MINUTE_MS = 60_000

/** What each window shows, one point more than it has steps of a width that is kept, and how often it is read anew. */
export const WINDOW_FACTS = {
  '5m': { title: '5 min', spanMs: 5 * MINUTE_MS, points: 301, everyMs: 2_000 },
  '1h': { title: '1 h', spanMs: 60 * MINUTE_MS, points: 361, everyMs: 10_000 },
  '24h': { title: '24 h', spanMs: 24 * 60 * MINUTE_MS, points: 361, everyMs: 60_000 },
  '7d': { title: '7 d', spanMs: 7 * 24 * 60 * MINUTE_MS, points: 337, everyMs: 300_000 },
} as const satisfies Record<HistoryWindow, { title: string; spanMs: number; points: number; everyMs: number }>

export interface ChartData {
  readonly atMs: number[]
  readonly mean: (number | null)[]
  readonly most: (number | null)[]
  readonly granted: (number | null)[]
}

/** A step may come a little late; more than two missing are a gap. */
const GAP_STEPS = 2.5

/** What is drawn: a gap in the measurements is a gap in the line, so nothing stands where nothing was measured. */
export const chartDataOf = (series: UsageSeries | undefined): ChartData => {
  const data: ChartData = { atMs: [], mean: [], most: [], granted: [] }
  if (series === undefined) return data
  let before: number | null = null
  series.points.forEach(({ atMs, mean, max }, index) => {
    if (before !== null && atMs - before > series.stepMs * GAP_STEPS) {
      data.atMs.push(before + series.stepMs)
      data.mean.push(null)
      data.most.push(null)
      data.granted.push(null)
    }
    before = atMs
    data.atMs.push(atMs)
    data.mean.push(mean)
    data.most.push(max)
    data.granted.push(series.granted[index] ?? null)
  })
  return data
}
