import type { Readable, Writable } from 'node:stream'
import { Json } from '@contract'
import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { type Log, messageOf, RuntimeError, toWireError } from '../core'
import { ASK_AGAIN, answerOnce } from './answer-once'
import { createStdioTransport, type Fault } from './transport'
import type { GatewayConnection, GatewayResult, GatewaySession } from './types'

/** A message to another agent may have 1 MiB, and what is around it has to fit beside it. */
const MAX_MESSAGE_BYTES = 1024 * 1024 + 65_536
/** How many calls of one agent may be open at once: enough for any real program, too few to drown the engine. */
const MAX_OPEN_CALLS = 64
/** How many faults of one agent are logged in full; the rest is only counted. */
const MAX_LOGGED_FAULTS = 20

export interface AgentIo {
  readonly stdin: Writable
  readonly stdout: Readable
}

export interface ServeAgentOptions {
  readonly log: Log
  /** The longest line taken from an agent, in bytes; a little more than 1 MiB unless told. A longer one ends the connection. */
  readonly maxMessageBytes?: number
  /** Calls of one agent that may be open at once; 64 unless told. One more is refused with RESOURCE_001. */
  readonly maxOpenCalls?: number
  /** A sentence for the log of the run when the agent breaks the protocol. The excerpt in it is untrusted. */
  readonly onFault?: (sentence: string) => void
}

/** Load the protocol library ahead of the first agent, which would have to wait for it otherwise. */
export const preloadGateway = async (): Promise<void> => {
  await loadSdk()
}

/**
 * Be the MCP server of one agent over its stdin and stdout. The session decides about everything; here is only the
 * protocol. Nothing that the agent sends can make this throw: what is not a message is dropped and told about.
 */
export const serveAgent = (io: AgentIo, session: GatewaySession, options: ServeAgentOptions): GatewayConnection => {
  const log = options.log.child('gateway')
  const maxOpenCalls = options.maxOpenCalls ?? MAX_OPEN_CALLS
  let faults = 0
  let openCalls = 0
  let server: Server | undefined
  let isClosed = false
  let isReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })

  const onFault = (fault: Fault): void => {
    faults += 1
    if (faults > MAX_LOGGED_FAULTS) return
    log.warn({ ...fault, faults }, 'agent sent something that is not a message')
    options.onFault?.(sentenceOf(fault, options.maxMessageBytes ?? MAX_MESSAGE_BYTES))
    if (faults === MAX_LOGGED_FAULTS) options.onFault?.('More of this is not logged.')
  }

  const call = async (name: string, args: Readonly<Record<string, Json>>, signal: AbortSignal) => {
    if (openCalls >= maxOpenCalls) {
      return refusal(
        new RuntimeError('RESOURCE_001', `More than ${maxOpenCalls} calls are open at once.`, {
          nextStep: 'Wait for answers before asking for more.',
        }),
      )
    }
    openCalls += 1
    try {
      return resultOf(await session.call(name, args, signal))
    } catch (error) {
      log.error({ tool: name, cause: messageOf(error) }, 'call of an agent failed')
      return refusal(error)
    } finally {
      openCalls -= 1
    }
  }

  const connect = async (): Promise<void> => {
    const sdk = await loadSdk()
    const made = new sdk.Server(
      { name: 'symbi-gateway', version: '1' },
      { capabilities: { tools: { listChanged: true } } },
    )
    made.setRequestHandler(sdk.ListToolsRequestSchema, async () => ({
      tools: (await session.tools()).map((tool) => ({
        name: tool.name,
        description: tool.description,
        inputSchema: { ...tool.inputSchema, type: 'object' as const },
      })),
    }))
    made.setRequestHandler(sdk.CallToolRequestSchema, async (request, extra) =>
      call(request.params.name, Arguments.parse(request.params.arguments ?? {}), extra.signal),
    )
    made.oninitialized = isReady
    made.onerror = (error) => log.debug({ cause: messageOf(error) }, 'protocol error')
    made.onclose = () => {
      isClosed = true
    }
    server = made
    if (isClosed) return
    await made.connect(
      answerOnce(
        createStdioTransport({
          ...io,
          maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
          parse: (value) => sdk.JSONRPCMessageSchema.safeParse(value).data,
          onFault,
        }),
      ),
    )
  }

  const connected = connect().catch((error: unknown) => {
    isClosed = true
    log.error({ cause: messageOf(error) }, 'gateway could not be opened')
    io.stdin.end()
  })

  return {
    ready,
    async toolsChanged() {
      await connected
      if (isClosed || server === undefined) return
      await server
        .sendToolListChanged()
        .catch((error: unknown) => log.debug({ cause: messageOf(error) }, 'agent was not told of its tools'))
    },
    async connectedAgain() {
      await connected
      if (isClosed || server === undefined) return
      await server
        .notification({ method: ASK_AGAIN })
        .catch((error: unknown) => log.debug({ cause: messageOf(error) }, 'agent was not told to ask again'))
    },
    async close() {
      isClosed = true
      await connected
      await server?.close()
    },
  }
}

const loadSdk = async () => {
  const [{ Server }, { CallToolRequestSchema, JSONRPCMessageSchema, ListToolsRequestSchema }] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/index.js'),
    import('@modelcontextprotocol/sdk/types.js'),
  ])
  return { Server, CallToolRequestSchema, JSONRPCMessageSchema, ListToolsRequestSchema }
}

const Arguments = z.record(z.string(), Json)

const sentenceOf = (fault: Fault, maxMessageBytes: number): string => {
  switch (fault.kind) {
    case 'too-long':
      return `The program sent a message of more than ${maxMessageBytes} bytes, so its connection was closed.`
    case 'not-json':
      return `The program wrote to standard output, which belongs to the protocol: ${fault.excerpt}`
    case 'not-a-message':
      return `The program sent JSON that is no message of the protocol: ${fault.excerpt}`
  }
}

const resultOf = (result: GatewayResult): CallToolResult =>
  result.ok
    ? {
        content: [{ type: 'text', text: JSON.stringify(result.value) }],
        structuredContent: { value: result.value },
        isError: false,
      }
    : refusal(result.error)

/** An error that is not ours says nothing of its content to an agent. */
const refusal = (error: unknown): CallToolResult => {
  const { code, message, nextStep, details } = toWireError(error)
  const { outcome, retryAfterMs } = details ?? {}
  const told = {
    code,
    message,
    nextStep,
    // How a person's decision ended: denied, timeout or cancelled.
    ...(typeof outcome === 'string' ? { outcome } : {}),
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  }
  return { content: [{ type: 'text', text: JSON.stringify(told) }], structuredContent: told, isError: true }
}
