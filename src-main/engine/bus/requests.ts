import { type Clock, RuntimeError } from '../core'
import type { Entry } from './mailboxes'
import type { Received } from './types'

/** Who waits for an answer, by the id of the request. */
export interface Requests {
  /** @throws COMM_006 when nobody answers in time; the reason of the signal when it is called off */
  wait(request: {
    readonly id: string
    readonly askerId: string
    readonly answererId: string
    readonly timeoutMs: number
    readonly signal: AbortSignal | undefined
  }): Promise<Received>
  /** Whether this message is the answer that somebody waits for. */
  awaits(entry: Entry): boolean
  answer(requestId: string, received: Received): void
  readonly open: number
  close(): void
}

interface Waiting {
  readonly askerId: string
  readonly answererId: string
  readonly resolve: (received: Received) => void
  readonly reject: (error: unknown) => void
}

export const createRequests = (clock: Clock): Requests => {
  const waiting = new Map<string, Waiting>()
  return {
    wait({ id, askerId, answererId, timeoutMs, signal }) {
      return new Promise<Received>((resolve, reject) => {
        const end = (): void => {
          cancel()
          signal?.removeEventListener('abort', calledOff)
          waiting.delete(id)
        }
        const calledOff = (): void => {
          end()
          reject(signal?.reason)
        }
        const cancel = clock.after(timeoutMs, () => {
          end()
          reject(new RuntimeError('COMM_006', `Nobody answered within ${timeoutMs} ms.`, { details: { request: id } }))
        })
        waiting.set(id, {
          askerId,
          answererId,
          resolve(received) {
            end()
            resolve(received)
          },
          reject(error) {
            end()
            reject(error)
          },
        })
        signal?.addEventListener('abort', calledOff, { once: true })
        if (signal?.aborted === true) calledOff()
      })
    },
    awaits({ type, replyTo, sender, recipient }) {
      if (type !== 'response' || replyTo === null) return false
      const request = waiting.get(replyTo)
      return request !== undefined && request.askerId === recipient.id && request.answererId === sender.id
    },
    answer: (requestId, received) => waiting.get(requestId)?.resolve(received),
    get open() {
      return waiting.size
    },
    close() {
      for (const { reject } of [...waiting.values()])
        reject(new RuntimeError('RUN_003', 'The console is being closed.'))
    },
  }
}
