import type { CorrelationId, Guarantee, MessageType, Party } from '@contract'
import type { GateRequest } from '../gate'

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
