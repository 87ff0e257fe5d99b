import type { StreamMessage, WireError } from '@contract'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createManualClock, RuntimeError, type SourceSink } from '../../engine/core'
import { createStreamPump } from './streams'

const setUp = () => {
  const clock = createManualClock()
  const posted: StreamMessage<unknown>[] = []
  const port = { closed: false, say: (_data: unknown): void => undefined, hangUp: (): void => undefined }
  const onClosed = vi.fn()
  const pump = createStreamPump({
    clock,
    onClosed,
    port: {
      post: (message) => posted.push(message),
      onMessage: (listener) => {
        port.say = listener
      },
      onClose: (listener) => {
        port.hangUp = listener
      },
      start: () => undefined,
      close: () => {
        port.closed = true
      },
    },
  })
  const stopped = vi.fn()
  let sink: SourceSink<unknown> = { emit: () => undefined, end: () => undefined }
  const start = (): void =>
    pump.start((given) => {
      sink = given
      return stopped
    })
  return {
    clock,
    posted,
    port,
    pump,
    onClosed,
    stopped,
    start,
    emit: (items: readonly unknown[]) => sink.emit(items),
    end: (error?: unknown) => sink.end(error),
    items: () => posted.flatMap((message) => (message.kind === 'items' ? message.items : [])),
    ends: () => posted.filter((message) => message.kind === 'end'),
  }
}
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n)

describe('a stream to a page', () => {
  it('gathers what comes within 16 ms into one batch', () => {
    const s = setUp()
    s.start()
    for (let n = 0; n < 32; n += 1) {
      s.emit([n])
      s.clock.advance(1)
      s.port.say({ ack: s.posted.length })
    }
    expect(s.posted.map((message) => (message.kind === 'items' ? message.items.length : 'end'))).toEqual([1, 15, 16])
    expect(s.items()).toEqual(numbers(0, 32))
  })

  it('sends no third batch before the page has acknowledged one', () => {
    const s = setUp()
    s.start()
    s.emit(numbers(0, 5_000))
    s.clock.advance(1_000)
    expect(s.posted).toHaveLength(2)
    s.port.say({ ack: 1 })
    s.clock.advance(1_000)
    expect(s.posted).toHaveLength(3)
    s.port.say({ ack: 3 })
    s.clock.advance(1_000)
    expect(s.items()).toEqual(numbers(0, 5_000))
  })

  it.each([{ ack: 99 }, { ack: -1 }, { ack: 'x' }, { ack: 0.5 }, {}, null, 7, { __proto__: { ack: 2 } }])(
    'takes %j for no acknowledgement of what was sent',
    (data) => {
      const s = setUp()
      s.start()
      s.emit(numbers(0, 5_000))
      s.clock.advance(1_000)
      s.port.say(data)
      s.clock.advance(1_000)
      const honest = data !== null && typeof data === 'object' && 'ack' in data && data.ack === 2
      expect(s.posted).toHaveLength(honest ? 4 : 2)
    },
  )

  it('ends once, after everything was sent, and closes', () => {
    const s = setUp()
    s.start()
    s.emit([1, 2])
    s.end()
    s.end(new Error('again'))
    s.emit([3])
    s.clock.advance(100)
    expect(s.posted).toEqual([
      { kind: 'items', items: [1, 2], seq: 1 },
      { kind: 'end', error: null },
    ])
    expect([s.port.closed, s.onClosed.mock.calls.length]).toEqual([true, 1])
  })

  it('ends with the code of an error of ours, and without the words of any other', () => {
    const ours = setUp()
    ours.start()
    ours.end(new RuntimeError('AGENT_006', 'There is no such execution.'))
    ours.clock.advance(100)
    expect(ours.ends()).toMatchObject([{ error: { code: 'AGENT_006' } }])
    const foreign = setUp()
    foreign.start()
    foreign.end(new Error('/root/secret'))
    foreign.clock.advance(100)
    expect(foreign.ends()).toMatchObject([{ error: { code: 'INTERNAL_001' } }])
    expect(JSON.stringify(foreign.posted)).not.toContain('secret')
  })

  it('that the page does not follow gives all it held back, then says that it fell behind', () => {
    const s = setUp()
    s.start()
    for (let n = 0; n < 20_000; n += 100) s.emit(numbers(n, 100))
    expect(s.stopped).toHaveBeenCalledOnce()
    for (let ack = 1; ack <= 20; ack += 1) {
      s.clock.advance(1_000)
      s.port.say({ ack: Math.min(ack, s.posted.length) })
    }
    expect(s.items()).toEqual(numbers(0, 10_000))
    expect(s.ends()).toMatchObject([{ error: { code: 'COMM_001', retryable: true } }])
  })

  it('takes one delivery of any size, because its memory is spent already', () => {
    const s = setUp()
    s.start()
    s.emit(numbers(0, 50_000))
    s.end()
    for (let ack = 1; ack <= 60; ack += 1) {
      s.clock.advance(1_000)
      s.port.say({ ack: Math.min(ack, s.posted.length) })
    }
    expect(s.items()).toHaveLength(50_000)
    expect(s.ends()).toEqual([{ kind: 'end', error: null }])
  })

  it.each(['hang up', 'stop'] as const)('stops its source in silence: %s', (how) => {
    const s = setUp()
    s.start()
    s.emit([1])
    if (how === 'stop') s.pump.stop()
    else s.port.hangUp()
    s.emit([2])
    s.clock.advance(100)
    expect(s.posted).toEqual([])
    expect([s.stopped.mock.calls.length, s.onClosed.mock.calls.length, s.port.closed]).toEqual([1, 1, true])
  })

  it('never lets a source run that came after the page had gone', () => {
    const s = setUp()
    s.port.hangUp()
    s.start()
    s.emit([1])
    s.clock.advance(100)
    expect(s.posted).toEqual([])
  })

  it('that is refused says why and closes', () => {
    const s = setUp()
    const error: WireError = { code: 'IPC_002', message: 'no', nextStep: 'none', retryable: false }
    s.pump.fail(error)
    s.clock.advance(0)
    expect(s.posted).toEqual([{ kind: 'end', error }])
    expect(s.port.closed).toBe(true)
  })

  it('keeps every item, in order, whatever the rhythm of source and page', () => {
    const step = fc.oneof(
      fc.record({ emit: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ wait: fc.integer({ min: 0, max: 40 }) }),
      fc.constant({ ack: true as const }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const s = setUp()
        s.start()
        let next = 0
        for (const one of steps) {
          if ('emit' in one) {
            if (next - s.items().length + one.emit > 10_000) continue
            s.emit(numbers(next, one.emit))
            next += one.emit
          } else if ('wait' in one) s.clock.advance(one.wait)
          else s.port.say({ ack: s.posted.length })
        }
        s.end()
        for (let n = 0; n < 100; n += 1) {
          s.clock.advance(100)
          s.port.say({ ack: s.posted.filter(({ kind }) => kind === 'items').length })
        }
        expect(s.items()).toEqual(numbers(0, next))
        expect(s.ends()).toEqual([{ kind: 'end', error: null }])
      }),
      { numRuns: 200 },
    )
  })
})
