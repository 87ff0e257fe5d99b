import { ERRORS, type StreamMessage, type WireError } from '@contract'
import { type Clock, type Source, systemClock, toWireError } from '../../engine/core'

/** The message that opens a stream; the page passes one end of a channel along with it. */
export const STREAM_OPEN = 'stream.open'

/** One frame of a 60 Hz screen: more often, nobody can see it. */
const BATCH_MS = 16
const MAX_BATCH = 1_000
/** Batches that may be on their way without being acknowledged. */
const MAX_IN_FLIGHT = 2
/** Items held back for a page that does not keep up. */
const MAX_HELD = 10_000

/** One end of a message channel, without Electron. */
export interface StreamPort {
  post(message: StreamMessage<unknown>): void
  onMessage(listener: (data: unknown) => void): void
  /** The other end was closed, or its page is gone. */
  onClose(listener: () => void): void
  start(): void
  close(): void
}

export interface StreamPump {
  /** Let the source deliver. Without effect when the stream was stopped meanwhile. */
  start(source: Source<unknown>): void
  /** End without ever having started. */
  fail(error: WireError): void
  /** Stop the source and close the port, without an end: whoever listened is gone. */
  readonly stop: () => void
}

/**
 * Carries a source to a page, no faster than the page takes it: a batch at most every 16 ms, at most two of them
 * unacknowledged, at most 10 000 items held back.
 *
 * Nothing is ever dropped in silence. Logs and samples are records of what happened, so a page that falls behind
 * further than the limit gets everything that was held back and then an end with COMM_001; it opens the stream again
 * after the last item it has seen, and misses nothing. One delivery of any size is taken when nothing is held back: its
 * memory is spent already.
 */
export const createStreamPump = (options: {
  readonly port: StreamPort
  readonly onClosed: () => void
  readonly clock?: Clock
}): StreamPump => {
  const { port } = options
  const clock = options.clock ?? systemClock
  let held: unknown[] = []
  let seq = 0
  let acknowledged = 0
  let stopSource: (() => void) | undefined
  let cancelTimer: (() => void) | undefined
  let lastSentMs = Number.NEGATIVE_INFINITY
  /** Set once the source has ended: null for a good end. */
  let ending: WireError | null | undefined
  let closed = false

  const close = (): void => {
    if (closed) return
    closed = true
    cancelTimer?.()
    held = []
    stopSource?.()
    stopSource = undefined
    port.close()
    options.onClosed()
  }

  const send = (): void => {
    cancelTimer = undefined
    if (closed) return
    if (held.length > 0 && seq - acknowledged < MAX_IN_FLIGHT) {
      const items = held.splice(0, MAX_BATCH)
      seq += 1
      lastSentMs = clock.monotonicMs()
      port.post({ kind: 'items', items, seq })
    }
    if (held.length > 0) schedule()
    else if (ending !== undefined) {
      port.post({ kind: 'end', error: ending })
      close()
    }
  }

  const schedule = (): void => {
    if (closed || cancelTimer !== undefined) return
    // Without credit there is nothing to do until the page acknowledges.
    if (held.length > 0 && seq - acknowledged >= MAX_IN_FLIGHT) return
    cancelTimer = clock.after(Math.max(0, lastSentMs + BATCH_MS - clock.monotonicMs()), send)
  }

  const end = (error: WireError | null): void => {
    if (ending !== undefined) return
    ending = error
    schedule()
  }

  const fellBehind = (): WireError => ({
    code: 'COMM_001',
    message: `The page did not keep up: more than ${MAX_HELD} items were waiting for it.`,
    nextStep: 'Open the stream again; it continues after the last item that arrived.',
    retryable: ERRORS.COMM_001.retryable,
  })

  port.onMessage((data) => {
    const ack = acknowledgedSeq(data)
    // An answer to what was never sent is no credit.
    if (ack === undefined || ack > seq || ack <= acknowledged) return
    acknowledged = ack
    schedule()
  })
  port.onClose(close)
  port.start()

  return {
    start(source) {
      if (closed) return
      const stop = source({
        emit(items) {
          if (closed || ending !== undefined || items.length === 0) return
          if (held.length > 0 && held.length + items.length > MAX_HELD) {
            end(fellBehind())
            stopSource?.()
            stopSource = undefined
            return
          }
          held = held.length === 0 ? [...items] : held.concat(items)
          schedule()
        },
        end: (error) => end(error === undefined ? null : toWireError(error)),
      })
      // The source may have been too fast, or the page gone, before it returned how to stop it.
      if (closed || ending !== undefined) stop()
      else stopSource = stop
    },
    fail: end,
    stop: close,
  }
}

const acknowledgedSeq = (data: unknown): number | undefined =>
  typeof data === 'object' && data !== null && 'ack' in data && Number.isSafeInteger(data.ack)
    ? Number(data.ack)
    : undefined
