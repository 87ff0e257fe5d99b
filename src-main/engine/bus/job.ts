import type { Closed, Opened, Plain, Refusal, Signing } from './crypto-box.ts'
import { type Sealed, sealedSize, writeSealed } from './sealed.ts'

/** What goes to a thread and comes back: few buffers that are handed over, not many objects that are copied. */
export type Bytes = Uint8Array<ArrayBuffer>
export type Job =
  | { readonly kind: 'seal'; readonly keys: Bytes; readonly items: Bytes; readonly signing: Signing }
  | { readonly kind: 'open'; readonly keys: Bytes; readonly items: Bytes }
  | { readonly kind: 'check'; readonly keys: Bytes; readonly items: Bytes }
export type Answer = { readonly heads: Bytes; readonly bodies: Bytes } | { readonly results: Bytes }

const ITEM_BYTES = 8 + 8 + 2 + 4
const HEAD_BYTES = 2 + 4 + 4 + 4

const fresh = (size: number): Buffer<ArrayBuffer> => Buffer.from(new ArrayBuffer(size))
export const bytesOf = (buffer: Buffer<ArrayBuffer>): Bytes =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
export const bufferOf = (bytes: Bytes): Buffer<ArrayBuffer> =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

interface Keyed {
  readonly senderKey: number
  readonly recipientKey: number
  readonly header: Buffer
}

const packItems = <T extends Keyed>(items: readonly T[], restOf: (item: T) => Buffer): Bytes => {
  let size = 0
  for (const item of items) size += ITEM_BYTES + item.header.length + restOf(item).length
  const packed = fresh(size)
  let at = 0
  for (const item of items) {
    const { senderKey, recipientKey, header } = item
    const rest = restOf(item)
    at = packed.writeDoubleBE(senderKey, at)
    at = packed.writeDoubleBE(recipientKey, at)
    at = packed.writeUInt16BE(header.length, at)
    at = packed.writeUInt32BE(rest.length, at)
    at += header.copy(packed, at)
    at += rest.copy(packed, at)
  }
  return bytesOf(packed)
}

const unpackItems = <T>(packed: Bytes, make: (keyed: Keyed, rest: Buffer) => T): T[] => {
  const bytes = bufferOf(packed)
  const items: T[] = []
  for (let at = 0; at < bytes.length; ) {
    const headerAt = at + ITEM_BYTES
    const restAt = headerAt + bytes.readUInt16BE(at + 16)
    const end = restAt + bytes.readUInt32BE(at + 18)
    const keyed = {
      senderKey: bytes.readDoubleBE(at),
      recipientKey: bytes.readDoubleBE(at + 8),
      header: bytes.subarray(headerAt, restAt),
    }
    items.push(make(keyed, bytes.subarray(restAt, end)))
    at = end
  }
  return items
}

export const packPlain = (messages: readonly Plain[]): Bytes => packItems(messages, ({ payload }) => payload)
export const packClosed = (messages: readonly Closed[]): Bytes => packItems(messages, ({ sealed }) => sealed)
export const unpackPlain = (items: Bytes): Plain[] =>
  unpackItems(items, ({ senderKey, recipientKey, header }, payload) => ({ senderKey, recipientKey, header, payload }))
export const unpackClosed = (items: Bytes): Closed[] =>
  unpackItems(items, ({ senderKey, recipientKey, header }, sealed) => ({ senderKey, recipientKey, header, sealed }))

/** One message of a parcel: its header, and where in the parcel's bodies the rest of it lies. */
export interface Head {
  readonly header: Buffer
  readonly bodyAt: number
  readonly bodyBytes: number
  readonly payloadBytes: number
}

/** A parcel as it is kept: all headers in one piece, everything sealed in another. */
export const packParcel = (messages: readonly Plain[], sealed: readonly Sealed[]): { heads: Bytes; bodies: Bytes } => {
  const heads = fresh(messages.reduce((sum, { header }) => sum + HEAD_BYTES + header.length, 0))
  const sizes = sealed.map((one, index) => sealedSize(messages[index]?.payload.length ?? 0, one))
  const bodies = fresh(sizes.reduce((sum, size) => sum + size, 0))
  let headAt = 0
  let bodyAt = 0
  messages.forEach(({ header, payload }, index) => {
    const one = sealed[index]
    if (one === undefined) return
    const end = writeSealed(bodies, bodyAt, one)
    headAt = heads.writeUInt16BE(header.length, headAt)
    headAt = heads.writeUInt32BE(bodyAt, headAt)
    headAt = heads.writeUInt32BE(end - bodyAt, headAt)
    headAt = heads.writeUInt32BE(payload.length, headAt)
    headAt += header.copy(heads, headAt)
    bodyAt = end
  })
  return { heads: bytesOf(heads), bodies: bytesOf(bodies) }
}

/** Empty when the bytes are not what {@link packParcel} writes. */
export const readHeads = (heads: Buffer): Head[] => {
  const read: Head[] = []
  for (let at = 0; at < heads.length; ) {
    if (at + HEAD_BYTES > heads.length) return []
    const end = at + HEAD_BYTES + heads.readUInt16BE(at)
    if (end > heads.length) return []
    read.push({
      header: heads.subarray(at + HEAD_BYTES, end),
      bodyAt: heads.readUInt32BE(at + 2),
      bodyBytes: heads.readUInt32BE(at + 6),
      payloadBytes: heads.readUInt32BE(at + 10),
    })
    at = end
  }
  return read
}

const WHY: readonly Refusal[] = ['format', 'signature', 'cipher']

export const packResults = (results: readonly Opened[]): Bytes => {
  const packed = fresh(results.reduce((sum, one) => sum + (one.ok ? 5 + one.payload.length : 1), 0))
  let at = 0
  for (const one of results) {
    at = packed.writeUInt8(one.ok ? 0 : 1 + WHY.indexOf(one.why), at)
    if (!one.ok) continue
    at = packed.writeUInt32BE(one.payload.length, at)
    at += one.payload.copy(packed, at)
  }
  return bytesOf(packed)
}

export const unpackResults = (results: Bytes): Opened[] => {
  const bytes = bufferOf(results)
  const opened: Opened[] = []
  for (let at = 0; at < bytes.length; ) {
    const status = bytes.readUInt8(at)
    if (status > 0) {
      opened.push({ ok: false, why: WHY[status - 1] ?? 'format' })
      at += 1
      continue
    }
    const end = at + 5 + bytes.readUInt32BE(at + 1)
    opened.push({ ok: true, payload: bytes.subarray(at + 5, end) })
    at = end
  }
  return opened
}
