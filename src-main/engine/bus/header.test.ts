import { MESSAGE_TYPES } from '@contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeHeader, encodeHeader, type Header } from './header.ts'

const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const uuid = fc.uuid()
const headers: fc.Arbitrary<Header> = fc.record({
  type: fc.constantFrom(...MESSAGE_TYPES),
  guarantee: fc.constantFrom('at-least-once', 'at-most-once'),
  id: uuid,
  groupId: uuid,
  senderId: uuid,
  senderKeyVersion: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  recipientId: uuid,
  recipientKeyVersion: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  sequence: whole,
  sentAtMs: whole,
  ttlMs: whole,
  correlationId: uuid,
  replyTo: fc.option(uuid),
  topic: fc.option(fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme-ascii' })),
})

it('reads back what it wrote (B3)', () => {
  fc.assert(
    fc.property(headers, (header) => {
      expect(decodeHeader(encodeHeader(header))).toEqual(header)
    }),
    { numRuns: 500 },
  )
})

it('gives two headers two forms, and one header one (B3)', () => {
  fc.assert(
    fc.property(headers, headers, (one, other) => {
      const isEqual = JSON.stringify(one) === JSON.stringify(other)
      expect(encodeHeader(one).equals(encodeHeader(other))).toBe(isEqual)
    }),
  )
})

it('takes no bytes that it would not have written itself (B3)', () => {
  fc.assert(
    fc.property(headers, fc.nat(), fc.integer({ min: 1, max: 255 }), (header, place, change) => {
      const bytes = encodeHeader(header)
      const at = place % bytes.length
      bytes.writeUInt8(bytes.readUInt8(at) ^ change, at)
      const read = decodeHeader(bytes)
      if (read !== null) expect(encodeHeader(read).equals(bytes)).toBe(true)
      expect(read).not.toEqual(header)
    }),
    { numRuns: 1000 },
  )
})

it('takes no bytes too many or too few', () => {
  fc.assert(
    fc.property(headers, fc.nat(), (header, place) => {
      const bytes = encodeHeader(header)
      expect(decodeHeader(bytes.subarray(0, place % bytes.length))).toBeNull()
      expect(decodeHeader(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeNull()
      expect(decodeHeader(bytes)).toEqual(header)
    }),
  )
})

it('refuses what has no form', () => {
  const [header] = fc.sample(headers, 1)
  if (header === undefined) throw new Error('no header')
  expect(() => encodeHeader({ ...header, id: 'not an id' })).toThrow(RangeError)
  expect(() => encodeHeader({ ...header, sequence: 1.5 })).toThrow(RangeError)
  expect(() => encodeHeader({ ...header, sequence: -1 })).toThrow(RangeError)
  expect(() => encodeHeader({ ...header, topic: '' })).toThrow(RangeError)
  expect(() => encodeHeader({ ...header, topic: 'x'.repeat(481) })).toThrow(RangeError)
  expect(() => encodeHeader({ ...header, topic: 'x'.repeat(480) })).not.toThrow()
})
