import { lazy, Suspense } from 'react'
import type { PlotProps } from './Plot'

const Plot = lazy(async () => ({ default: (await import('./Plot')).Plot }))

export interface ChartProps extends PlotProps {
  /** The newest value, already formatted. */
  readonly current: string | null
  /** Where the figures come from and how old the newest is. */
  readonly source: React.ReactNode
}

/** One line over time with a title, its present value, its source and age. Grey when the data is stale. */
export function Chart({ current, source, ...plot }: ChartProps) {
  return (
    <figure aria-label={plot.title} data-points={plot.atMs.length} data-stale={plot.stale} className="min-w-0">
      <figcaption className="flex items-baseline gap-2 pb-1">
        <span className="section-title whitespace-nowrap">{plot.title}</span>
        <span className={plot.stale ? 'num whitespace-nowrap text-text-3' : 'num font-medium whitespace-nowrap'}>
          {current ?? 'no sample yet'}
        </span>
        <span className="ml-auto truncate text-xs text-text-3">{source}</span>
      </figcaption>
      <Suspense fallback={<div className="skeleton w-full" style={{ height: plot.heightPx }} />}>
        <Plot {...plot} />
      </Suspense>
    </figure>
  )
}
