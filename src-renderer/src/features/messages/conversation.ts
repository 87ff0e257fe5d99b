import type { MessageHeader, MessageState } from '@contract'

/** One message as it was sent, with all its copies, at its place in a conversation. */
export interface Turn {
  /** The first copy stands for all: they differ in receiver and fate only. */
  readonly header: MessageHeader
  readonly copies: readonly MessageHeader[]
  /** How many copies are in each state. */
  readonly states: Readonly<Partial<Record<MessageState, number>>>
  /** Silence before it; null where it follows closely. */
  readonly gapMs: number | null
  /** Of a response: the request it answers, and how long that took. */
  readonly answers: { readonly request: MessageHeader; readonly afterMs: number } | null
  /** Of a request: when it was answered, or null while it was not. Undefined for everything else. */
  readonly answeredAfterMs: number | null | undefined
  /** From being sent to being handed over, of the first copy. */
  readonly deliveryMs: number | null
}

/** Silence shorter than this is not worth a word. */
const GAP_MS = 1_000

const countStates = (copies: readonly MessageHeader[]): Partial<Record<MessageState, number>> => {
  const counts: Partial<Record<MessageState, number>> = {}
  for (const { state } of copies) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

/** Copies of one message together, in the order in which they were sent. */
const groupsOf = (headers: readonly MessageHeader[]): readonly (readonly MessageHeader[])[] => {
  const groups = new Map<string, MessageHeader[]>()
  for (const header of headers) {
    const group = groups.get(header.groupId)
    if (group === undefined) groups.set(header.groupId, [header])
    else group.push(header)
  }
  return [...groups.values()]
}

/**
 * A conversation to read: what was sent in order, each response beside its request, silences and times said.
 * @param headers all under one correlation id, oldest first
 */
export const turnsOf = (headers: readonly MessageHeader[]): readonly Turn[] => {
  const byId = new Map(headers.map((header) => [header.id, header]))
  // A response names the copy it answers, or the message as sent.
  const byGroup = new Map(headers.map((header) => [header.groupId, header]))
  const requestOf = ({ replyTo }: MessageHeader): MessageHeader | undefined =>
    replyTo === null ? undefined : (byId.get(replyTo) ?? byGroup.get(replyTo))
  const answers = new Map<string, MessageHeader>()
  for (const header of headers) {
    const request = requestOf(header)
    if (request !== undefined && !answers.has(request.groupId)) answers.set(request.groupId, header)
  }
  let beforeMs: number | null = null
  return groupsOf(headers).flatMap((copies): Turn[] => {
    const [header] = copies
    if (header === undefined) return []
    const silence = beforeMs === null ? 0 : header.sentAtMs - beforeMs
    beforeMs = header.sentAtMs
    const request = requestOf(header)
    const answer = answers.get(header.groupId)
    return [
      {
        header,
        copies,
        states: countStates(copies),
        gapMs: silence >= GAP_MS ? silence : null,
        answers: request === undefined ? null : { request, afterMs: Math.max(0, header.sentAtMs - request.sentAtMs) },
        answeredAfterMs:
          header.type !== 'request'
            ? undefined
            : answer === undefined
              ? null
              : Math.max(0, answer.sentAtMs - header.sentAtMs),
        deliveryMs: header.deliveredAtMs === null ? null : Math.max(0, header.deliveredAtMs - header.sentAtMs),
      },
    ]
  })
}
