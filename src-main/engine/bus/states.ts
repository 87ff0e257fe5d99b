import { MESSAGE_STATES, type MessageState } from '@contract'

/** What became of one message. */
export interface Fate {
  readonly state: MessageState
  readonly attempts: number
  readonly deliveredAtMs: number | null
  /** When it came to its end, whichever. */
  readonly settledAtMs: number | null
}

/** The fates of the messages of one parcel, sixteen bytes each, as they are kept. */
export interface Fates {
  readonly parcel: number
  readonly bytes: Buffer
  /** How many are not settled. */
  open: number
  /** Not on the disk as it is here. */
  dirty: boolean
}

export const FATE_BYTES = 16
const ATTEMPTS_AT = 1
const DELIVERED_AT = 2
const SETTLED_AT = 8
const MAX_ATTEMPTS = 255

/** A message at its beginning needs no writing: queued is state 0. */
export const newFates = (parcel: number, count: number): Fates => ({
  parcel,
  bytes: Buffer.alloc(count * FATE_BYTES),
  open: count,
  dirty: false,
})

export const readFate = (fates: Pick<Fates, 'bytes'>, index: number): Fate => {
  const at = index * FATE_BYTES
  const deliveredAtMs = fates.bytes.readUIntBE(at + DELIVERED_AT, 6)
  const settledAtMs = fates.bytes.readUIntBE(at + SETTLED_AT, 6)
  return {
    state: MESSAGE_STATES[fates.bytes.readUInt8(at)] ?? 'dead',
    attempts: fates.bytes.readUInt8(at + ATTEMPTS_AT),
    deliveredAtMs: deliveredAtMs === 0 ? null : deliveredAtMs,
    settledAtMs: settledAtMs === 0 ? null : settledAtMs,
  }
}

/** Handed over, and not acknowledged yet. */
export const markDelivered = (fates: Fates, index: number, how: { attempts: number; atMs: number }): void => {
  const at = index * FATE_BYTES
  fates.bytes.writeUInt8(MESSAGE_STATES.indexOf('delivered'), at)
  fates.bytes.writeUInt8(Math.min(MAX_ATTEMPTS, how.attempts), at + ATTEMPTS_AT)
  fates.bytes.writeUIntBE(how.atMs, at + DELIVERED_AT, 6)
}

export const markQueued = (fates: Fates, index: number): void => {
  fates.bytes.writeUInt8(MESSAGE_STATES.indexOf('queued'), index * FATE_BYTES)
}

/** The end of it: nothing more happens to this message. */
export const markSettled = (fates: Fates, index: number, how: { state: MessageState; atMs: number }): void => {
  const at = index * FATE_BYTES
  fates.bytes.writeUInt8(MESSAGE_STATES.indexOf(how.state), at)
  fates.bytes.writeUIntBE(how.atMs, at + SETTLED_AT, 6)
  fates.open -= 1
}

/** Not settled: it waits in a queue or for its acknowledgement. At most once, it is settled when it is handed over. */
export const isOpen = ({ state, settledAtMs }: Fate): boolean =>
  settledAtMs === null && (state === 'queued' || state === 'delivered')
