import type { Topic, TopicEvent } from '@contract'
import type { Clock, EngineEvent } from '../../engine/core'

/** The message that carries events to a window. */
export const TOPIC_EVENTS = 'events'

const FLUSH_VISIBLE_MS = 50
const FLUSH_HIDDEN_MS = 250
const MAX_PER_MESSAGE = 500
const MAX_PENDING = 5_000

export interface TopicForwarder {
  push(event: EngineEvent): void
  /** The window was shown or hidden: what waits is sent at the pace that now holds. */
  visibilityChanged(): void
  stop(): void
}

/**
 * Carries events to one window: at most one message per 50 ms while it can be seen, per 250 ms while it cannot, at
 * most 500 events each. Events say that something changed, not how, so equal ones that wait together are one.
 *
 * `seq` counts what was sent to this window. When more than 5 000 different events wait, the oldest are dropped and
 * `seq` skips their number: a gap tells the page to ask for everything again.
 */
export const createTopicForwarder = (options: {
  readonly clock: Clock
  readonly isVisible: () => boolean
  readonly send: (events: readonly TopicEvent[]) => void
}): TopicForwarder => {
  const { clock } = options
  /** By topic and content; a Map keeps the order in which they came. */
  const pending = new Map<string, EngineEvent>()
  let dropped = 0
  let seq = 0
  let lastSentMs = Number.NEGATIVE_INFINITY
  let cancelTimer: (() => void) | undefined
  let stopped = false

  const flush = (): void => {
    cancelTimer = undefined
    if (stopped || pending.size === 0) return
    seq += dropped
    dropped = 0
    const events: TopicEvent<Topic>[] = []
    for (const [key, event] of pending) {
      if (events.length === MAX_PER_MESSAGE) break
      pending.delete(key)
      seq += 1
      events.push({ seq, topic: event.topic, payload: event.payload })
    }
    lastSentMs = clock.monotonicMs()
    options.send(events)
    schedule()
  }

  const schedule = (): void => {
    if (stopped || cancelTimer !== undefined || pending.size === 0) return
    const paceMs = options.isVisible() ? FLUSH_VISIBLE_MS : FLUSH_HIDDEN_MS
    cancelTimer = clock.after(Math.max(0, lastSentMs + paceMs - clock.monotonicMs()), flush)
  }

  return {
    push(event) {
      if (stopped) return
      const key = `${event.topic} ${JSON.stringify(event.payload)}`
      if (pending.has(key)) return
      if (pending.size >= MAX_PENDING) {
        const oldest = pending.keys().next()
        if (!oldest.done) pending.delete(oldest.value)
        dropped += 1
      }
      pending.set(key, event)
      schedule()
    },
    visibilityChanged() {
      cancelTimer?.()
      cancelTimer = undefined
      schedule()
    },
    stop() {
      stopped = true
      cancelTimer?.()
      pending.clear()
    },
  }
}
