import { HEADER_BYTES, type StreamName, streamOf } from './demux'

/** One entry of a container's log: a line, or a part of a long one. */
export interface LogEntry {
  readonly stream: StreamName
  /** When the daemon read it, as RFC 3339 in UTC with nine digits of a second: the order of the texts is that of the times. */
  readonly stamp: string
  readonly bytes: Buffer
}

const STAMP_LENGTH = '2026-01-01T00:00:00.000000000Z'.length
/** The daemon cuts lines at 16 KiB; more than this is no log. */
const LONGEST_ENTRY = 1024 * 1024

/**
 * The entries of a log that was asked for with its times: each in a frame of its own, the time and a blank before it.
 * A frame that breaks off is passed over.
 *
 * @throws Error when it is something else
 */
export async function* logEntries(stream: AsyncIterable<Buffer>): AsyncGenerator<LogEntry> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= HEADER_BYTES) {
      const size = rest.readUInt32BE(4)
      if (size <= STAMP_LENGTH || size > LONGEST_ENTRY) throw new Error('the daemon sent a log that cannot be read')
      if (rest.length < HEADER_BYTES + size) break
      const payload = rest.subarray(HEADER_BYTES, HEADER_BYTES + size)
      yield {
        stream: streamOf(rest),
        stamp: payload.toString('latin1', 0, STAMP_LENGTH),
        bytes: payload.subarray(STAMP_LENGTH + 1),
      }
      rest = rest.subarray(HEADER_BYTES + size)
    }
  }
}

/** A stamp as the daemon takes it for `since`: seconds since 1970 and nanoseconds. */
export const sinceOf = (stamp: string): string => {
  const seconds = Date.parse(`${stamp.slice(0, 19)}Z`) / 1000
  return `${seconds}.${stamp.slice(20, 29)}`
}
