import type { Execution, LogLine, StatsSample, StreamMessage } from '@contract'
import { logLine } from './fake-agents'
import { wire } from './fake-ids'

/** What a run wrote until now. */
export const fakeLog = (run: Execution): LogLine[] => {
  const until = run.endedAtMs ?? Date.now()
  const count = Math.max(1, Math.floor((until - run.startedAtMs) / 370))
  return Array.from({ length: count }, (_, index) => logLine(index, run.startedAtMs))
}

interface FakeStream {
  readonly isLog: boolean
  readonly run: Execution | undefined
  readonly afterSeq: number
  readonly send: (message: StreamMessage<unknown>, acknowledge: () => void) => void
}

/** A log or usage stream that goes on while its run does; returns how to close it. */
export const openFakeStream = ({ isLog, run, afterSeq, send }: FakeStream): (() => void) => {
  const done = () => undefined
  let batch = 0
  const items = (list: readonly unknown[]) => {
    batch += 1
    if (list.length > 0) send({ kind: 'items', items: list, seq: batch }, done)
  }
  if (run === undefined) {
    send(
      { kind: 'end', error: wire('AGENT_006', 'The execution was not found.', 'Refresh the list of executions.') },
      done,
    )
    return () => undefined
  }
  const sample = (atMs: number): StatsSample => {
    const t = (atMs - run.startedAtMs) / 1000
    return {
      atMs,
      cpuPercent: Math.max(0.4, 14 + 11 * Math.sin(t / 6) + 9 * Math.sin(t / 1.7) + Math.random() * 4),
      memoryBytes: 48_000_000 + 9_000_000 * (1 - Math.exp(-t / 20)) + 1_500_000 * Math.sin(t / 4),
      memoryLimitBytes: 268_435_456,
      pids: 11,
      diskBytesPerSecond: 40_000 + 30_000 * Math.sin(t / 5),
      networkBytesPerSecond: null,
      source: 'docker stats',
    }
  }
  let at = run.startedAtMs
  let after = afterSeq
  const pump = () => {
    if (isLog) {
      const fresh = fakeLog(run).filter((line) => line.seq > after)
      after = fresh.at(-1)?.seq ?? after
      items(fresh)
    } else {
      const until = run.endedAtMs ?? Date.now()
      const fresh: StatsSample[] = []
      for (; at <= until; at += 1000) fresh.push(sample(at))
      items(fresh)
    }
  }
  pump()
  if (run.endedAtMs !== null) {
    send({ kind: 'end', error: null }, done)
    return () => undefined
  }
  const timer = setInterval(pump, isLog ? 400 : 1000)
  return () => clearInterval(timer)
}
