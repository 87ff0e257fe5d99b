import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'

/** So much of the newest answers is kept to be given again, and always the newest one. */
const KEPT_CHARACTERS = 1024 * 1024
/** So many ids are known of requests whose answer is no longer kept. */
const KNOWN_IDS = 4_096

/** Tells an agent that what it asked may not have arrived: it asks all again that it has no answer to, under the same ids. */
export const ASK_AGAIN = 'notifications/symbi/ask-again'

/** About how much room an answer takes; the gateway gives the result of a call as text and as a value. */
const sizeOf = (answer: JSONRPCMessage): number => {
  const content = 'result' in answer ? answer.result['content'] : undefined
  const texts: readonly unknown[] = Array.isArray(content) ? content : []
  return texts.reduce<number>((sum, part) => sum + 2 * textOf(part).length, 200)
}

const textOf = (part: unknown): string =>
  typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string' ? part.text : ''

/** JSON-RPC 2.0 leaves -32000 to -32099 to servers. */
const ANSWER_GONE = { code: -32_001, message: 'This was asked and answered before; the answer is no longer kept.' }

/**
 * Answers each request of an agent once, however often it arrives. A connection that was cut loses what was on its way in
 * either direction, so the agent asks again and cannot know how far the first time came: a request that is being worked on
 * is not begun again, and one that was answered gets the same answer. The protocol forbids to use an id twice for two
 * requests (MCP 2025-06-18, "Requests").
 */
export const answerOnce = (inner: Transport): Transport => {
  const open = new Set<string>()
  const answered = new Map<string, JSONRPCMessage | null>()
  let kept = 0

  const keyOf = (id: unknown): string => `${typeof id} ${String(id)}`

  const keep = (key: string, answer: JSONRPCMessage): void => {
    answered.set(key, answer)
    kept += sizeOf(answer)
    for (const [other, old] of answered) {
      if (kept <= KEPT_CHARACTERS || other === key) break
      if (old === null) continue
      kept -= sizeOf(old)
      answered.set(other, null)
    }
    for (const [other, old] of answered) {
      if (answered.size <= KNOWN_IDS || other === key) break
      if (old !== null) kept -= sizeOf(old)
      answered.delete(other)
    }
  }

  const receive: NonNullable<Transport['onmessage']> = (message, extra) => {
    if ('method' in message && 'id' in message) {
      const key = keyOf(message.id)
      const answer = answered.get(key)
      if (open.has(key)) return
      if (answer !== undefined) {
        void inner.send(answer ?? { jsonrpc: '2.0', id: message.id, error: ANSWER_GONE }).catch(() => undefined)
        return
      }
      open.add(key)
    } else if ('method' in message && message.method === 'notifications/cancelled') {
      // It gets no answer, and nobody asks for it again.
      open.delete(keyOf(message.params?.['requestId']))
    }
    outer.onmessage?.(message, extra)
  }

  const outer: Transport = {
    async start() {
      inner.onmessage = receive
      inner.onclose = () => outer.onclose?.()
      inner.onerror = (error) => outer.onerror?.(error)
      await inner.start()
    },
    async send(message, options) {
      if (!('method' in message) && 'id' in message) {
        const key = keyOf(message.id)
        if (open.delete(key)) keep(key, message)
      }
      await inner.send(message, options)
    },
    close: () => inner.close(),
  }
  return outer
}
