import type { Json } from '@contract'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { z } from 'zod'
import { messageOf, RuntimeError } from '../core'
import type { JsonObject } from './definition'
import { createLineSplitter } from './lines'
import { serverEnvironment } from './server-environment'

/** The answer of a tool. `isError` says that the tool itself reports a failure. */
export interface ToolResult {
  readonly content: Json[]
  readonly structuredContent?: Json
  readonly isError: boolean
}

/** A tool server that has said who it is. */
export interface Connection {
  /** What it says of itself: not verified. */
  readonly claims: { readonly name: string; readonly version: string }
  isClosed(): boolean
  /** All pages. Untrusted. */
  listTools(): Promise<Json[]>
  callTool(name: string, args: JsonObject, limits: { timeoutMs: number; signal: AbortSignal }): Promise<ToolResult>
  close(): Promise<void>
}

export interface ConnectOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly productVersion: string
  readonly connectTimeoutMs: number
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
  readonly onToolsChanged: () => void
  readonly onClosed: () => void
}

/** A message larger than this ends the connection. */
const MAX_MESSAGE_BYTES = 8 * 1_048_576
const MAX_RESULT_BYTES = 1_048_576
const MAX_PAGES = 50
/** Of the whole list: a hundred tools with long descriptions are a tenth of it. */
const MAX_LIST_BYTES = 2 * 1_048_576
const MAX_FOREIGN_TEXT = 500
const CLAIM_LENGTH = 200

/** Loose on purpose: whatever the server sends counts for the digest, so nothing may be dropped. */
const ToolPage = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() })
const CallAnswer = z.looseObject({
  content: z.array(z.unknown()).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().default(false),
})

const CONNECTION_CLOSED = -32000
const REQUEST_TIMEOUT = -32001

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

const describeFailure = (error: unknown, command: string): string => {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `The command ${command} was not found.`
    case 'EACCES':
      return `The command ${command} may not be run.`
    case REQUEST_TIMEOUT:
      return 'The tool server did not answer in time.'
    case CONNECTION_CLOSED:
      return 'The tool server ended before it answered.'
    default:
      return `The tool server cannot be used: ${messageOf(error).slice(0, MAX_FOREIGN_TEXT)}`
  }
}

/** Translate what the client library throws. */
const callFailure = (error: unknown, signal: AbortSignal): RuntimeError => {
  if (error instanceof RuntimeError) return error
  if (signal.aborted)
    return new RuntimeError('RUN_003', 'The run was stopped while the tool was called.', { cause: error })
  const code = codeOf(error)
  if (code === REQUEST_TIMEOUT)
    return new RuntimeError('MCP_004', 'The tool did not answer in time; the call was given up.', { cause: error })
  if (code === CONNECTION_CLOSED || messageOf(error) === 'Not connected')
    return new RuntimeError('MCP_001', 'The tool server ended during the call.', { cause: error })
  if (error instanceof z.core.$ZodError)
    return new RuntimeError('MCP_002', 'The tool server answered with something that is not a tool result.')
  return new RuntimeError('MCP_002', `The tool server answered: ${messageOf(error).slice(0, MAX_FOREIGN_TEXT)}`, {
    cause: error,
  })
}

/** @throws MCP_002 when it is too large */
const toResult = ({ content, structuredContent, isError }: z.infer<typeof CallAnswer>): ToolResult => {
  const sizeBytes = Buffer.byteLength(JSON.stringify([content, structuredContent ?? null]))
  if (sizeBytes > MAX_RESULT_BYTES) throw new RuntimeError('MCP_002', 'The tool answered with more than 1 MiB.')
  return {
    content: content as Json[],
    ...(structuredContent === undefined ? {} : { structuredContent: structuredContent as Json }),
    isError,
  }
}

/** JSON-RPC 2.0: the server is well, what it was asked with is not. */
const INVALID_PARAMS = -32602

/** Whether the server refused the arguments, which says nothing against it. */
export const isRefusedArguments = (problem: unknown): boolean =>
  problem instanceof RuntimeError && problem.code === 'MCP_002' && codeOf(problem.cause) === INVALID_PARAMS

/** Whether trying again could help: a command that is not there stays away, and so does a refusal. */
export const isWorthRetrying = (problem: RuntimeError): boolean =>
  problem.retryable && codeOf(problem.cause) !== 'ENOENT' && codeOf(problem.cause) !== 'EACCES'

const listTools = async (client: Client, timeoutMs: number): Promise<Json[]> => {
  if (client.getServerCapabilities()?.tools === undefined) return []
  const tools: Json[] = []
  let cursor: string | undefined
  let sizeBytes = 0
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer: z.infer<typeof ToolPage> = await client.request(
      { method: 'tools/list', ...(cursor === undefined ? {} : { params: { cursor } }) },
      ToolPage,
      { timeout: timeoutMs },
    )
    sizeBytes += Buffer.byteLength(JSON.stringify(answer.tools))
    if (sizeBytes > MAX_LIST_BYTES) throw new RuntimeError('MCP_002', 'The list of tools is larger than 2 MiB.')
    tools.push(...(answer.tools as Json[]))
    cursor = answer.nextCursor
    if (cursor === undefined) return tools
  }
  throw new RuntimeError('MCP_002', `The tool server lists its tools on more than ${MAX_PAGES} pages.`)
}

/**
 * Start a tool server as a child process and greet it (MCP over stdio, with the official client).
 *
 * @throws MCP_001 with the system's error as its cause
 */
export const connect = async (options: ConnectOptions): Promise<Connection> => {
  // Loaded here, so that starting the engine does not wait for a library that only tool servers need.
  const [{ Client }, { StdioClientTransport, DEFAULT_INHERITED_ENV_VARS }, { ToolListChangedNotificationSchema }] =
    await Promise.all([
      import('@modelcontextprotocol/sdk/client/index.js'),
      import('@modelcontextprotocol/sdk/client/stdio.js'),
      import('@modelcontextprotocol/sdk/types.js'),
    ])
  // The library adds variables of its own choice; an undefined value keeps each of them out.
  const inherited = Object.fromEntries(DEFAULT_INHERITED_ENV_VARS.map((name) => [name, undefined]))
  const env = { ...inherited, ...serverEnvironment(options.env, process.platform) } as Record<string, string>
  const transport = new StdioClientTransport({
    command: options.command,
    args: [...options.args],
    cwd: options.cwd,
    env,
    stderr: 'pipe',
    maxBufferSize: MAX_MESSAGE_BYTES,
  })
  transport.stderr?.on('data', createLineSplitter(options.onLine))

  const client = new Client({ name: 'symbi-console', version: options.productVersion }, { capabilities: {} })
  let closed = false
  client.onclose = () => {
    if (closed) return
    closed = true
    options.onClosed()
  }
  client.onerror = (error) => {
    // A request that timed out is called off on a connection that may be closing already: no fault of the server.
    if (error.message.startsWith('Failed to send cancellation')) return
    options.onLine(`protocol error: ${error.message.slice(0, MAX_FOREIGN_TEXT)}`)
  }
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => options.onToolsChanged())

  const abort = (): void => void client.close().catch(() => undefined)
  options.signal.addEventListener('abort', abort, { once: true })
  try {
    options.signal.throwIfAborted()
    await client.connect(transport, { timeout: options.connectTimeoutMs, signal: options.signal })
  } catch (error) {
    closed = true
    throw new RuntimeError('MCP_001', describeFailure(error, options.command), { cause: error })
  } finally {
    options.signal.removeEventListener('abort', abort)
  }

  const version = client.getServerVersion()
  return {
    claims: {
      name: (version?.name ?? '').slice(0, CLAIM_LENGTH),
      version: (version?.version ?? '').slice(0, CLAIM_LENGTH),
    },
    isClosed: () => closed,
    listTools: () =>
      listTools(client, options.connectTimeoutMs).catch((error: unknown) => {
        if (error instanceof RuntimeError) throw error
        throw new RuntimeError('MCP_001', describeFailure(error, options.command), { cause: error })
      }),
    async callTool(name, args, { timeoutMs, signal }) {
      // The library never lets go of a signal it was given; this one lives as long as the call.
      const ending = new AbortController()
      const end = (): void => ending.abort(signal.reason)
      signal.addEventListener('abort', end, { once: true })
      try {
        signal.throwIfAborted()
        const answer = await client.request({ method: 'tools/call', params: { name, arguments: args } }, CallAnswer, {
          timeout: timeoutMs,
          signal: ending.signal,
        })
        return toResult(answer)
      } catch (error) {
        throw callFailure(error, signal)
      } finally {
        signal.removeEventListener('abort', end)
      }
    },
    async close() {
      closed = true
      await client.close()
    },
  }
}
