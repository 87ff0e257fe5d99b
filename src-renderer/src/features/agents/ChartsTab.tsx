import type { Execution } from '@contract'
import { useMemo } from 'react'
import { useNow } from '@/lib/clock'
import { formatAge, formatBytes, formatDuration, formatPercent } from '@/lib/format'
import { useStream } from '@/lib/streams'
import { Chart, ErrorNotice, Fact, Facts, Loaded } from '@/ui'
import type { RunTabProps } from './LogTab'
import { NoRuns } from './NoRuns'
import { RunPicker } from './RunPicker'
import { followKey, isActive, useChosenRun } from './use-chosen-run'

/** Two hours at one sample a second. */
const SAMPLE_CAP = 7200
/** More than three missed samples make a live chart stale. */
const STALE_MS = 4000

const MIB = 1024 * 1024
const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`
const BYTE_STEPS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192].map((step) => step * MIB)

function RunCharts({ run }: { readonly run: Execution }) {
  const stream = useStream('executions.stats', { id: run.id }, { cap: SAMPLE_CAP })
  const now = useNow()
  const samples = stream.items
  const atMs = useMemo(() => samples.map((sample) => sample.atMs), [samples])
  const cpu = useMemo(() => samples.map((sample) => sample.cpuPercent), [samples])
  const memory = useMemo(() => samples.map((sample) => sample.memoryBytes), [samples])
  // What is not told, and what samples of an earlier version do not have, is not drawn.
  const disk = useMemo(() => samples.map((sample) => sample.diskBytesPerSecond ?? null), [samples])
  const network = useMemo(() => samples.map((sample) => sample.networkBytesPerSecond ?? null), [samples])
  const rates = [
    { title: 'Disk', values: disk },
    { title: 'Network', values: network },
  ].filter(({ values }) => values.some((value) => value !== null))
  const last = samples.at(-1)
  const active = isActive(run)
  const stale = active && last !== undefined && now - last.atMs > STALE_MS
  const source =
    last === undefined
      ? active
        ? 'waiting for the first sample'
        : 'no sample was kept'
      : `${last.source}, ${stale ? 'stale, ' : ''}${formatAge(last.atMs, now)}`
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto px-4 py-4">
      {stream.error !== null && <ErrorNotice error={stream.error} />}
      <Chart
        title="CPU"
        atMs={atMs}
        values={cpu}
        format={formatPercent}
        limit={null}
        heightPx={180}
        stale={stale}
        tone="change"
        current={last?.cpuPercent == null ? null : `${formatPercent(last.cpuPercent)} of one core`}
        source={source}
      />
      <Chart
        title="Memory"
        atMs={atMs}
        values={memory}
        format={formatBytes}
        increments={BYTE_STEPS}
        limit={last?.memoryLimitBytes ?? null}
        heightPx={180}
        stale={stale}
        tone="run"
        current={
          last === undefined
            ? null
            : `${formatBytes(last.memoryBytes)}${last.memoryLimitBytes === null ? '' : ` of ${formatBytes(last.memoryLimitBytes)}`}`
        }
        source={source}
      />
      {rates.map(({ title, values }) => {
        const rate = values.at(-1)
        return (
          <Chart
            key={title}
            title={title}
            atMs={atMs}
            values={values}
            format={formatRate}
            limit={null}
            heightPx={120}
            stale={stale}
            tone="change"
            current={rate === undefined || rate === null ? null : formatRate(rate)}
            source={source}
          />
        )
      })}
      <Facts className="border-t border-line pt-3">
        <Fact name="Peak memory">
          <span className="num">
            {run.peakMemoryBytes === null ? 'known when the run ends' : formatBytes(run.peakMemoryBytes)}
          </span>
        </Fact>
        <Fact name="CPU time">
          <span className="num">
            {run.cpuTimeMs === null ? 'known when the run ends' : formatDuration(run.cpuTimeMs)}
          </span>
        </Fact>
        <Fact name="Processes">
          <span className="num">{last?.pids ?? 'not known'}</span>
        </Fact>
      </Facts>
    </div>
  )
}

/** CPU and memory of the chosen run. */
export function ChartsTab({ agent, runId, onRun }: RunTabProps) {
  const { read, chosen } = useChosenRun(agent.id, runId)
  return (
    <Loaded read={read}>
      {(runs) =>
        chosen === undefined ? (
          <NoRuns agent={agent} onRun={onRun} />
        ) : (
          <>
            <div className="flex h-9 shrink-0 items-center justify-end border-b border-line px-3">
              <RunPicker runs={runs} chosen={chosen} />
            </div>
            <RunCharts key={followKey(chosen)} run={chosen} />
          </>
        )
      }
    </Loaded>
  )
}
