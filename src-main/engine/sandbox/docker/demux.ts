import { type Duplex, PassThrough, type Readable, type Writable } from 'node:stream'

export const HEADER_BYTES = 8
const STDERR = 2

export type StreamName = 'stdout' | 'stderr'
export const STREAM_NAMES: readonly StreamName[] = ['stdout', 'stderr']

export interface DemuxTargets extends Readonly<Record<StreamName, Writable>> {
  /** Told of each part before it is handed on. */
  readonly onPart?: (name: StreamName, bytes: Buffer) => void
}

export interface DemuxedStreams {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the container's side has ended and everything was handed on. */
  readonly ended: Promise<void>
}

/** Which stream a frame belongs to. */
export const streamOf = (header: Buffer): StreamName => (header.readUInt8(0) === STDERR ? 'stderr' : 'stdout')

/**
 * Take the one stream of an attached container apart into stdout and stderr: frames of an 8 byte header (stream
 * number, three zeros, length as big-endian 32 bit) and their payload, as the Docker Engine API documents for attach
 * without a terminal. Unlike the client library's own splitter it never holds more than one chunk: when a reader is slow,
 * reading stops and the program in the container has to wait, so that no flood can fill the engine's memory.
 * A reader that has gone away only loses its own part. Resolves when the source has ended; the targets stay open.
 */
export const demuxInto = (source: Duplex, targets: DemuxTargets): Promise<void> => {
  let header = Buffer.alloc(0)
  let name: StreamName = 'stdout'
  let left = 0

  const hand = (bytes: Buffer): void => {
    targets.onPart?.(name, bytes)
    const target = targets[name]
    if (target.destroyed || target.writableEnded) return
    if (target.write(bytes)) return
    source.pause()
    const goOn = (): void => {
      target.off('drain', goOn)
      target.off('close', goOn)
      source.resume()
    }
    target.on('drain', goOn)
    target.on('close', goOn)
  }

  source.on('data', (chunk: Buffer) => {
    let rest = chunk
    while (rest.length > 0) {
      if (left === 0) {
        const needed = HEADER_BYTES - header.length
        header = Buffer.concat([header, rest.subarray(0, needed)])
        rest = rest.subarray(needed)
        if (header.length < HEADER_BYTES) return
        name = streamOf(header)
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

  return new Promise<void>((resolve) => {
    source.once('end', resolve)
    source.once('close', resolve)
    source.once('error', () => resolve())
  })
}

/** The same for a stream that comes only once: its two parts, which end with it. */
export const demux = (source: Duplex): DemuxedStreams => {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const ended = demuxInto(source, { stdout, stderr }).then(() => {
    stdout.end()
    stderr.end()
  })
  return { stdout, stderr, ended }
}
