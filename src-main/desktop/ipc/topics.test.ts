import type { TopicEvent } from '@contract'
import { describe, expect, it } from 'vitest'
import { createManualClock, type EngineEvent } from '../../engine/core'
import { createTopicForwarder } from './topics'

const audit = (seq: number): EngineEvent => ({ topic: 'audit.appended', payload: { seq } })
const engine: EngineEvent = { topic: 'engine.changed', payload: {} }

const setUp = () => {
  const clock = createManualClock()
  const window = { visible: true }
  const messages: { atMs: number; events: readonly TopicEvent[] }[] = []
  const forwarder = createTopicForwarder({
    clock,
    isVisible: () => window.visible,
    send: (events) => messages.push({ atMs: clock.monotonicMs(), events }),
  })
  return { clock, window, messages, forwarder }
}

describe('events to a window', () => {
  it('come at once after a rest, then at most every 50 ms', () => {
    const { clock, messages, forwarder } = setUp()
    for (let n = 0; n < 200; n += 1) {
      forwarder.push(audit(n))
      clock.advance(1)
    }
    clock.advance(100)
    const times = messages.map(({ atMs }) => atMs)
    expect(times).toEqual([0, 50, 100, 150, 200])
    expect(messages.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual(
      Array.from({ length: 200 }, (_, n) => n + 1),
    )
  })

  it('come at most every 250 ms while the window cannot be seen, and soon after it is shown', () => {
    const { clock, window, messages, forwarder } = setUp()
    window.visible = false
    for (let n = 0; n < 600; n += 1) {
      forwarder.push(audit(n))
      clock.advance(1)
    }
    expect(messages.map(({ atMs }) => atMs)).toEqual([0, 250, 500])
    window.visible = true
    forwarder.visibilityChanged()
    clock.advance(0)
    expect(messages.at(-1)?.atMs).toBe(600)
  })

  it('that are equal and wait together are one', () => {
    const { clock, messages, forwarder } = setUp()
    for (let n = 0; n < 100; n += 1) forwarder.push(engine)
    forwarder.push(audit(1))
    clock.advance(50)
    expect(messages).toEqual([
      {
        atMs: 0,
        events: [
          { seq: 1, ...engine },
          { seq: 2, ...audit(1) },
        ],
      },
    ])
    forwarder.push(engine)
    clock.advance(50)
    expect(messages.at(-1)?.events).toEqual([{ seq: 3, ...engine }])
  })

  it('are at most 500 in one message, and none is lost below the limit', () => {
    const { clock, messages, forwarder } = setUp()
    for (let n = 0; n < 5_000; n += 1) forwarder.push(audit(n))
    clock.advance(1_000)
    expect(messages.map(({ events }) => events.length)).toEqual(Array.from({ length: 10 }, () => 500))
    expect(messages.at(-1)?.events.at(-1)?.seq).toBe(5_000)
  })

  it('that are too many leave a gap in seq, as long as what was dropped', () => {
    const { clock, messages, forwarder } = setUp()
    for (let n = 0; n < 5_007; n += 1) forwarder.push(audit(n))
    clock.advance(0)
    expect(messages[0]?.events[0]).toEqual({ seq: 8, ...audit(7) })
  })

  it('end when the window closes', () => {
    const { clock, messages, forwarder } = setUp()
    forwarder.push(engine)
    forwarder.stop()
    forwarder.push(audit(1))
    clock.advance(1_000)
    expect(messages).toEqual([])
  })
})
