import type { AgentId, ResourceKind, ResourceOverview } from '@contract'
import clsx from 'clsx'
import { useMemo } from 'react'
import { formatBytes } from '@/lib/format'
import { HISTORY_WINDOWS } from '@/lib/search'
import { Button, Chart, Loaded, SkeletonBlock } from '@/ui'
import { chartDataOf, type HistoryWindow, WINDOW_FACTS } from './history-points'
import { formatAmount, KIND_NAMES, KINDS } from './resource-words'
import { type HistoryRead, useHistory } from './use-history'

const MIB = 1024 * 1024
const BYTE_STEPS = Array.from({ length: 22 }, (_, power) => 2 ** power * MIB)
const TONES = { memory: 'run', cpu: 'change', disk: 'run', network: 'change' } as const

const stepWords = (stepMs: number): string => {
  const seconds = stepMs / 1000
  return seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`
}

interface KindChartProps {
  readonly kind: ResourceKind
  readonly read: HistoryRead
  /** It could not be read anew. */
  readonly stale: boolean
}

function KindChart({ kind, read, stale }: KindChartProps) {
  const series = read.series.find((one) => one.kind === kind)
  const data = useMemo(() => chartDataOf(series), [series])
  const others = useMemo(
    () => [
      { label: 'Most', values: data.most },
      { label: 'Granted', values: data.granted, dashed: true },
    ],
    [data],
  )
  const format = useMemo(() => (value: number) => formatAmount(kind, value), [kind])
  const last = data.mean.at(-1)
  return (
    <Chart
      title={KIND_NAMES[kind]}
      atMs={data.atMs}
      values={data.mean}
      others={others}
      spanMs={read.spanMs}
      format={format}
      {...(kind === 'memory' ? { increments: BYTE_STEPS } : {})}
      limit={null}
      heightPx={120}
      stale={stale}
      tone={TONES[kind]}
      current={last === undefined || last === null ? 'nothing measured' : format(last)}
      source={
        series === undefined || last === undefined ? '' : `mean of each ${stepWords(series.stepMs)}, dashed: granted`
      }
    />
  )
}

export interface HistoryChartsProps {
  readonly overview: ResourceOverview
  readonly window: HistoryWindow
  readonly onWindow: (window: HistoryWindow) => void
  readonly agentId: AgentId | undefined
  readonly agentName: string | undefined
  /** Show all agents together again. */
  readonly onClear: () => void
}

/** What was used over time, of all agents together or of one. */
export function HistoryCharts({ overview, window, onWindow, agentId, agentName, onClear }: HistoryChartsProps) {
  const read = useHistory(window, agentId)
  return (
    <section aria-label="History" className="flex shrink-0 flex-col">
      <div className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-1">
        <h2 className="section-title">
          {agentId === undefined ? 'Used over time, all agents' : `Used over time, ${agentName ?? 'one agent'}`}
        </h2>
        {agentId !== undefined && (
          <Button size="small" onPress={onClear}>
            Show all agents
          </Button>
        )}
        <fieldset aria-label="Window" className="ml-auto flex rounded-md border border-line-strong">
          {HISTORY_WINDOWS.map((one) => (
            <label
              key={one}
              className={clsx(
                'cursor-default px-2 text-xs leading-6 select-none has-focus-visible:outline-2 has-focus-visible:outline-accent',
                one === window ? 'bg-selected font-medium text-text' : 'text-text-2 hover:bg-hover',
              )}
            >
              <input
                type="radio"
                name="history-window"
                value={one}
                checked={one === window}
                onChange={() => onWindow(one)}
                className="sr-only"
              />
              {WINDOW_FACTS[one].title}
            </label>
          ))}
        </fieldset>
      </div>
      <Loaded read={read} skeleton={<SkeletonBlock />}>
        {(history) => (
          <div className="grid grid-cols-1 min-[800px]:grid-cols-2 gap-x-6 gap-y-3 px-4 pt-1 pb-2">
            {KINDS.map((kind) => (
              <KindChart key={kind} kind={kind} read={history} stale={read.isRefetchError} />
            ))}
          </div>
        )}
      </Loaded>
      <p className="px-4 pb-3 text-xs text-text-3">
        Where no agent ran, nothing was measured and nothing is drawn. Kept for{' '}
        {Math.round(overview.history.retentionMs / 86_400_000)} days, coarser with age; about{' '}
        {formatBytes(overview.history.bytes)} now.
      </p>
    </section>
  )
}
