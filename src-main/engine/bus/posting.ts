import { hash } from 'node:crypto'
import type { CorrelationId, Json, MessageId, MessageType } from '@contract'
import { asRuntimeError, type Clock, isRuntimeError, type NewId, RuntimeError } from '../core'
import type { Gate } from '../gate'
import { createAddressing } from './addressing'
import type { DeadLetters, Death } from './dead-letters'
import type { Directory, KnownAgent } from './directory'
import type { Identities, Member } from './identities'
import type { Journal } from './journal'
import type { Entry, Mailboxes } from './mailboxes'
import type { Meter } from './meter'
import type { Outbox, Unsent } from './outbox'
import type { Requests } from './requests'
import type { Subscriptions } from './subscriptions'
import type { BusAsking, Letter, Received, Sent, SentToMany } from './types'

/** Everything that sends. Each promise resolves when the sealed message is on the disk. */
export interface Posting {
  /**
   * To one agent, by its id or by a name that no other agent has.
   * @throws COMM_001 no such receiver, COMM_002 too large, COMM_005 no room, POLICY_001, SEC_001, SECRET_004
   */
  send(asking: BusAsking, letter: Letter & { readonly to: string }): Promise<Sent>
  /** To all who listen to the topic, but the sender. Whose queue is full gets a dead letter. */
  publish(asking: BusAsking, letter: Letter & { readonly topic: string }): Promise<SentToMany>
  /** To all agents that take part, but the sender; those that the policy denies are left out, which is recorded. */
  broadcast(asking: BusAsking, letter: Letter): Promise<SentToMany>
  /** Ask and wait for the answer. @throws COMM_006 and what `send` throws */
  request(asking: BusAsking, letter: Letter & { readonly to: string; readonly timeoutMs: number }): Promise<Received>
  /** Answer a request that was handed to the asking agent. @throws COMM_007 and what `send` throws */
  reply(asking: BusAsking, letter: Letter & { readonly requestId: string }): Promise<Sent>
  /** What a person writes, to whomever. */
  write(
    asking: BusAsking,
    letter: Letter & { readonly to: Address },
  ): Promise<{ readonly groupId: MessageId; readonly copies: number }>
  /** False when it listened already. */
  subscribe(asking: BusAsking, topic: string): Promise<boolean>
  unsubscribe(asking: BusAsking, topic: string): Promise<boolean>
  /** How many messages were published to a topic since the start. */
  published(topic: string): number
  close(): void
}

export type Address =
  | { readonly kind: 'agent'; readonly id: string }
  | { readonly kind: 'topic'; readonly name: string }
  | { readonly kind: 'broadcast' }

interface Copy {
  readonly type: MessageType
  readonly topic: string | null
  readonly groupId: string | null
  readonly replyTo: string | null
  readonly correlationId: CorrelationId
}

const MAX_TTL_MS = 604_800_000
const QUEUE_FULL: Death = { reason: 'queue-full', code: 'COMM_005', detail: 'The queue of its receiver was full.' }

export const createPosting = (ports: {
  readonly gate: Gate
  readonly clock: Clock
  readonly newId: NewId
  readonly identities: Identities
  readonly directory: Directory
  readonly mailboxes: Mailboxes
  readonly outbox: Outbox
  readonly requests: Requests
  readonly subscriptions: Subscriptions
  readonly journal: Journal
  readonly deaths: DeadLetters
  readonly meter: Meter
  readonly config: { readonly messageTtlMs: number; readonly maxMessageSizeBytes: number }
}): Posting => {
  const { gate, clock, newId, identities, directory, mailboxes, outbox, requests, subscriptions } = ports
  const { maxMessageSizeBytes } = ports.config
  const { receiverOf, nameOf, requestTo } = createAddressing(ports)
  const published = new Map<string, number>()
  let closed = false

  /** Whose identities are being made: what is sent meanwhile waits in line, so that the order holds. */
  const settling = new Map<string, Promise<unknown>>()
  const inLine = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = settling.get(key)
    const mine = (before ?? Promise.resolve()).then(work)
    const quiet = mine.catch(() => undefined)
    settling.set(key, quiet)
    try {
      return await mine
    } finally {
      if (settling.get(key) === quiet) settling.delete(key)
    }
  }

  const checkSize = (payload: Uint8Array): void => {
    if (payload.length > maxMessageSizeBytes)
      throw new RuntimeError(
        'COMM_002',
        `The message has ${payload.length} bytes; ${maxMessageSizeBytes} may be sent.`,
        {
          details: { bytes: payload.length, limit: maxMessageSizeBytes },
        },
      )
  }

  const senderOf = ({ caller }: BusAsking): Promise<Member> => {
    if (caller.kind === 'agent') return identities.ready({ id: caller.id, kind: 'agent' })
    return identities.own(caller.kind === 'engine' ? 'engine' : 'console')
  }
  const senderAtHand = ({ caller }: BusAsking): Member | null =>
    caller.kind === 'agent' ? identities.atHand(caller.id) : null

  /**
   * The gate never sees a payload: its size stands for it, and its digest where a person has to be asked or a refusal is
   * recorded. That is worked out when it is looked at, since it costs as much as all else here together.
   */
  const sending = (asking: BusAsking, resource: string, payload: Uint8Array, check?: () => void) => ({
    caller: asking.caller,
    correlationId: asking.correlationId,
    tier: asking.tier,
    facts: asking.facts,
    wait: asking.wait,
    signal: asking.signal,
    action: 'bus.send' as const,
    resource,
    record: 'refusals' as const,
    bytes: payload.length,
    get arguments(): Json {
      return { to: resource, bytes: payload.length, sha256: hash('sha256', payload, 'hex') }
    },
    precondition() {
      if (closed) throw new RuntimeError('RUN_003', 'The console is being closed.')
      asking.holds?.(resource)
      checkSize(payload)
      check?.()
    },
  })

  const outgoing = (letter: Letter, copy: Copy, sides: { sender: Member; recipient: Member }): Unsent => ({
    sender: sides.sender,
    recipient: sides.recipient,
    type: copy.type,
    topic: copy.topic,
    groupId: copy.groupId,
    correlationId: copy.correlationId,
    replyTo: copy.replyTo,
    guarantee: letter.guarantee ?? 'at-least-once',
    sentAtMs: clock.nowMs(),
    ttlMs: Math.min(MAX_TTL_MS, letter.ttlMs ?? ports.config.messageTtlMs),
    payload: letter.payload,
    ends: null,
    replays: 0,
    alongside: null,
  })

  const push = (message: Unsent): Promise<Entry> =>
    new Promise((resolve, reject) => {
      outbox.push(message, resolve, (error) => {
        if (message.ends === null) mailboxes.unreserve(message.recipient)
        reject(error)
      })
    })

  /** One message to one receiver, after the gate. */
  const post = async (asking: BusAsking, letter: Letter, to: { recipient: KnownAgent; copy: Copy }): Promise<Entry> => {
    const { recipient: agent, copy } = to
    const atHand = senderAtHand(asking)
    const recipientAtHand = identities.atHand(agent.id)
    const waits = letter.waitMs ?? 0
    const line = `${asking.caller.id} ${agent.id}`
    const isFree = settling.size === 0 || !settling.has(line)
    if (atHand !== null && recipientAtHand !== null && isFree && mailboxes.tryReserve(recipientAtHand))
      return push(outgoing(letter, copy, { sender: atHand, recipient: recipientAtHand }))
    return inLine(line, async () => {
      const sender = await senderOf(asking)
      const recipient = await identities.ready({ id: agent.id, kind: 'agent' })
      await mailboxes.reserve(recipient, { ms: waits, signal: asking.signal })
      // The room is ours; whoever is next in line need not wait for the disk.
      return { sent: push(outgoing(letter, copy, { sender, recipient })) }
    }).then(({ sent }) => sent)
  }

  const alone = (asking: BusAsking, letter: Letter, type: MessageType, replyTo: string | null = null): Copy => ({
    type,
    topic: null,
    groupId: null,
    replyTo,
    correlationId: letter.correlationId ?? asking.correlationId,
  })

  const sendTo = async (asking: BusAsking, letter: Letter & { readonly to: string }, type: MessageType) => {
    let receiver: KnownAgent | null = null
    const request = sending(asking, `agent/${nameOf(letter.to)}`, letter.payload, () => {
      receiver = receiverOf(letter.to)
    })
    const copy = alone(asking, letter, type)
    return gate.perform(request, () => post(asking, letter, { recipient: receiver ?? receiverOf(letter.to), copy }))
  }

  /** A copy for each; those whose queue is full end at once. */
  const fanOut = async (
    asking: BusAsking,
    letter: Letter,
    to: { readonly agents: readonly KnownAgent[]; readonly type: MessageType; readonly topic: string | null },
  ): Promise<SentToMany> => {
    const groupId = newId<string>()
    const sender = await senderOf(asking)
    const copy: Copy = { ...alone(asking, letter, to.type), topic: to.topic, groupId }
    const members: Member[] = []
    for (const agent of to.agents) {
      if (agent.id === sender.id) continue
      members.push(identities.atHand(agent.id) ?? (await identities.ready({ id: agent.id, kind: 'agent' })))
    }
    const refused: Promise<Entry>[] = []
    const sent = members.map((recipient) => {
      const message = outgoing(letter, copy, { sender, recipient })
      if (mailboxes.tryReserve(recipient)) return push(message)
      const lost = message.guarantee === 'at-most-once'
      refused.push(
        push({
          ...message,
          ends: lost ? 'dropped' : 'dead',
          alongside: lost ? null : (tx, entry) => ports.deaths.insert(tx, entry, QUEUE_FULL),
        }),
      )
      return null
    })
    const kept = await Promise.all(sent.filter((one) => one !== null))
    const ended = await Promise.all(refused)
    const letters = ended.filter(({ guarantee }) => guarantee === 'at-least-once')
    if (letters.length > 0) await ports.deaths.tell(letters, QUEUE_FULL)
    return { groupId, copies: kept.length }
  }

  const isLeftOut = (error: unknown): boolean => isRuntimeError(error) && error.code !== 'INTERNAL_001'

  const listening = (asking: BusAsking, topic: string, how: 'subscribe' | 'unsubscribe') => {
    const { holds, ...request } = asking
    const resource = `topic/${topic}`
    return {
      ...request,
      action: 'bus.subscribe' as const,
      resource,
      arguments: { topic, how },
      details: { how },
      precondition: () => {
        if (asking.caller.kind !== 'agent') throw new RuntimeError('SEC_001', 'Only an agent listens to a topic.')
        holds?.(resource)
      },
    }
  }

  const posting: Posting = {
    async send(asking, letter) {
      const { id, sequence } = await sendTo(asking, letter, 'direct')
      return { id, sequence }
    },

    async write(asking, { to, ...letter }) {
      if (to.kind === 'agent') {
        const { id } = await posting.send(asking, { ...letter, to: to.id })
        return { groupId: id as MessageId, copies: 1 }
      }
      const { groupId, copies } =
        to.kind === 'topic'
          ? await posting.publish(asking, { ...letter, topic: to.name })
          : await posting.broadcast(asking, letter)
      return { groupId: groupId as MessageId, copies }
    },

    async publish(asking, letter) {
      const { topic, payload } = letter
      return gate.perform(sending(asking, `topic/${topic}`, payload), async () => {
        published.set(topic, (published.get(topic) ?? 0) + 1)
        const agents = subscriptions.to(topic).flatMap((id) => directory.agent(id) ?? [])
        return fanOut(asking, letter, {
          agents: agents.filter(
            ({ state, takesPart }) => takesPart && state !== 'Terminated' && state !== 'Terminating',
          ),
          type: 'publish',
          topic,
        })
      })
    },

    async broadcast(asking, letter) {
      const { payload } = letter
      return gate.perform(sending(asking, 'agent/*', payload), async () => {
        const agents: KnownAgent[] = []
        for (const agent of directory.reachable()) {
          if (agent.id === asking.caller.id) continue
          // Each receiver is asked for by itself: a rule about one of them holds here too.
          await gate
            .perform(sending(asking, `agent/${agent.name}`, payload), async () => {
              agents.push(agent)
            })
            .catch((error: unknown) => {
              if (!isLeftOut(error)) throw asRuntimeError(error, 'INTERNAL_001', 'A receiver could not be asked for')
            })
        }
        return fanOut(asking, letter, { agents, type: 'broadcast', topic: null })
      })
    },

    async request(asking, letter) {
      const { timeoutMs } = letter
      const entry = await sendTo(asking, { ...letter, ttlMs: letter.ttlMs ?? timeoutMs }, 'request')
      return requests.wait({
        id: entry.id,
        askerId: entry.sender.id,
        answererId: entry.recipient.id,
        timeoutMs,
        signal: asking.signal,
      })
    },

    async reply(asking, letter) {
      const { payload, requestId } = letter
      const request = requestTo(asking, requestId)
      const resource = `agent/${request === null ? requestId : nameOf(request.senderId)}`
      // Whoever was asked may answer: its definition need not name who asks.
      const allowed = sending({ ...asking, holds: () => asking.holds?.('self') }, resource, payload)
      const { id, sequence } = await gate.perform(allowed, async () => {
        if (request === null)
          throw new RuntimeError('COMM_007', 'No request with this id was sent to this agent.', {
            details: { id: requestId },
          })
        const recipient = receiverOf(request.senderId)
        const copy = { ...alone(asking, letter, 'response', requestId), correlationId: request.correlationId }
        return post(asking, letter, { recipient, copy })
      })
      return { id, sequence }
    },

    subscribe: (asking, topic) =>
      gate.commit(listening(asking, topic, 'subscribe'), (tx) =>
        subscriptions.add(tx, topic, asking.caller.id, clock.nowMs()),
      ),
    unsubscribe: (asking, topic) =>
      gate.commit(listening(asking, topic, 'unsubscribe'), (tx) => subscriptions.remove(tx, topic, asking.caller.id)),

    published: (topic) => published.get(topic) ?? 0,
    close() {
      closed = true
    },
  }
  return posting
}
