import { type Channel, calls, ERRORS, type Reply, type WireError } from '@contract'
import { BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron'
import type { Caller } from '../../engine/core'
import type { Dispatcher } from '../../handlers/dispatch'
import type { Report } from '../report'
import { senderProblem } from './sender'
import { createStreamPump, STREAM_OPEN, type StreamPort } from './streams'

export interface IpcPorts {
  /** Comes after the page was asked for: requests wait for it. */
  readonly dispatcher: Promise<Dispatcher>
  /** The person at this machine. */
  readonly caller: Caller
  readonly report: Report
}

/** Streams one window may hold open at a time; a page that opens more has lost track of them. */
const MAX_STREAMS_PER_WINDOW = 64

const wire = (code: 'SEC_001' | 'IPC_001' | 'IPC_004' | 'RESOURCE_001', message: string): WireError => ({
  code,
  message,
  nextStep: ERRORS[code].nextStep,
  retryable: ERRORS[code].retryable,
})

/** Register one handler for each call of the contract, and the one message that opens a stream. */
export const registerIpc = (ports: IpcPorts): void => {
  const { caller, report } = ports

  const refused = (event: IpcMainInvokeEvent | IpcMainEvent, what: string): WireError | undefined => {
    const { sender, senderFrame } = event
    const isAlive = !sender.isDestroyed()
    const problem = senderProblem({
      frame: senderFrame,
      isCurrent: isAlive && senderFrame === sender.mainFrame,
      isOurWindow: isAlive && BrowserWindow.fromWebContents(sender) !== null,
    })
    if (problem === undefined) return undefined
    report.warn({ what, problem }, 'message refused')
    return wire('SEC_001', problem)
  }

  /** Never rejects: Electron would carry a rejection as a sentence with neither code nor next step. */
  const withDispatcher = async <T>(use: (dispatcher: Dispatcher) => Promise<Reply<T>>): Promise<Reply<T>> => {
    try {
      return await use(await ports.dispatcher)
    } catch (error) {
      report.error({ error }, 'the request could not be dispatched')
      return { ok: false, error: wire('IPC_004', ERRORS.IPC_004.meaning) }
    }
  }

  for (const channel of Object.keys(calls) as Channel[]) {
    ipcMain.handle(channel, async (event, input: unknown): Promise<Reply<unknown>> => {
      const error = refused(event, channel)
      if (error !== undefined) return { ok: false, error }
      return withDispatcher((dispatcher) => dispatcher.call(channel, input, caller))
    })
  }

  const stopsByPage = new WeakMap<WebContents, Set<() => void>>()

  /** Streams end with the page that opened them: at a reload, a crash, or when the window closes. */
  const stopsOf = (contents: WebContents): Set<() => void> => {
    const known = stopsByPage.get(contents)
    if (known !== undefined) return known
    const stops = new Set<() => void>()
    stopsByPage.set(contents, stops)
    const stopAll = (): void => {
      for (const stop of [...stops]) stop()
    }
    contents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) stopAll()
    })
    contents.on('render-process-gone', stopAll)
    contents.once('destroyed', stopAll)
    return stops
  }

  ipcMain.on(STREAM_OPEN, (event, request: unknown) => {
    const port = event.ports[0]
    if (port === undefined) return
    const streamPort: StreamPort = {
      post: (message) => port.postMessage(message),
      onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
      onClose: (listener) => port.on('close', listener),
      start: () => port.start(),
      close: () => port.close(),
    }
    const end = (error: WireError): void => {
      streamPort.post({ kind: 'end', error })
      streamPort.close()
    }
    const error = refused(event, STREAM_OPEN)
    if (error !== undefined) return end(error)
    const { name, input } = isOpenRequest(request) ? request : {}
    if (name === undefined) return end(wire('IPC_001', 'A stream is opened by its name.'))
    const stops = stopsOf(event.sender)
    if (stops.size >= MAX_STREAMS_PER_WINDOW)
      return end(wire('RESOURCE_001', `The window holds ${MAX_STREAMS_PER_WINDOW} streams open already.`))
    const pump = createStreamPump({ port: streamPort, onClosed: () => stops.delete(pump.stop) })
    stops.add(pump.stop)
    void withDispatcher((dispatcher) => dispatcher.open(name, input, caller)).then((reply) => {
      if (reply.ok) pump.start(reply.value)
      else pump.fail(reply.error)
    })
  })
}

const isOpenRequest = (value: unknown): value is { name: string; input: unknown } =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && 'input' in value
