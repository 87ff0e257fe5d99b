import { type Duplex, PassThrough, type Readable } from 'node:stream'
import type { Log } from '../../core'
import { demuxInto, STREAM_NAMES, type StreamName } from './demux'
import { type LogEntry, logEntries, sinceOf } from './log-entries'
import { missedFrom } from './missed'

/** So much of what was handed on last is kept to find it again in the log: more than a daemon holds back at once. */
const TAIL_BYTES = 256 * 1024

/** Ask for the log with its times, from a time on or all of it; `follow` goes on until the program ends. */
export type OpenLog = (how: {
  readonly follow: boolean
  readonly since: string | null
}) => Promise<AsyncIterable<Buffer>>

/**
 * What a program writes, for its one reader: first from the live attachment, then, when that broke, from the log of the
 * container, without a gap and without a part twice.
 */
export interface Output {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Hand on what the attachment brings. Resolves when it has ended, whyever. */
  attached(source: Duplex): Promise<void>
  /**
   * Hand on what was missed, then what comes. Resolves once what was missed is handed on; `ended` when the log has ended.
   * Rejects when the log cannot be read.
   */
  goOn(openLog: OpenLog): Promise<{ readonly ended: Promise<void> }>
  /** The program has ended while nobody listened: hand on the rest of its log. */
  finish(openLog: OpenLog): Promise<void>
  end(): void
}

/** How far one stream was handed on. */
interface Position {
  bytes: number
  tail: Buffer[]
  tailBytes: number
  /** Of the last entry of the log that was handed on, once the log is read: its stamp, and how many had this stamp. */
  stamp: string | null
  withStamp: number
}

const start = (): Position => ({ bytes: 0, tail: [], tailBytes: 0, stamp: null, withStamp: 0 })

export const createOutput = (log: Log): Output => {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() }
  const positions = { stdout: start(), stderr: start() }
  let readsLog = false

  const remember = (name: StreamName, bytes: Buffer): void => {
    const position = positions[name]
    position.bytes += bytes.length
    position.tail.push(bytes)
    position.tailBytes += bytes.length
    for (let first = position.tail[0]; first !== undefined; first = position.tail[0]) {
      if (position.tailBytes - first.length < TAIL_BYTES) break
      position.tail.shift()
      position.tailBytes -= first.length
    }
  }

  /** Resolves when the reader wants more. */
  const hand = async (name: StreamName, bytes: Buffer): Promise<void> => {
    const target = streams[name]
    if (bytes.length === 0 || target.destroyed || target.writableEnded || target.write(bytes)) return
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        target.off('drain', goOn)
        target.off('close', goOn)
        resolve()
      }
      target.on('drain', goOn)
      target.on('close', goOn)
    })
  }

  const mark = ({ stream, stamp }: LogEntry): void => {
    const position = positions[stream]
    position.withStamp = position.stamp === stamp ? position.withStamp + 1 : 1
    position.stamp = stamp
  }

  /** The first time: find by its content what of the log was handed on already, and hand on the rest of it. */
  const catchUp = async (openLog: OpenLog): Promise<void> => {
    const entries: LogEntry[] = []
    for await (const entry of logEntries(await openLog({ follow: false, since: null }))) entries.push(entry)
    const skip = { stdout: 0, stderr: 0 }
    for (const name of STREAM_NAMES) {
      const { bytes, tail } = positions[name]
      const own = entries.filter(({ stream }) => stream === name).map((entry) => entry.bytes)
      skip[name] = missedFrom(Buffer.concat(own), { bytes, tail: Buffer.concat(tail) })
      if (skip[name] === 0 && bytes > 0 && own.length > 0) log.warn({ stream: name }, 'part of the output may be lost')
      positions[name].tail = []
      positions[name].tailBytes = 0
    }
    readsLog = true
    for (const entry of entries) {
      const skipped = Math.min(skip[entry.stream], entry.bytes.length)
      skip[entry.stream] -= skipped
      mark(entry)
      await hand(entry.stream, entry.bytes.subarray(skipped))
    }
  }

  /** From the entry on that was handed on last, as `since` names it; null when there is none of some stream. */
  const since = (): string | null => {
    const stamps = STREAM_NAMES.map((name) => positions[name].stamp)
    const known = stamps.filter((stamp) => stamp !== null)
    const [first] = known.sort()
    return first === undefined || known.length < stamps.length ? null : sinceOf(first)
  }

  /** Tells of each entry, in the order of the log, whether it was handed on before. */
  const createSeen = (): ((entry: LogEntry) => boolean) => {
    const left = {
      stdout: { stamp: positions.stdout.stamp, count: positions.stdout.withStamp },
      stderr: { stamp: positions.stderr.stamp, count: positions.stderr.withStamp },
    }
    return ({ stream, stamp }) => {
      const marked = left[stream]
      if (marked.stamp === null) return false
      if (stamp < marked.stamp) return true
      const isSeen = stamp === marked.stamp
      marked.count -= 1
      // Past the mark everything is new, whatever the clock of the daemon does.
      if (!isSeen || marked.count === 0) marked.stamp = null
      return isSeen
    }
  }

  const handOn = async (stream: AsyncIterable<Buffer>): Promise<void> => {
    const isSeen = createSeen()
    for await (const entry of logEntries(stream)) {
      if (isSeen(entry)) continue
      mark(entry)
      await hand(entry.stream, entry.bytes)
    }
  }

  return {
    ...streams,
    attached: (source) => demuxInto(source, { ...streams, onPart: remember }),

    async goOn(openLog) {
      if (!readsLog) await catchUp(openLog)
      const stream = await openLog({ follow: true, since: since() })
      // It ends with the program or with the daemon; which of them is found out by whoever waits for it.
      return { ended: handOn(stream).catch(() => undefined) }
    },

    async finish(openLog) {
      if (!readsLog) await catchUp(openLog)
      else await handOn(await openLog({ follow: false, since: since() }))
    },

    end() {
      for (const name of STREAM_NAMES) streams[name].end()
    },
  }
}
