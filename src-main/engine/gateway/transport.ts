import type { Readable, Writable } from 'node:stream'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'

const NEWLINE = 0x0a

/** Something an agent sent that is no message of the protocol. */
export interface Fault {
  readonly kind: 'not-json' | 'not-a-message' | 'too-long'
  /** The beginning of what it sent, as text; untrusted. */
  readonly excerpt: string
}

export interface TransportOptions {
  /** What we write to and what we read from: the agent's stdin and stdout. */
  readonly stdin: Writable
  readonly stdout: Readable
  /** The longest line that is taken; a longer one ends the connection. */
  readonly maxMessageBytes: number
  readonly parse: (value: unknown) => JSONRPCMessage | undefined
  readonly onFault: (fault: Fault) => void
}

/**
 * The stdio transport of MCP (specification 2025-06-18, "Transports") as a server that does not trust its client: one
 * message a line, a bound on its length, anything that is not a message dropped and told about. While the agent does
 * not read its answers its requests are not read either, so neither side's backlog can grow without end.
 */
export const createStdioTransport = (options: TransportOptions): Transport => {
  const { stdin, stdout, maxMessageBytes, onFault } = options
  let parts: Buffer[] = []
  let bufferedBytes = 0
  let isOpen = true
  let draining: Promise<void> | undefined

  const takeLine = (line: Buffer): void => {
    const text = line.toString('utf8').trim()
    if (text === '') return
    const value = parseJson(text)
    const message = value === undefined ? undefined : options.parse(value.json)
    if (message !== undefined) transport.onmessage?.(message)
    else onFault({ kind: value === undefined ? 'not-json' : 'not-a-message', excerpt: excerptOf(text) })
  }

  const onData = (chunk: Buffer): void => {
    let rest = chunk
    while (isOpen && rest.length > 0) {
      const end = rest.indexOf(NEWLINE)
      const part = end === -1 ? rest : rest.subarray(0, end)
      rest = end === -1 ? rest.subarray(rest.length) : rest.subarray(end + 1)
      bufferedBytes += part.length
      if (bufferedBytes > maxMessageBytes) {
        onFault({ kind: 'too-long', excerpt: excerptOf(Buffer.concat([...parts, part]).toString('utf8', 0, 400)) })
        close()
        return
      }
      parts.push(part)
      if (end === -1) continue
      const line = parts.length === 1 ? part : Buffer.concat(parts)
      parts = []
      bufferedBytes = 0
      takeLine(line)
    }
  }

  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    parts = []
    stdout.off('data', onData)
    stdout.off('end', close)
    stdout.off('close', close)
    stdin.off('close', close)
    // Whatever still comes is let through to nowhere, so that a program that prints can come to its end.
    stdout.resume()
    stdin.end()
    transport.onclose?.()
  }

  /** Read nothing until the agent has taken what is waiting for it. */
  const drained = async (): Promise<void> => {
    stdout.pause()
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        stdin.off('drain', goOn)
        stdin.off('close', goOn)
        resolve()
      }
      stdin.on('drain', goOn)
      stdin.on('close', goOn)
    })
    draining = undefined
    stdout.resume()
  }

  /** A broken pipe is the end of the agent, not of the engine. */
  const ignore = (): void => undefined

  const transport: Transport = {
    async start() {
      stdin.on('error', ignore)
      stdout.on('error', ignore)
      stdout.on('data', onData)
      stdout.once('end', close)
      stdout.once('close', close)
      stdin.once('close', close)
    },
    async send(message) {
      if (!isOpen || stdin.destroyed || stdin.writableEnded) return
      if (stdin.write(`${JSON.stringify(message)}\n`)) return
      draining ??= drained()
      await draining
    },
    async close() {
      close()
    },
  }
  return transport
}

const parseJson = (text: string): { readonly json: unknown } | undefined => {
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Short, on one line, without control characters. */
const excerptOf = (text: string): string => text.slice(0, 200).replace(/\p{Cc}+/gu, ' ')
