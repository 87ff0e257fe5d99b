import type { DeadReason, Guarantee, MessageState, MessageType, Party } from '@contract'
import type { StateLook } from '@/ui/states'

/** How each state of a message looks and reads. */
export const MESSAGE_LOOKS = {
  queued: { word: 'Waiting', shape: 'half', colour: 'text-wait' },
  delivered: { word: 'Delivered', shape: 'ring', colour: 'text-change' },
  acknowledged: { word: 'Acknowledged', shape: 'check', colour: 'text-ok' },
  expired: { word: 'Expired', shape: 'hollow-square', colour: 'text-bad' },
  dead: { word: 'Dead', shape: 'cross', colour: 'text-bad' },
  dropped: { word: 'Dropped', shape: 'broken', colour: 'text-text-3' },
} as const satisfies Record<MessageState, StateLook>

/** What became of it, in a sentence. */
export const STATE_WORDS = {
  queued: 'Waits to be handed to its receiver.',
  delivered: 'Handed over; its acknowledgement is awaited.',
  acknowledged: 'The receiver has it and said so.',
  expired: 'Nobody took it within its time to live.',
  dead: 'It could not be delivered; see Dead letters.',
  dropped: 'Lost on the way, which at-most-once allows.',
} as const satisfies Record<MessageState, string>

export const TYPE_WORDS = {
  direct: { word: 'Direct', gloss: 'to one receiver' },
  publish: { word: 'Publish', gloss: 'to all who subscribed to the topic' },
  broadcast: { word: 'Broadcast', gloss: 'to every agent' },
  request: { word: 'Request', gloss: 'asks for an answer' },
  response: { word: 'Response', gloss: 'answers a request' },
} as const satisfies Record<MessageType, { word: string; gloss: string }>

export const GUARANTEE_WORDS = {
  'at-least-once': { word: 'At least once', gloss: 'tried again until acknowledged, doubles are left out' },
  'at-most-once': { word: 'At most once', gloss: 'tried once, may be lost' },
} as const satisfies Record<Guarantee, { word: string; gloss: string }>

/** Why a message died, and what can be done. */
export const DEAD_WORDS = {
  expired: {
    word: 'Expired',
    text: 'It was not read within its time to live.',
    step: 'Replay it if it still matters.',
  },
  'recipient-gone': {
    word: 'Receiver gone',
    text: 'Its receiver no longer exists.',
    step: 'Send it to another agent; a replay can only succeed once the receiver is back.',
  },
  'not-acknowledged': {
    word: 'Not acknowledged',
    text: 'It was handed over again and again and never acknowledged.',
    step: 'Look at the log of the receiver, then replay it.',
  },
  'queue-full': {
    word: 'Queue full',
    text: 'The queue of its receiver was full.',
    step: 'Wait until the receiver has read some of its messages, then replay it.',
  },
  'refused-by-policy': {
    word: 'Refused by policy',
    text: 'The policy does not let it pass.',
    step: 'Read the rule in the audit trail; a replay is decided anew.',
  },
  'does-not-verify': {
    word: 'Does not verify',
    text: 'Its signature or its content did not fit.',
    step: 'Look at the audit trail: it names what did not fit. Purge it once that is understood.',
  },
} as const satisfies Record<DeadReason, { word: string; text: string; step: string }>

export const DEAD_REASONS = Object.keys(DEAD_WORDS) as readonly DeadReason[]

/** Agents are called by their names; the console and the engine by what they are. */
export const partyWord = ({ kind, name }: Party): string =>
  kind === 'agent' ? name : kind === 'console' ? 'Console' : 'Engine'
