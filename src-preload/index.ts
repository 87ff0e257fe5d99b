/**
 * The bridge: three functions between the page and main, nothing else of Electron. It imports types only, so that
 * the bundle needs nothing but electron, as a sandboxed preload script must.
 */
import { contextBridge, ipcRenderer } from 'electron'
import type { Bridge, Reply, TopicEvent, WireError } from './contract'

const failure = (code: WireError['code'], message: string, nextStep: string): { ok: false; error: WireError } => ({
  ok: false,
  error: { code, message, nextStep, retryable: false },
})

/** Electron rejects where nobody listens, or where a value cannot be copied; the page gets a reply all the same. */
const refusal = (name: unknown, error: unknown): { ok: false; error: WireError } =>
  String(error).includes('No handler registered')
    ? failure('IPC_002', `There is no call named "${String(name).slice(0, 80)}".`, 'Restart the console.')
    : failure('IPC_001', 'The request could not be sent.', 'Pass plain data only.')

const listeners = new Set<(events: readonly TopicEvent[]) => void>()
ipcRenderer.on('events', (_event, events: readonly TopicEvent[]) => {
  for (const listener of listeners) listener(events)
})

const bridge: Bridge = {
  invoke: (channel, input) =>
    ipcRenderer.invoke(String(channel), input).catch((error: unknown) => refusal(channel, error)) as Promise<
      Reply<never>
    >,
  subscribe(listener) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  openStream(name, input, onMessage) {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => {
      onMessage(data, () => (data.kind === 'items' ? port1.postMessage({ ack: data.seq }) : undefined))
      if (data.kind === 'end') port1.close()
    }
    try {
      ipcRenderer.postMessage('stream.open', { name, input }, [port2])
    } catch (error) {
      onMessage({ kind: 'end', error: refusal(name, error).error }, () => undefined)
    }
    return () => port1.close()
  },
}

contextBridge.exposeInMainWorld('console_', bridge)
