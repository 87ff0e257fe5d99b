import type {
  AgentId,
  BusStats,
  CorrelationId,
  DeadLetter,
  Guarantee,
  Identity,
  MessageDetail,
  MessageFilter,
  MessageHeader,
  MessageType,
  Party,
} from '@contract'
import type { Clock, Events, Log, NewId, Source } from '../core'
import type { Gate, GateRequest } from '../gate'
import type { KeyStore } from '../secrets'
import type { Store } from '../store'
import type { Browse } from './browse'
import type { BuiltInTool, Participant } from './built-ins'
import type { Signing } from './crypto-box.ts'
import type { createCryptoPool } from './crypto-pool'
import type { DeadLetterQuery } from './dead-letters'
import type { Posting } from './posting'

/** Who asks, as attested by its transport, and what its definition lets it do at all. */
export interface BusAsking
  extends Pick<GateRequest, 'caller' | 'correlationId' | 'tier' | 'facts' | 'wait' | 'signal'> {
  /** Mechanical: throws unless the definition grants this resource (`agent/NAME`, `topic/NAME`, `self`). */
  readonly holds?: (resource: string) => void
}

/** How a message is to be carried. */
export interface Carriage {
  /** From now until it is dropped unread; the configured time when not given. */
  readonly ttlMs?: number | undefined
  readonly guarantee?: Guarantee | undefined
  /** How long to wait for room in the receiver's queue; refused at once when not given. */
  readonly waitMs?: number | undefined
  /** Further messages of one conversation share it; that of the asker when not given. */
  readonly correlationId?: CorrelationId | undefined
}

export interface Letter extends Carriage {
  readonly payload: Uint8Array
}

/** A message that is on the disk. */
export interface Sent {
  readonly id: string
  readonly sequence: number
}

/** A message to many that is on the disk. */
export interface SentToMany {
  readonly groupId: string
  /** Those whose queue had room. */
  readonly copies: number
}

/** A message that was verified and opened, as its receiver gets it. */
export interface Received {
  readonly id: string
  readonly groupId: string
  readonly from: Party
  readonly topic: string | null
  readonly type: MessageType
  readonly sequence: number
  readonly sentAtMs: number
  readonly correlationId: CorrelationId
  readonly replyTo: string | null
  readonly guarantee: Guarantee
  /** 1 when it is handed over for the first time. */
  readonly attempt: number
  readonly payload: Buffer
}

/** The message bus: signed, sealed, persistent, decided by the policy, with what a person sees of it. */
export interface Bus extends Posting, Pick<Browse, 'list' | 'conversation'> {
  /**
   * What waits for the asking agent, verified and opened, in its order; nothing when nothing came in time. What is not
   * acknowledged in time is handed over again.
   */
  receive(asking: BusAsking, options: { max: number; waitMs: number }): Promise<Received[]>
  /** It was dealt with: resolves when that is on the disk. Returns how many of them were waiting for this. */
  acknowledge(asking: BusAsking, ids: readonly string[]): Promise<number>
  /** What a run that takes part can call. */
  toolsFor(participant: Participant): BuiltInTool[]
  /** A run has ended: what it had in its hands waits for the next. */
  release(agentId: AgentId, executionId: string): void
  /** Something arrived for an agent, running or not. */
  onArrival(listener: (agentId: AgentId) => void): () => void

  get(id: string): Promise<MessageDetail>
  reveal(asking: BusAsking, id: string, reason: string): Promise<{ text: string; json: boolean }>
  follow(filter: MessageFilter): Source<MessageHeader>
  stats(): BusStats
  identities(): Identity[]
  /** @throws COMM_007 when nobody has this id */
  rotateKeys(asking: BusAsking, partyId: string, reason: string): Promise<Identity>
  deadLetters(query: DeadLetterQuery): { items: DeadLetter[]; next: string | null; total: number }
  replay(asking: BusAsking, ids: readonly string[]): Promise<number>
  purge(asking: BusAsking, ids: readonly string[], reason: string): Promise<number>
  /** Write what is left and end the threads. */
  close(): Promise<void>
}

export interface BusConfig {
  readonly enableEncryption: boolean
  readonly messageTtlMs: number
  readonly maxQueueSize: number
  readonly ackTimeoutMs: number
  readonly retryAttempts: number
  readonly deadLetterLimit: number
  readonly messageRetentionMs: number
  readonly keyRotationMs: number
  readonly cryptoThreads: number
  readonly maxMessageSizeBytes: number
}

export interface BusPorts {
  readonly gate: Gate
  readonly store: Store
  readonly keyStore: Pick<KeyStore, 'key'>
  readonly clock: Clock
  readonly events: Events
  readonly newId: NewId
  readonly random: (size: number) => Buffer
  readonly log: Log
  /** One signature for each message, or one for a burst; `auto` unless somebody wants to measure one form. */
  readonly signing?: Signing
  /** Threads of its own unless given. */
  readonly openPool?: typeof createCryptoPool
}
