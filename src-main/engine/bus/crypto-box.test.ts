import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createCryptoBox, type Plain } from './crypto-box.ts'
import { encodeHeader, type Header } from './header.ts'
import { packParcel, readHeads } from './job.ts'
import { createKeyRing, type KeyMaterial, packKeys } from './key-ring.ts'
import { NONCE_BYTES, readSealed, SESSION_BYTES, type Sealed, sealedSize, writeSealed } from './sealed.ts'

const materialOf = (key: number): KeyMaterial => {
  const signing = generateKeyPairSync('ed25519')
  const agreement = generateKeyPairSync('x25519')
  const raw = (from: Buffer): Buffer => Buffer.from(from.subarray(-32))
  return {
    key,
    signingPublic: raw(signing.publicKey.export({ format: 'der', type: 'spki' })),
    agreementPublic: raw(agreement.publicKey.export({ format: 'der', type: 'spki' })),
    signingPrivate: raw(signing.privateKey.export({ format: 'der', type: 'pkcs8' })),
    agreementPrivate: raw(agreement.privateKey.export({ format: 'der', type: 'pkcs8' })),
  }
}
const ONE = materialOf(1)
const TWO = materialOf(2)
const THREE = materialOf(3)
const onlyPublic = (material: KeyMaterial): KeyMaterial => ({
  ...material,
  signingPrivate: null,
  agreementPrivate: null,
})

/** The sender's side has no private key of the receiver, and the other way round. */
const senderBox = (random?: (size: number) => Buffer) => {
  const ring = createKeyRing()
  ring.add(packKeys([ONE, onlyPublic(TWO), THREE]))
  return createCryptoBox(ring, random)
}
const receiverBox = () => {
  const ring = createKeyRing()
  ring.add(packKeys([onlyPublic(ONE), TWO, onlyPublic(THREE)]))
  return createCryptoBox(ring)
}

const HEADER: Header = {
  type: 'direct',
  guarantee: 'at-least-once',
  id: '01890000-0000-7000-8000-000000000001',
  groupId: '01890000-0000-7000-8000-000000000001',
  senderId: '01890000-0000-7000-8000-00000000000a',
  senderKeyVersion: 1,
  recipientId: '01890000-0000-7000-8000-00000000000b',
  recipientKeyVersion: 1,
  sequence: 1,
  sentAtMs: 1_700_000_000_000,
  ttlMs: 60_000,
  correlationId: '01890000-0000-7000-8000-00000000000c',
  replyTo: null,
  topic: 'news',
}
const plain = (payload: Buffer, change: Partial<Header> = {}): Plain => ({
  senderKey: 1,
  recipientKey: 2,
  header: encodeHeader({ ...HEADER, ...change }),
  payload,
})
const bytesOf = (sealed: Sealed): Buffer => {
  const bytes = Buffer.alloc(sealedSize(sealed.ciphertext.length - 16, sealed))
  writeSealed(bytes, 0, sealed)
  return bytes
}
const sealAll = (messages: readonly Plain[], signing: 'single' | 'batch' | 'auto'): Buffer[] =>
  senderBox().seal(messages, signing).map(bytesOf)

it('opens what it sealed, each message alone, in both forms (B4, B5)', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 }),
      fc.constantFrom('single' as const, 'batch' as const, 'auto' as const),
      (payloads, signing) => {
        const messages = payloads.map((payload, index) => plain(Buffer.from(payload), { sequence: index + 1 }))
        const sealed = sealAll(messages, signing)
        messages.forEach((message, index) => {
          const bytes = sealed[index] ?? Buffer.alloc(0)
          const form = signing === 'auto' ? (messages.length > 1 ? 'batch' : 'single') : signing
          expect(readSealed(bytes)?.form).toBe(form)
          expect(receiverBox().open({ ...message, sealed: bytes })).toEqual({ ok: true, payload: message.payload })
        })
      },
    ),
    { numRuns: 30 },
  )
})

it.each(['single', 'batch'] as const)('refuses a change of any byte of a %s message (B4)', (form) => {
  const messages = [1, 2, 3].map((sequence) => plain(Buffer.from('payload'), { sequence }))
  const [message] = messages
  const [sealed] = sealAll(messages, form)
  if (message === undefined || sealed === undefined) throw new Error('nothing was sealed')
  const box = receiverBox()
  for (let at = 0; at < message.header.length; at += 1) {
    const header = Buffer.from(message.header)
    header.writeUInt8(header.readUInt8(at) ^ 1, at)
    expect(box.open({ ...message, header, sealed }).ok, `header ${at}`).toBe(false)
  }
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(box.open({ ...message, sealed: changed }).ok, `sealed ${at}`).toBe(false)
  }
  expect(box.open({ ...message, sealed })).toMatchObject({ ok: true })
})

it('refuses a change of any byte of a burst whose other messages were just found whole (B4, B5)', () => {
  const messages = Array.from({ length: 13 }, (_, index) => plain(Buffer.from('payload'), { sequence: index + 1 }))
  const sealed = sealAll(messages, 'batch')
  const box = receiverBox()
  messages.forEach((message, index) => {
    if (index % 2 === 0) expect(box.open({ ...message, sealed: sealed[index] ?? Buffer.alloc(0) }).ok).toBe(true)
  })
  messages.forEach((message, index) => {
    const whole = sealed[index] ?? Buffer.alloc(0)
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole)
      changed.writeUInt8(changed.readUInt8(at) ^ 0x80, at)
      expect(box.open({ ...message, sealed: changed }).ok, `${index} ${at}`).toBe(false)
    }
    expect(box.open({ ...message, sealed: whole }).ok).toBe(true)
  })
})

it('refuses a message in the name of somebody else (B2)', () => {
  const message = plain(Buffer.from('payload'))
  const [sealed = Buffer.alloc(0)] = sealAll([message], 'single')
  const box = receiverBox()
  expect(box.open({ ...message, senderKey: 3, sealed })).toEqual({ ok: false, why: 'signature' })
  // Signed by three, and told to be of one.
  const [spoofed = Buffer.alloc(0)] = sealAll([{ ...message, senderKey: 3 }], 'single')
  expect(box.open({ ...message, sealed: spoofed })).toEqual({ ok: false, why: 'signature' })
  expect(box.open({ ...message, senderKey: 3, sealed: spoofed })).toMatchObject({ ok: true })
})

it('does not open for another receiver (B4)', () => {
  const message = plain(Buffer.from('payload'))
  const [sealed = Buffer.alloc(0)] = sealAll([message], 'single')
  const ring = createKeyRing()
  ring.add(packKeys([onlyPublic(ONE), THREE]))
  const box = createCryptoBox(ring)
  expect(box.open({ ...message, recipientKey: 3, sealed })).toEqual({ ok: false, why: 'cipher' })
  expect(receiverBox().open({ ...message, sealed })).toMatchObject({ ok: true })
})

it('takes no path of another burst, and no leaf for a single message (B5)', () => {
  const messages = [1, 2].map((sequence) => plain(Buffer.from('payload'), { sequence }))
  const [first] = messages
  const here = senderBox().seal(messages, 'batch')[0]
  const there = senderBox().seal(messages, 'batch')[0]
  if (first === undefined || here === undefined || there === undefined) throw new Error('nothing was sealed')
  const box = receiverBox()
  expect(box.open({ ...first, sealed: bytesOf({ ...here, path: there.path }) }).ok).toBe(false)
  expect(box.open({ ...first, sealed: bytesOf({ ...here, signature: there.signature }) }).ok).toBe(false)
  expect(box.open({ ...first, sealed: bytesOf({ ...here, form: 'single', path: Buffer.alloc(0) }) }).ok).toBe(false)
  expect(box.open({ ...first, sealed: bytesOf(here) })).toMatchObject({ ok: true })
})

it('never gives a nonce twice under a key, whatever is started anew (B6)', () => {
  const nonces = new Set<string>()
  let count = 0
  for (let start = 0; start < 20; start += 1) {
    const box = senderBox()
    for (let round = 0; round < 5; round += 1)
      for (const { nonce } of box.seal(
        [1, 2, 3, 4].map((n) => plain(Buffer.from('x'), { sequence: n })),
        'auto',
      )) {
        nonces.add(nonce.toString('hex'))
        count += 1
      }
  }
  expect(nonces.size).toBe(count)
})

it('draws its session by itself and counts within it (B6)', () => {
  const sizes: number[] = []
  const box = senderBox((size) => {
    sizes.push(size)
    return randomBytes(size)
  })
  const sealed = [1, 2, 3].flatMap((sequence) => box.seal([plain(Buffer.from('x'), { sequence })], 'single'))
  expect(sizes).toEqual([SESSION_BYTES])
  expect(sealed.map(({ nonce }) => nonce.length)).toEqual([NONCE_BYTES, NONCE_BYTES, NONCE_BYTES])
  expect(sealed.map(({ nonce }) => nonce.readBigUInt64BE(SESSION_BYTES))).toEqual([1n, 2n, 3n])
})

it('reads a parcel back as it was packed', () => {
  const messages = [10, 0, 3000].map((size, index) => plain(Buffer.alloc(size, index), { sequence: index + 1 }))
  const sealed = senderBox().seal(messages, 'batch')
  const { heads, bodies } = packParcel(messages, sealed)
  const read = readHeads(Buffer.from(heads))
  expect(read.map(({ payloadBytes }) => payloadBytes)).toEqual([10, 0, 3000])
  read.forEach(({ header, bodyAt, bodyBytes }, index) => {
    const body = Buffer.from(bodies).subarray(bodyAt, bodyAt + bodyBytes)
    const message = messages[index]
    if (message === undefined) throw new Error('no message')
    expect(header).toEqual(message.header)
    expect(receiverBox().open({ ...message, sealed: body })).toEqual({ ok: true, payload: message.payload })
  })
  expect(readHeads(Buffer.from(heads).subarray(0, heads.length - 1))).toEqual([])
})
