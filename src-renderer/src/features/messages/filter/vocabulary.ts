import type { MessageState, MessageType } from '@contract'

/** The page takes only types from the contract, so the words stand here again; the compiler holds them complete. */
const TYPES = { direct: 0, publish: 0, broadcast: 0, request: 0, response: 0 } satisfies Record<MessageType, 0>
const STATES = { queued: 0, delivered: 0, acknowledged: 0, expired: 0, dead: 0, dropped: 0 } satisfies Record<
  MessageState,
  0
>

export const MESSAGE_TYPES = Object.keys(TYPES) as readonly MessageType[]
export const MESSAGE_STATES = Object.keys(STATES) as readonly MessageState[]
