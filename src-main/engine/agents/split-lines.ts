import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** A line longer than this is handed on in pieces, so that output without a line end cannot fill the memory. */
const MAX_PENDING_CHARS = 65_536

/** Cut a byte stream into lines; each chunk's lines come together. The last line needs no line end. */
export const splitLines = (stream: Readable, onLines: (lines: string[]) => void): void => {
  const decoder = new StringDecoder('utf8')
  let pending = ''
  stream.on('data', (chunk: Buffer) => {
    const parts = (pending + decoder.write(chunk)).split(/\r?\n/)
    pending = parts.pop() ?? ''
    if (pending.length > MAX_PENDING_CHARS) {
      parts.push(pending)
      pending = ''
    }
    if (parts.length > 0) onLines(parts)
  })
  stream.on('end', () => {
    const rest = pending + decoder.end()
    if (rest !== '') onLines([rest])
  })
  // The end of the run is known from the sandbox; a broken pipe adds nothing.
  stream.on('error', () => undefined)
}

/** Resolves when the stream has given all it had. */
export const ended = (stream: Readable): Promise<void> =>
  stream.readableEnded || stream.destroyed
    ? Promise.resolve()
    : new Promise((resolve) => {
        stream.once('end', resolve)
        stream.once('close', resolve)
      })
