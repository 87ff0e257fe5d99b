import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from './clock'

/** Makes ids that sort by the time they were made. */
export type NewId = <Id extends string>() => Id

/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, 12 bits that count within one millisecond so that ids made in
 * one burst keep their order, 62 random bits.
 */
export const createIds = (clock: Clock, random: (size: number) => Buffer = randomBytes): NewId => {
  let lastMs = 0
  let counter = 0
  return <Id extends string>() => {
    const nowMs = clock.nowMs()
    if (nowMs > lastMs) {
      lastMs = nowMs
      counter = random(1).readUInt8(0)
    } else if (++counter > 0xfff) {
      lastMs += 1
      counter = 0
    }
    const bytes = Buffer.alloc(16)
    bytes.writeUIntBE(lastMs, 0, 6)
    bytes.writeUInt16BE(0x7000 | counter, 6)
    random(8).copy(bytes, 8)
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
    const hex = bytes.toString('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-') as Id
  }
}

/** An id whose order means nothing. */
export const randomId = (): string => randomUUID()

const POOL_BYTES = 16_384

/** Random bytes drawn in large pieces, for whoever needs few of them very often. Each byte is given once. */
export const randomPool = (): ((size: number) => Buffer) => {
  let pool = Buffer.alloc(0)
  let at = 0
  return (size) => {
    if (at + size > pool.length) {
      pool = randomBytes(Math.max(POOL_BYTES, size))
      at = 0
    }
    at += size
    return pool.subarray(at - size, at)
  }
}
