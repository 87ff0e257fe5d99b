import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createStreamBuffer, pourStream } from './streams'

const setUp = (cap: number) => {
  const queue: (() => void)[] = []
  const buffer = createStreamBuffer<number>({ cap, soon: (work) => queue.push(work) })
  const acknowledge = vi.fn()
  let seq = 0
  return {
    buffer,
    acknowledge,
    queue,
    items: (...items: number[]) => {
      seq += 1
      buffer.receive({ kind: 'items', items, seq }, acknowledge)
    },
    flush: () => {
      for (const work of queue.splice(0)) work()
    },
  }
}

describe('stream buffer', () => {
  it('acknowledges each batch and tells listeners once', () => {
    const stream = setUp(10)
    const listener = vi.fn()
    stream.buffer.subscribe(listener)
    stream.items(1, 2)
    stream.items(3)
    expect(stream.acknowledge).toHaveBeenCalledTimes(2)
    expect(stream.queue).toHaveLength(1)
    stream.flush()
    expect(listener).toHaveBeenCalledTimes(1)
    expect(stream.buffer.snapshot()).toEqual({ items: [1, 2, 3], dropped: 0, ended: false, error: null })
  })

  it('gives the same snapshot while nothing happens', () => {
    const stream = setUp(10)
    stream.items(1)
    stream.flush()
    expect(stream.buffer.snapshot()).toBe(stream.buffer.snapshot())
  })

  it('lets the oldest go, counts them, and never passes the cap', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(), { maxLength: 30 }), { maxLength: 20 }), (batches) => {
        const stream = setUp(20)
        for (const batch of batches) stream.items(...batch)
        stream.flush()
        const { items, dropped } = stream.buffer.snapshot()
        const all = batches.flat()
        expect(items.length).toBeLessThanOrEqual(20)
        expect(dropped + items.length).toBe(all.length)
        expect(items).toEqual(all.slice(dropped))
      }),
    )
  })

  it('puts older items in front as far as there is room', () => {
    const stream = setUp(5)
    stream.items(10, 11)
    stream.buffer.prepend([5, 6, 7, 8, 9])
    stream.flush()
    expect(stream.buffer.snapshot().items).toEqual([7, 8, 9, 10, 11])
    stream.buffer.prepend([4])
    stream.flush()
    expect(stream.buffer.snapshot().items).toEqual([7, 8, 9, 10, 11])
  })

  it('ends well or with the error that was sent', () => {
    const good = setUp(5)
    good.buffer.receive({ kind: 'end', error: null }, good.acknowledge)
    good.flush()
    expect(good.buffer.snapshot()).toMatchObject({ ended: true, error: null })

    const bad = setUp(5)
    const error = { code: 'AGENT_006', message: 'gone', nextStep: 'refresh', retryable: false } as const
    bad.buffer.receive({ kind: 'end', error }, bad.acknowledge)
    bad.flush()
    expect(bad.buffer.snapshot().error).toMatchObject({ code: 'AGENT_006' })
  })

  it('shows a stream that cannot be opened as failed', () => {
    const queue: (() => void)[] = []
    const buffer = createStreamBuffer<never>({ cap: 5, soon: (work) => queue.push(work) })
    const source = { name: 'executions.stats', input: { id: '0190a1b2-7c3a-7000-8000-000000000001' } } as const
    pourStream(source, buffer as never, () => {
      throw new Error('no port')
    })
    for (const work of queue) work()
    expect(buffer.snapshot()).toMatchObject({ ended: true, error: { code: 'INTERNAL_001', message: 'no port' } })
  })
})
