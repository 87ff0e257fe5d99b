import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_VALUE_BYTES, openRecord, sealRecord } from './envelope'

const master = { bytes: randomBytes(32), id: randomBytes(8) }
const identity = { name: 'app/api-key', recordId: 'a'.repeat(32), createdAtMs: 1_700_000_000_000 }
const refused = expect.objectContaining({ code: 'SECRET_005' })

test('any text comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const opened = openRecord(master, identity, sealRecord(master, identity, Buffer.from(text)))
      expect(opened.equals(Buffer.from(text))).toBe(true)
    }),
  )
})

test('a value of 1 MiB comes back as it was', () => {
  const value = randomBytes(MAX_VALUE_BYTES)
  expect(openRecord(master, identity, sealRecord(master, identity, value)).equals(value)).toBe(true)
})

test('the same value never gives the same file twice', () => {
  const value = Buffer.from('the same')
  expect(sealRecord(master, identity, value).equals(sealRecord(master, identity, value))).toBe(false)
})

test('every flipped bit is refused, wherever it stands', () => {
  const record = sealRecord(master, identity, Buffer.from('a value of some length'))
  for (let index = 0; index < record.length; index += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = Buffer.from(record)
      changed.writeUInt8(record.readUInt8(index) ^ (1 << bit), index)
      expect(() => openRecord(master, identity, changed)).toThrow(refused)
    }
  }
  expect(openRecord(master, identity, record).toString()).toBe('a value of some length')
})

test('every truncation and every added byte is refused', () => {
  const record = sealRecord(master, identity, Buffer.from('a value of some length'))
  for (let length = 0; length < record.length; length += 1)
    expect(() => openRecord(master, identity, record.subarray(0, length))).toThrow(refused)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (more) => {
      expect(() => openRecord(master, identity, Buffer.concat([record, more]))).toThrow(refused)
    }),
  )
})

test('a record opens under its own name, id and time only', () => {
  const record = sealRecord(master, identity, Buffer.from('value'))
  expect(() => openRecord(master, { ...identity, name: 'app/api-kez' }, record)).toThrow(refused)
  expect(() => openRecord(master, { ...identity, recordId: 'b'.repeat(32) }, record)).toThrow(refused)
  expect(() => openRecord(master, { ...identity, createdAtMs: identity.createdAtMs + 1 }, record)).toThrow(refused)
  expect(openRecord(master, identity, record).toString()).toBe('value')
})

test('fields cannot lend bytes to each other', () => {
  const one = { ...identity, name: 'ab', recordId: 'c' }
  const two = { ...identity, name: 'a', recordId: 'bc' }
  expect(() => openRecord(master, two, sealRecord(master, one, Buffer.from('value')))).toThrow(refused)
})

test('another key is refused, also when it claims the same id', () => {
  const record = sealRecord(master, identity, Buffer.from('value'))
  expect(() => openRecord({ bytes: randomBytes(32), id: master.id }, identity, record)).toThrow(refused)
  expect(() => openRecord({ bytes: master.bytes, id: randomBytes(8) }, identity, record)).toThrow(refused)
})
