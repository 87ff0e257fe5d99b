/** Messages between agents: signed and sealed; the console sees the outside, and the inside only by a recorded act. */
import { z } from 'zod'
import { AgentId, AtMs, CorrelationId, MessageId, Nothing, Reason } from './common'
import { command, query, stream, topic } from './define'
import { ErrorCodeSchema } from './errors'

export const MESSAGE_TYPES = ['direct', 'publish', 'broadcast', 'request', 'response'] as const
export const MessageType = z.enum(MESSAGE_TYPES)
export type MessageType = z.infer<typeof MessageType>

export const MESSAGE_STATES = ['queued', 'delivered', 'acknowledged', 'expired', 'dead', 'dropped'] as const
/** `delivered` waits for its acknowledgement; `dropped` is what at-most-once lost. */
export const MessageState = z.enum(MESSAGE_STATES)
export type MessageState = z.infer<typeof MessageState>

export const Guarantee = z.enum(['at-least-once', 'at-most-once'])
export type Guarantee = z.infer<typeof Guarantee>

/** Letters, digits, dots, dashes and slashes. */
export const TopicName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$/)

/** Who a message is from or to. The console and the engine have identities of their own. */
export const Party = z.strictObject({ id: z.uuid(), name: z.string(), kind: z.enum(['agent', 'console', 'engine']) })
export type Party = z.infer<typeof Party>

/** The outside of one message to one receiver: everything that its signature covers, and what became of it. */
export const MessageHeader = z.strictObject({
  id: MessageId,
  /** The message as sent; a message to many has one for all its copies. */
  groupId: MessageId,
  sender: Party,
  recipient: Party,
  topic: z.string().nullable(),
  type: MessageType,
  /** Of the sender, without gaps. */
  sequence: z.number().int().nonnegative(),
  sentAtMs: AtMs,
  ttlMs: z.number().int(),
  correlationId: CorrelationId,
  /** The request that this answers. */
  replyTo: MessageId.nullable(),
  /** Of the payload as given, and as sealed. */
  payloadBytes: z.number().int(),
  sealedBytes: z.number().int(),
  guarantee: Guarantee,
  state: MessageState,
  attempts: z.number().int(),
  deliveredAtMs: AtMs.nullable(),
  acknowledgedAtMs: AtMs.nullable(),
})
export type MessageHeader = z.infer<typeof MessageHeader>

/** One message with what can be checked about it without opening it. */
export const MessageDetail = MessageHeader.extend({
  /** Checked anew when this was asked for. */
  verification: z.strictObject({
    signature: z.enum(['valid', 'invalid']),
    /** One signature for this message, or one over a burst with this message's path in it. */
    form: z.enum(['single', 'batch']),
    senderKey: z.string(),
    keyVersion: z.number().int(),
    detail: z.string(),
  }),
  cipher: z.strictObject({ name: z.literal('AES-256-GCM'), agreement: z.literal('X25519'), nonce: z.string() }),
  history: z.array(z.strictObject({ atMs: AtMs, what: z.string() })),
})
export type MessageDetail = z.infer<typeof MessageDetail>

export const DeadReason = z.enum([
  'expired',
  'recipient-gone',
  'not-acknowledged',
  'queue-full',
  'refused-by-policy',
  'does-not-verify',
])
export type DeadReason = z.infer<typeof DeadReason>

export const DeadLetter = z.strictObject({
  header: MessageHeader,
  reason: DeadReason,
  code: ErrorCodeSchema,
  detail: z.string(),
  diedAtMs: AtMs,
  replays: z.number().int(),
})
export type DeadLetter = z.infer<typeof DeadLetter>

export const MessageFilter = z.strictObject({
  /** Sent or received by it. */
  agentId: z.uuid().optional(),
  /** The other side, when `agentId` is given. */
  peerId: z.uuid().optional(),
  topic: z.string().max(120).optional(),
  types: z.array(MessageType).optional(),
  states: z.array(MessageState).optional(),
  correlationId: CorrelationId.optional(),
  sinceMs: AtMs.optional(),
  untilMs: AtMs.optional(),
  minBytes: z.number().int().optional(),
  /** Part of the name of a party or of the topic. */
  text: z.string().max(200).optional(),
})
export type MessageFilter = z.infer<typeof MessageFilter>

export const BusStats = z.strictObject({
  sentPerSecond: z.number(),
  deliveredPerSecond: z.number(),
  /** From being sent to being handed over, of the last messages. */
  latencyMs: z.strictObject({ p50: z.number(), p99: z.number() }),
  queued: z.number().int(),
  unacknowledged: z.number().int(),
  deadLetters: z.number().int(),
  refusedLastHour: z.number().int(),
  storedBytes: z.number().int(),
  /** The fullest first, at most 100. */
  queues: z.array(z.strictObject({ party: Party, queued: z.number().int(), capacity: z.number().int() })),
  topics: z.array(z.strictObject({ name: z.string(), subscribers: z.number().int(), messages: z.number().int() })),
  cryptoThreads: z.number().int(),
})
export type BusStats = z.infer<typeof BusStats>

export const Identity = z.strictObject({
  party: Party,
  /** SHA-256 of the signing key, Base64url. */
  fingerprint: z.string(),
  keyVersion: z.number().int(),
  createdAtMs: AtMs,
  rotatedAtMs: AtMs.nullable(),
})
export type Identity = z.infer<typeof Identity>

export const messageCalls = {
  /**
   * Newest first. A filter may look at much to find little: an answer that is not `complete` stopped looking at
   * `scannedTo`; ask again from there.
   */
  'messages.list': query(
    'messages.read',
    z.strictObject({
      filter: MessageFilter,
      before: z.string().max(80).optional(),
      limit: z.number().int().min(1).max(500),
    }),
    z.strictObject({
      items: z.array(MessageHeader),
      /** Where to go on; null when there is nothing older. */
      next: z.string().nullable(),
      complete: z.boolean(),
      scanned: z.number().int(),
    }),
  ),
  'messages.get': query('messages.read', z.strictObject({ id: MessageId }), MessageDetail),
  /** All messages under one correlation id, oldest first. */
  'messages.conversation': query(
    'messages.read',
    z.strictObject({ correlationId: CorrelationId, limit: z.number().int().min(1).max(1000) }),
    z.array(MessageHeader),
  ),
  /** Open one message. Decided by the policy and recorded with the reason; a known secret in it is shown. */
  'messages.reveal': command(
    'messages.reveal',
    z.strictObject({ id: MessageId, reason: Reason }),
    z.strictObject({ text: z.string(), json: z.boolean() }),
  ),
  /** Write as the console to an agent or a topic. */
  'messages.send': command(
    'messages.send',
    z.strictObject({
      to: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('agent'), id: AgentId }),
        z.strictObject({ kind: z.literal('topic'), name: TopicName }),
        z.strictObject({ kind: z.literal('broadcast') }),
      ]),
      payload: z.json(),
      ttlMs: z.number().int().min(1_000).max(604_800_000).optional(),
      guarantee: Guarantee.optional(),
    }),
    z.strictObject({ groupId: MessageId, copies: z.number().int() }),
  ),
  'messages.stats': query('messages.read', Nothing, BusStats),
  'messages.identities': query('messages.read', Nothing, z.array(Identity)),
  'messages.rotateKeys': command('messages.write', z.strictObject({ partyId: z.uuid(), reason: Reason }), Identity),
  'deadLetters.list': query(
    'messages.read',
    z.strictObject({
      reasons: z.array(DeadReason).optional(),
      agentId: z.uuid().optional(),
      before: z.string().max(80).optional(),
      limit: z.number().int().min(1).max(500),
    }),
    z.strictObject({ items: z.array(DeadLetter), next: z.string().nullable(), total: z.number().int() }),
  ),
  /** Put them back into the queue of their receiver with a fresh time to live. */
  'deadLetters.replay': command(
    'messages.write',
    z.strictObject({ ids: z.array(MessageId).min(1).max(1000) }),
    z.strictObject({ replayed: z.number().int() }),
  ),
  'deadLetters.purge': command(
    'messages.write',
    z.strictObject({ ids: z.array(MessageId).min(1).max(1000), reason: Reason }),
    z.strictObject({ purged: z.number().int() }),
  ),
} as const

export const messageTopics = {
  'messages.changed': topic(Nothing),
  'deadLetters.changed': topic(Nothing),
} as const

export const messageStreams = {
  /** Messages as they are sent and as their state changes, from now on. */
  'messages.follow': stream('messages.read', z.strictObject({ filter: MessageFilter }), MessageHeader),
} as const
