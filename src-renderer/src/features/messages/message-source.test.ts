// @vitest-environment happy-dom
import type { MessageHeader, StreamMessage } from '@contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compileFilter, parseFilter } from './filter'
import { createMessageSource } from './message-source'

const message = (at: number, state: MessageHeader['state'] = 'queued'): MessageHeader =>
  ({ id: `id-${String(at).padStart(4, '0')}`, sentAtMs: at, state }) as unknown as MessageHeader

type Send = (message: StreamMessage<MessageHeader>, acknowledge: () => void) => void

const setUp = (text: string, pages: readonly (readonly MessageHeader[])[]) => {
  const opened: { input: unknown; send: Send; closed: boolean }[] = []
  let page = 0
  const invoke = vi.fn(async (_channel: string, _input: unknown) => {
    const items = pages[page] ?? []
    page += 1
    return {
      ok: true,
      value: { items, next: page < pages.length ? String(page) : null, complete: true, scanned: items.length },
    }
  })
  vi.stubGlobal('console_', {
    invoke,
    openStream: (_name: string, input: unknown, send: Send) => {
      const stream = { input, send, closed: false }
      opened.push(stream)
      return () => {
        stream.closed = true
      }
    },
  })
  const compiled = compileFilter(parseFilter(text), { parties: [], nowMs: 0 })
  return { source: createMessageSource(compiled), invoke, opened }
}

const settle = () => vi.advanceTimersByTimeAsync(100)
const ids = (rows: readonly MessageHeader[]) => rows.map(({ sentAtMs }) => sentAtMs)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the messages of one filter', () => {
  it('are the pages and what is sent meanwhile', async () => {
    const { source, opened } = setUp('', [[message(3), message(2)], [message(1)]])
    source.more()
    source.follow()
    const acknowledge = vi.fn()
    await settle()
    opened[0]?.send({ kind: 'items', items: [message(4), message(2, 'acknowledged')], seq: 1 }, acknowledge)
    await settle()
    expect(acknowledge).toHaveBeenCalledTimes(1)
    expect(ids(source.snapshot().rows)).toEqual([4, 3, 2, 1])
    expect(source.snapshot().rows[2]?.state).toBe('acknowledged')
  })

  it('asks for states where it reads, not where it follows', async () => {
    const { source, invoke, opened } = setUp('state:queued', [[message(1)]])
    source.more()
    source.follow()
    await settle()
    expect(invoke.mock.calls[0]?.[1]).toMatchObject({ filter: { states: ['queued'] } })
    expect(opened[0]?.input).toEqual({ filter: {} })
    opened[0]?.send({ kind: 'items', items: [message(1, 'dead'), message(2, 'dead')], seq: 1 }, () => undefined)
    await settle()
    expect(source.snapshot().rows).toEqual([message(1, 'dead')])
  })

  it('open the stream again when it was too fast, and say that some are missing', async () => {
    const { source, opened } = setUp('', [[]])
    source.follow()
    const tooFast = { code: 'COMM_001', message: 'too fast', nextStep: '', retryable: true } as const
    opened[0]?.send({ kind: 'end', error: tooFast }, () => undefined)
    await settle()
    expect(source.snapshot()).toMatchObject({ missed: true, followError: null })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(opened).toHaveLength(2)
    opened[1]?.send({ kind: 'items', items: [message(9)], seq: 1 }, () => undefined)
    await settle()
    expect(ids(source.snapshot().rows)).toEqual([9])
  })

  it('say why they no longer appear by themselves', async () => {
    const { source, opened } = setUp('', [[]])
    source.follow()
    const refused = { code: 'POLICY_001', message: 'no', nextStep: '', retryable: false } as const
    opened[0]?.send({ kind: 'end', error: refused }, () => undefined)
    await settle()
    expect(source.snapshot().followError?.code).toBe('POLICY_001')
  })

  it('take nothing more once following has stopped', async () => {
    const { source, opened } = setUp('', [[]])
    const stop = source.follow()
    stop()
    opened[0]?.send({ kind: 'items', items: [message(1)], seq: 1 }, () => undefined)
    await settle()
    expect(opened[0]?.closed).toBe(true)
    expect(source.snapshot().rows).toEqual([])
  })
})
