import type { Bridge, StreamMessage, TopicEvent } from '@contract'
import { beforeEach, describe, expect, it, vi } from 'vitest'

const electron = vi.hoisted(() => ({
  exposed: {} as Record<string, unknown>,
  onEvents: (..._args: unknown[]): void => undefined,
  invoke: vi.fn<(channel: string, input: unknown) => Promise<unknown>>(),
  postMessage: vi.fn<(channel: string, message: unknown, ports: MessagePort[]) => void>(),
}))

vi.mock('electron', () => ({
  contextBridge: {
    exposeInMainWorld: (name: string, api: unknown) => {
      electron.exposed[name] = api
    },
  },
  ipcRenderer: {
    invoke: electron.invoke,
    postMessage: electron.postMessage,
    on: (_channel: string, listener: (...args: unknown[]) => void) => {
      electron.onEvents = listener
    },
  },
}))

await import('./index')
const bridge = electron.exposed['console_'] as Bridge
const event: TopicEvent = { seq: 1, topic: 'engine.changed', payload: {} }

beforeEach(() => vi.clearAllMocks())

describe('the bridge', () => {
  it('exposes one name with three functions', () => {
    expect(Object.keys(electron.exposed)).toEqual(['console_'])
    expect(Object.keys(bridge).sort()).toEqual(['invoke', 'openStream', 'subscribe'])
  })

  it('passes an answer through', async () => {
    electron.invoke.mockResolvedValue({ ok: true, value: { theme: 'dark' } })
    expect(await bridge.invoke('settings.get', {})).toEqual({ ok: true, value: { theme: 'dark' } })
    expect(electron.invoke).toHaveBeenCalledExactlyOnceWith('settings.get', {})
  })

  it.each([
    ["Error invoking remote method 'x': Error: No handler registered for 'x'", 'IPC_002'],
    ['An object could not be cloned.', 'IPC_001'],
  ])('makes a reply of the rejection %j', async (message, code) => {
    electron.invoke.mockRejectedValue(new Error(message))
    expect(await bridge.invoke('settings.get', {})).toMatchObject({ ok: false, error: { code } })
  })

  it('gives listeners the events and nothing of Electron, until they stop', () => {
    const heard = vi.fn()
    const stop = bridge.subscribe(heard)
    electron.onEvents({ sender: 'ipcRenderer' }, [event])
    stop()
    electron.onEvents({ sender: 'ipcRenderer' }, [event])
    expect(heard.mock.calls).toEqual([[[event]]])
  })

  it('carries a stream over a port of its own, with acknowledgements, to its end', async () => {
    const messages: StreamMessage<unknown>[] = []
    bridge.openStream('executions.tail', { id: 'x', afterSeq: -1 }, (message, acknowledge) => {
      messages.push(message)
      acknowledge()
    })
    const [channel, request, ports] = electron.postMessage.mock.calls[0] ?? []
    expect([channel, request]).toEqual(['stream.open', { name: 'executions.tail', input: { id: 'x', afterSeq: -1 } }])
    const port = ports?.[0]
    const acknowledged: unknown[] = []
    port?.addEventListener('message', ({ data }) => acknowledged.push(data))
    port?.start()
    port?.postMessage({ kind: 'items', items: [], seq: 7 })
    port?.postMessage({ kind: 'end', error: null })
    await vi.waitFor(() => expect(messages).toHaveLength(2))
    await vi.waitFor(() => expect(acknowledged).toEqual([{ ack: 7 }]))
  })

  it('ends a stream that cannot be asked for', () => {
    electron.postMessage.mockImplementation(() => {
      throw new Error('An object could not be cloned.')
    })
    const messages: StreamMessage<unknown>[] = []
    bridge.openStream('executions.tail', { id: 'x', afterSeq: -1 }, (message) => messages.push(message))
    expect(messages).toMatchObject([{ kind: 'end', error: { code: 'IPC_001' } }])
  })
})
