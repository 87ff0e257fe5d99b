import type { ExecutionId, LogLine } from '@contract'
import type { Clock, Redactor, Source, SourceSink } from '../core'
import type { Store } from '../store'

type NewLine = Pick<LogLine, 'source' | 'level' | 'text'>

/** The log of executions: kept, redacted, capped, and followed live. */
export interface ExecutionLogs {
  /** Start the log of a run. */
  open(id: ExecutionId): OpenLog
  /** The run ended without ever having a log. */
  drop(id: ExecutionId): void
  /** The page that ends before `beforeSeq`, oldest first. */
  page(id: ExecutionId, beforeSeq: number | undefined, limit: number): LogLine[]
  /** Stored lines after `afterSeq`, then live ones until the log is closed; that of a run that waits is waited for. */
  tail(id: ExecutionId, afterSeq: number): Source<LogLine>
}

export interface OpenLog {
  /** Resolves when the lines are on the disk. */
  append(lines: readonly NewLine[]): Promise<void>
  close(): void
}

/** One line is cut here; more would freeze whoever shows it. */
const MAX_LINE_CHARS = 16_384
/** A run keeps this much log; a flood must not fill the disk. */
const MAX_LOG_CHARS = 16_000_000
/** What a line takes besides its text: without it, a flood of empty lines would have no end. */
const LINE_OVERHEAD_CHARS = 64
const PAGE = 500

interface Row {
  seq: number
  at: number
  source: LogLine['source']
  level: LogLine['level']
  text: string
}

/** Whether the run waits or goes on. */
export const isUnderWay = (sql: Pick<Store, 'get'>, id: ExecutionId): boolean =>
  sql.get('SELECT 1 FROM executions WHERE id = :id AND ended_at IS NULL', { id }) !== undefined

const toLine = (row: Row): LogLine => ({
  seq: row.seq,
  atMs: row.at,
  source: row.source,
  level: row.level,
  text: row.text,
})

export const createExecutionLogs = (ports: { store: Store; clock: Clock; redactor: Redactor }): ExecutionLogs => {
  const { store, clock, redactor } = ports
  const live = new Map<ExecutionId, Set<SourceSink<LogLine>>>()

  const pageAfter = (id: ExecutionId, afterSeq: number): LogLine[] =>
    store
      .all<Row>('SELECT * FROM execution_log WHERE execution_id = :id AND seq > :afterSeq ORDER BY seq LIMIT :limit', {
        id,
        afterSeq,
        limit: PAGE,
      })
      .map(toLine)

  const close = (id: ExecutionId): void => {
    const listeners = live.get(id)
    live.delete(id)
    for (const listener of listeners ?? []) listener.end()
    listeners?.clear()
  }

  /** Those who follow the run; undefined when it is over. */
  const followers = (id: ExecutionId): Set<SourceSink<LogLine>> | undefined => {
    const known = live.get(id)
    if (known !== undefined || !isUnderWay(store, id)) return known
    const listeners = new Set<SourceSink<LogLine>>()
    live.set(id, listeners)
    return listeners
  }

  return {
    drop: close,

    open(id) {
      const listeners = live.get(id) ?? new Set<SourceSink<LogLine>>()
      live.set(id, listeners)
      let seq = 0
      let chars = 0
      let full = false

      const admit = (line: NewLine): LogLine | null => {
        if (full) return null
        const clean = redactor.text(line.text)
        const text =
          clean.length > MAX_LINE_CHARS
            ? `${clean.slice(0, MAX_LINE_CHARS)} [cut, ${clean.length - MAX_LINE_CHARS} more characters]`
            : clean
        chars += text.length + LINE_OVERHEAD_CHARS
        seq += 1
        if (chars <= MAX_LOG_CHARS) return { ...line, seq, atMs: clock.nowMs(), text }
        full = true
        return {
          seq,
          atMs: clock.nowMs(),
          source: 'engine',
          level: 'warn',
          text: 'The log of this run is full; further lines are not kept.',
        }
      }

      return {
        async append(lines) {
          const admitted = lines.map(admit).filter((line) => line !== null)
          if (admitted.length === 0) return
          await store.write((tx) => {
            for (const line of admitted)
              tx.run(
                `INSERT INTO execution_log (execution_id, seq, at, source, level, text)
                 VALUES (:id, :seq, :atMs, :source, :level, :text)`,
                { id, ...line },
              )
            tx.onCommit(() => {
              for (const listener of listeners) listener.emit(admitted)
            })
          })
        },
        close: () => close(id),
      }
    },

    page: (id, beforeSeq, limit) =>
      store
        .all<Row>(
          'SELECT * FROM execution_log WHERE execution_id = :id AND seq < :beforeSeq ORDER BY seq DESC LIMIT :limit',
          { id, beforeSeq: beforeSeq ?? Number.MAX_SAFE_INTEGER, limit },
        )
        .reverse()
        .map(toLine),

    tail: (id, afterSeq) => (sink) => {
      let stopped = false
      let lastSeq = afterSeq
      let caughtUp = false
      let ended = false
      const forward: SourceSink<LogLine> = {
        emit(lines) {
          if (!caughtUp) return
          const fresh = lines.filter((line) => line.seq > lastSeq)
          if (fresh.length === 0) return
          lastSeq = fresh.at(-1)?.seq ?? lastSeq
          sink.emit(fresh)
        },
        end() {
          ended = true
          if (caughtUp) sink.end()
        },
      }
      const listeners = followers(id)
      listeners?.add(forward)
      if (listeners === undefined) ended = true

      // Stored lines go out page by page, so that a long log does not hold the thread.
      const catchUp = (): void => {
        if (stopped) return
        let lines: LogLine[]
        try {
          lines = pageAfter(id, lastSeq)
        } catch (error) {
          // Nobody is above us here: an error that is thrown would end the engine.
          stopped = true
          listeners?.delete(forward)
          sink.end(error)
          return
        }
        if (lines.length > 0) {
          lastSeq = lines.at(-1)?.seq ?? lastSeq
          sink.emit(lines)
        }
        if (lines.length === PAGE) {
          setImmediate(catchUp)
          return
        }
        caughtUp = true
        if (ended) sink.end()
      }
      setImmediate(catchUp)

      return () => {
        stopped = true
        listeners?.delete(forward)
      }
    },
  }
}
