import type { ExecutionId, StatsSample } from '@contract'
import type { Source, SourceSink } from '../core'
import type { Store } from '../store'
import { isUnderWay } from './execution-log'

/** What executions use, sample by sample: kept and followed live. */
export interface ExecutionStats {
  open(id: ExecutionId): OpenStats
  /** The run ended without ever being measured. */
  drop(id: ExecutionId): void
  /** The kept samples, then live ones until the run ends. */
  follow(id: ExecutionId): Source<StatsSample>
}

export interface OpenStats {
  add(sample: StatsSample): void
  readonly peakMemoryBytes: () => number | null
  /** CPU time, summed from the samples; null until there are some. */
  readonly cpuTimeMs: () => number | null
  close(): void
}

/** One sample a second: an hour at full rate; older ones leave a gap in the middle of nothing. */
const KEPT_SAMPLES = 3600

export const createExecutionStats = (ports: { store: Store; onError: (error: unknown) => void }): ExecutionStats => {
  const { store, onError } = ports
  const live = new Map<ExecutionId, Set<SourceSink<StatsSample>>>()
  const close = (id: ExecutionId): void => {
    const listeners = live.get(id)
    live.delete(id)
    for (const listener of listeners ?? []) listener.end()
    listeners?.clear()
  }

  return {
    drop: close,

    open(id) {
      const listeners = live.get(id) ?? new Set<SourceSink<StatsSample>>()
      live.set(id, listeners)
      let peak: number | null = null
      let cpu: number | null = null
      let lastAtMs: number | null = null
      let count = 0
      return {
        add(sample) {
          peak = Math.max(peak ?? 0, sample.memoryBytes)
          if (sample.cpuPercent !== null && lastAtMs !== null)
            cpu = (cpu ?? 0) + (sample.cpuPercent / 100) * (sample.atMs - lastAtMs)
          lastAtMs = sample.atMs
          count += 1
          for (const listener of listeners) listener.emit([sample])
          if (count > KEPT_SAMPLES) return
          store
            .write((tx) =>
              tx.run('INSERT OR REPLACE INTO execution_stats (execution_id, at, sample) VALUES (:id, :at, :sample)', {
                id,
                at: sample.atMs,
                sample: JSON.stringify(sample),
              }),
            )
            .catch(onError)
        },
        peakMemoryBytes: () => peak,
        cpuTimeMs: () => cpu,
        close: () => close(id),
      }
    },
    follow: (id) => (sink) => {
      const kept = store
        .all<{ sample: string }>('SELECT sample FROM execution_stats WHERE execution_id = :id ORDER BY at', { id })
        .map((row) => JSON.parse(row.sample) as StatsSample)
      if (kept.length > 0) sink.emit(kept)
      if (!live.has(id) && isUnderWay(store, id)) live.set(id, new Set())
      const listeners = live.get(id)
      if (listeners === undefined) {
        sink.end()
        return () => undefined
      }
      listeners.add(sink)
      return () => {
        listeners.delete(sink)
      }
    },
  }
}
