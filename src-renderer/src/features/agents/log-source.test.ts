// @vitest-environment happy-dom
import type { Bridge, StreamMessage } from '@contract'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createLogSource } from './log-source'

const ID = '0190a1b2-7c3a-7000-8000-000000000001'
const line = (seq: number) => ({ seq, atMs: 0, source: 'agent', level: 'info', text: `line ${seq}` }) as const
const end = (code: 'COMM_001' | 'AGENT_006'): StreamMessage<never> => ({
  kind: 'end',
  error: { code, message: 'ended', nextStep: '', retryable: false },
})

afterEach(() => vi.unstubAllGlobals())

const setUp = async () => {
  const opened: { afterSeq: number; send: (message: unknown) => void; close: () => void }[] = []
  const openStream = (_name: string, input: { afterSeq: number }, onMessage: (m: unknown, ack: () => void) => void) => {
    const close = vi.fn()
    opened.push({ afterSeq: input.afterSeq, send: (message) => onMessage(message, () => undefined), close })
    return close
  }
  const invoke = async () => ({ ok: true, value: [line(1), line(2)] })
  vi.stubGlobal('console_', { invoke, openStream } as unknown as Bridge)
  const source = createLogSource(ID)
  source.open()
  await vi.waitFor(() => expect(opened).toHaveLength(1))
  return { source, opened }
}

describe('the log of a run', () => {
  it('goes on after the last line when the page fell behind', async () => {
    const { source, opened } = await setUp()
    expect(opened[0]?.afterSeq).toBe(2)
    opened[0]?.send({ kind: 'items', items: [line(3), line(4)], seq: 1 })
    opened[0]?.send(end('COMM_001'))
    expect(opened.map(({ afterSeq }) => afterSeq)).toEqual([2, 4])
    expect(opened[0]?.close).toHaveBeenCalled()
    opened[1]?.send({ kind: 'items', items: [line(5)], seq: 1 })
    await vi.waitFor(() =>
      expect(source.buffer.snapshot()).toMatchObject({
        items: [1, 2, 3, 4, 5].map((seq) => ({ seq })),
        ended: false,
        error: null,
      }),
    )
  })

  it('shows any other end', async () => {
    const { source, opened } = await setUp()
    opened[0]?.send(end('AGENT_006'))
    await vi.waitFor(() =>
      expect(source.buffer.snapshot()).toMatchObject({ ended: true, error: { code: 'AGENT_006' } }),
    )
    expect(opened).toHaveLength(1)
  })
})
