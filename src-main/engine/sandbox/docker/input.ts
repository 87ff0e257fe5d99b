import { type Duplex, Writable } from 'node:stream'

/** So much of what was sent last is sent again: more than a daemon and its socket hold at once. */
const RESENT_BYTES = 256 * 1024

/** What a program reads, kept alive over connections that break. */
export interface Input {
  readonly stdin: Writable
  /**
   * Send over this connection from now on. On a second one, what may not have arrived over the one before is sent again, after
   * a line break that ends what was cut: the protocol gives every line an id, so a program that has it already passes it over.
   */
  connect(line: Duplex): void
  /** Nothing arrives over the present connection any more. */
  disconnect(): void
  destroy(): void
}

interface Waiting {
  readonly bytes: Buffer
  readonly done: (error?: Error | null) => void
}

/** One write is taken as one or several whole lines, which is how the gateway writes. */
export const createInput = (): Input => {
  let line: Duplex | null = null
  let isFirst = true
  const sent: Buffer[] = []
  let sentBytes = 0
  /** Not known to be sent: written with the next connection. */
  let waiting: Waiting | null = null
  let isEnding = false

  const keep = (bytes: Buffer): void => {
    sent.push(bytes)
    sentBytes += bytes.length
    for (let first = sent[0]; first !== undefined && sentBytes - first.length >= RESENT_BYTES; first = sent[0]) {
      sent.shift()
      sentBytes -= first.length
    }
  }

  const push = (): void => {
    const target = line
    const item = waiting
    if (target === null || item === null) return
    target.write(item.bytes, (error) => {
      // Of a connection that is no longer the present one nothing is certain.
      if (error || line !== target || waiting !== item) return
      waiting = null
      keep(item.bytes)
      item.done()
    })
  }

  /** The program sees the end of its input; its output still comes. */
  const hangUp = (): void => {
    isEnding = true
    line?.end()
  }

  const stdin = new Writable({
    // The end of the input is not the end of the connection, over which the output comes.
    autoDestroy: false,
    decodeStrings: true,
    write(bytes: Buffer, _encoding, done) {
      waiting = { bytes, done }
      push()
    },
    final(done) {
      hangUp()
      done()
    },
    destroy(error, done) {
      hangUp()
      done(error)
    },
  })
  stdin.on('error', () => undefined)

  return {
    stdin,
    connect(next) {
      line = next
      if (!isFirst && !next.destroyed) next.write(Buffer.concat([Buffer.from('\n'), ...sent]))
      isFirst = false
      push()
      if (isEnding) next.end()
    },
    disconnect() {
      line = null
    },
    destroy() {
      line?.destroy()
      line = null
      stdin.destroy()
    },
  }
}
