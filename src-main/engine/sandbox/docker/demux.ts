import { type Duplex, PassThrough, type Readable } from 'node:stream'

const HEADER_BYTES = 8
const STDERR = 2

export interface DemuxedStreams {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the container's side has ended and everything was handed on. */
  readonly ended: Promise<void>
}

/**
 * Take the one stream of an attached container apart into stdout and stderr: frames of an 8 byte header (stream
 * number, three zeros, length as big-endian 32 bit) and their payload, as the Docker Engine API documents for attach
 * without a terminal. Unlike the client library's own splitter it never holds more than one chunk: when a reader is slow,
 * reading stops and the program in the container has to wait, so that no flood can fill the engine's memory.
 * A reader that has gone away only loses its own part.
 */
export const demux = (source: Duplex): DemuxedStreams => {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  let header = Buffer.alloc(0)
  let target = stdout
  let left = 0

  const hand = (bytes: Buffer): void => {
    if (target.destroyed || target.writableEnded) return
    if (target.write(bytes)) return
    source.pause()
    const slow = target
    const goOn = (): void => {
      slow.off('drain', goOn)
      slow.off('close', goOn)
      source.resume()
    }
    slow.on('drain', goOn)
    slow.on('close', goOn)
  }

  source.on('data', (chunk: Buffer) => {
    let rest = chunk
    while (rest.length > 0) {
      if (left === 0) {
        const needed = HEADER_BYTES - header.length
        header = Buffer.concat([header, rest.subarray(0, needed)])
        rest = rest.subarray(needed)
        if (header.length < HEADER_BYTES) return
        target = header.readUInt8(0) === STDERR ? stderr : stdout
        left = header.readUInt32BE(4)
        header = Buffer.alloc(0)
        continue
      }
      const part = rest.subarray(0, left)
      rest = rest.subarray(part.length)
      left -= part.length
      hand(part)
    }
  })

  const ended = new Promise<void>((resolve) => {
    const finish = (): void => {
      stdout.end()
      stderr.end()
      resolve()
    }
    source.once('end', finish)
    source.once('close', finish)
    source.once('error', finish)
  })
  return { stdout, stderr, ended }
}
