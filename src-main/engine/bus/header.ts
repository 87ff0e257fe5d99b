import type { Guarantee, MessageType } from '@contract'

/** The outside of one message to one receiver: everything that is authenticated beside the payload. */
export interface Header {
  readonly type: MessageType
  readonly guarantee: Guarantee
  readonly id: string
  /** Of the message as sent; copies of one message to many share it. */
  readonly groupId: string
  readonly senderId: string
  readonly senderKeyVersion: number
  readonly recipientId: string
  /** Which agreement key of the recipient the payload is sealed for. */
  readonly recipientKeyVersion: number
  readonly sequence: number
  readonly sentAtMs: number
  readonly ttlMs: number
  readonly correlationId: string
  readonly replyTo: string | null
  readonly topic: string | null
}

/** X25519, HKDF-SHA256, AES-256-GCM and Ed25519; there is no other. */
const ALGORITHM = 1
const VERSION = 1

const TYPES: readonly MessageType[] = ['direct', 'publish', 'broadcast', 'request', 'response']
const GUARANTEES: readonly Guarantee[] = ['at-least-once', 'at-most-once']

export const UUID_BYTES = 16
const MAX_TOPIC_BYTES = 480
const LENGTH_BYTES = 2

/** Sizes of the fields that have one, in their order; the last two, `replyTo` and `topic`, vary. */
const SIZES = {
  version: 1,
  algorithm: 1,
  type: 1,
  guarantee: 1,
  id: UUID_BYTES,
  groupId: UUID_BYTES,
  sender: UUID_BYTES,
  senderKeyVersion: 4,
  recipient: UUID_BYTES,
  recipientKeyVersion: 4,
  sequence: 8,
  sentAt: 8,
  ttl: 8,
  correlation: UUID_BYTES,
} as const
type Field = keyof typeof SIZES

const FIELDS = Object.keys(SIZES) as Field[]
/** Where each field's own bytes begin, behind its length. */
const AT = (() => {
  let offset = 0
  const at: Partial<Record<Field, number>> = {}
  for (const field of FIELDS) {
    at[field] = offset + LENGTH_BYTES
    offset += LENGTH_BYTES + SIZES[field]
  }
  return at as Readonly<Record<Field, number>>
})()
const FIXED_BYTES = FIELDS.reduce((sum, field) => sum + LENGTH_BYTES + SIZES[field], 0)
export const MAX_HEADER_BYTES = FIXED_BYTES + 2 * LENGTH_BYTES + UUID_BYTES + MAX_TOPIC_BYTES

/** All lengths written, and the fields that never change. */
const BLANK = (() => {
  const blank = Buffer.alloc(FIXED_BYTES)
  for (const field of FIELDS) blank.writeUInt16BE(SIZES[field], AT[field] - LENGTH_BYTES)
  blank.writeUInt8(VERSION, AT.version)
  blank.writeUInt8(ALGORITHM, AT.algorithm)
  return blank
})()

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** @throws RangeError for what is no lower-case UUID */
export const uuidBytes = (id: string): Buffer => {
  if (!UUID.test(id)) throw new RangeError('not a UUID')
  return Buffer.from(id.replaceAll('-', ''), 'hex')
}

export const uuidText = (bytes: Uint8Array, at = 0): string => {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset + at, UUID_BYTES).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Parties and conversations come again and again. */
const MAX_KEPT = 8192
const kept = new Map<string, Buffer>()
const keptUuidBytes = (id: string): Buffer => {
  const known = kept.get(id)
  if (known !== undefined) return known
  const bytes = uuidBytes(id)
  if (kept.size >= MAX_KEPT) kept.clear()
  kept.set(id, bytes)
  return bytes
}

const writeNumber = (target: Buffer, value: number, at: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a whole number')
  target.writeUInt32BE(Math.floor(value / 2 ** 32), at)
  target.writeUInt32BE(value >>> 0, at + 4)
}

const readNumber = (source: Buffer, at: number): number | null => {
  const value = source.readUInt32BE(at) * 2 ** 32 + source.readUInt32BE(at + 4)
  return Number.isSafeInteger(value) ? value : null
}

/**
 * The one byte form of a header: fields in a fixed order, each with its length (two bytes, big-endian) before it, so no
 * field can run into the next and every header has exactly one form.
 *
 * @throws RangeError for ids that are no UUIDs, numbers that are not whole, a topic that is empty or too long
 */
export const encodeHeader = (header: Header): Buffer => {
  const topic = header.topic === null ? null : Buffer.from(header.topic, 'utf8')
  if (topic !== null && (topic.length === 0 || topic.length > MAX_TOPIC_BYTES)) throw new RangeError('not a topic')
  const replyBytes = header.replyTo === null ? 0 : UUID_BYTES
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + 2 * LENGTH_BYTES + replyBytes + (topic?.length ?? 0))
  BLANK.copy(bytes)
  bytes.writeUInt8(TYPES.indexOf(header.type), AT.type)
  bytes.writeUInt8(GUARANTEES.indexOf(header.guarantee), AT.guarantee)
  const id = uuidBytes(header.id)
  id.copy(bytes, AT.id)
  if (header.groupId === header.id) id.copy(bytes, AT.groupId)
  else keptUuidBytes(header.groupId).copy(bytes, AT.groupId)
  keptUuidBytes(header.senderId).copy(bytes, AT.sender)
  bytes.writeUInt32BE(header.senderKeyVersion, AT.senderKeyVersion)
  keptUuidBytes(header.recipientId).copy(bytes, AT.recipient)
  bytes.writeUInt32BE(header.recipientKeyVersion, AT.recipientKeyVersion)
  writeNumber(bytes, header.sequence, AT.sequence)
  writeNumber(bytes, header.sentAtMs, AT.sentAt)
  writeNumber(bytes, header.ttlMs, AT.ttl)
  keptUuidBytes(header.correlationId).copy(bytes, AT.correlation)
  let at = bytes.writeUInt16BE(replyBytes, FIXED_BYTES)
  if (header.replyTo !== null) at += uuidBytes(header.replyTo).copy(bytes, at)
  at = bytes.writeUInt16BE(topic?.length ?? 0, at)
  topic?.copy(bytes, at)
  return bytes
}

/** Read a header back; null for anything that {@link encodeHeader} would not have written byte for byte. */
export const decodeHeader = (bytes: Buffer): Header | null => {
  if (bytes.length < FIXED_BYTES + 2 * LENGTH_BYTES || bytes.length > MAX_HEADER_BYTES) return null
  for (const field of FIELDS) if (bytes.readUInt16BE(AT[field] - LENGTH_BYTES) !== SIZES[field]) return null
  if (bytes.readUInt8(AT.version) !== VERSION || bytes.readUInt8(AT.algorithm) !== ALGORITHM) return null
  const type = TYPES[bytes.readUInt8(AT.type)]
  const guarantee = GUARANTEES[bytes.readUInt8(AT.guarantee)]
  const sequence = readNumber(bytes, AT.sequence)
  const sentAtMs = readNumber(bytes, AT.sentAt)
  const ttlMs = readNumber(bytes, AT.ttl)
  if (type === undefined || guarantee === undefined) return null
  if (sequence === null || sentAtMs === null || ttlMs === null) return null
  const replyBytes = bytes.readUInt16BE(FIXED_BYTES)
  if (replyBytes !== 0 && replyBytes !== UUID_BYTES) return null
  const topicAt = FIXED_BYTES + LENGTH_BYTES + replyBytes
  if (bytes.length < topicAt + LENGTH_BYTES) return null
  const topicBytes = bytes.readUInt16BE(topicAt)
  if (bytes.length !== topicAt + LENGTH_BYTES + topicBytes || topicBytes > MAX_TOPIC_BYTES) return null
  const topicSlice = bytes.subarray(topicAt + LENGTH_BYTES)
  const topic = topicBytes === 0 ? null : topicSlice.toString('utf8')
  if (topic !== null && !Buffer.from(topic, 'utf8').equals(topicSlice)) return null
  return {
    type,
    guarantee,
    id: uuidText(bytes, AT.id),
    groupId: uuidText(bytes, AT.groupId),
    senderId: uuidText(bytes, AT.sender),
    senderKeyVersion: bytes.readUInt32BE(AT.senderKeyVersion),
    recipientId: uuidText(bytes, AT.recipient),
    recipientKeyVersion: bytes.readUInt32BE(AT.recipientKeyVersion),
    sequence,
    sentAtMs,
    ttlMs,
    correlationId: uuidText(bytes, AT.correlation),
    replyTo: replyBytes === 0 ? null : uuidText(bytes, FIXED_BYTES + LENGTH_BYTES),
    topic,
  }
}
