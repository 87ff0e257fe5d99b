import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import type { KeyRing } from './key-ring.ts'
import { leafHash, learn, type Proven, treeOf, walkUp } from './merkle.ts'
import { ALONE, type Form, NO_PATH, NONCE_BYTES, readSealed, SESSION_BYTES, type Sealed, TAG_BYTES } from './sealed.ts'

/** A message on its way in. */
export interface Plain {
  readonly senderKey: number
  readonly recipientKey: number
  readonly header: Buffer
  readonly payload: Buffer
}

/** A message on its way out. The keys are those that the registry holds for what the header says. */
export interface Closed {
  readonly senderKey: number
  readonly recipientKey: number
  readonly header: Buffer
  readonly sealed: Buffer
}

export type Opened = { readonly ok: true; readonly payload: Buffer } | { readonly ok: false; readonly why: Refusal }
export type Refusal = 'format' | 'signature' | 'cipher'

/** How messages are signed: `auto` gives each sender's burst one signature and a lone message its own. */
export type Signing = Form | 'auto'

const KEY_PURPOSE = 'symbi message 1 key'
const SINGLE = Buffer.from('symbi message 1 signature\0')
const BURST = Buffer.from('symbi message 1 burst\0')
const MAX_KEYS = 16_384
const MAX_BURSTS = 64
/** A new session long before its counter could become a worry to anybody. */
const MAX_PER_SESSION = 2 ** 32

/** Keep the newest. */
const remember = <K, V>(map: Map<K, V>, key: K, value: V, most: number): V => {
  if (map.size >= most) {
    const [oldest] = map.keys()
    if (oldest !== undefined) map.delete(oldest)
  }
  map.set(key, value)
  return value
}

/**
 * Seal and open messages with the keys of a ring. Not shared between threads.
 *
 * A data key comes from X25519 between the static keys of both sides and HKDF-SHA256 (RFC 7748, RFC 5869), with both
 * public keys in its info and the session as its salt. A session is 16 random bytes that this box draws when it is made
 * and keeps to itself; the AES-256-GCM nonce (NIST SP 800-38D §8.2.1) is a counter that only grows. So a nonce could
 * repeat under a key only if two boxes drew the same 128 random bits, whatever crashes and restarts come between.
 *
 * Static and static, since one agreement then serves a pair of keys for a whole session; with a fresh key for each message
 * the agreement would cost more than everything else but the signature, and the private keys of both sides lie in the
 * same store anyway.
 */
export const createCryptoBox = (ring: KeyRing, random: (size: number) => Buffer = randomBytes) => {
  let session = random(SESSION_BYTES)
  let counter = 0
  const dataKeys = new Map<string, KeyObject>()
  /** Bursts whose signature was found valid just now, by key, size and signature. */
  const provenBursts = new Map<string, Proven>()
  let room = Buffer.alloc(8192)
  const iv = Buffer.alloc(12)

  const dataKey = (message: { senderKey: number; recipientKey: number }, salt: Buffer, as: 'sender' | 'recipient') => {
    const name = `${message.senderKey}.${message.recipientKey}.${salt.toString('latin1', 0, SESSION_BYTES)}`
    const known = dataKeys.get(name)
    if (known !== undefined) return known
    const sender = ring.get(message.senderKey)
    const recipient = ring.get(message.recipientKey)
    const shared =
      as === 'sender'
        ? diffieHellman({ privateKey: sender.agreementPrivate(), publicKey: recipient.agreementPublic() })
        : diffieHellman({ privateKey: recipient.agreementPrivate(), publicKey: sender.agreementPublic() })
    const info = Buffer.concat([Buffer.from(KEY_PURPOSE), sender.agreementPublicRaw, recipient.agreementPublicRaw])
    const key = createSecretKey(new Uint8Array(hkdfSync('sha256', shared, salt, info, 32)))
    shared.fill(0)
    return remember(dataKeys, name, key, MAX_KEYS)
  }

  const nextNonce = (): Buffer => {
    if (counter >= MAX_PER_SESSION) {
      session = random(SESSION_BYTES)
      counter = 0
    }
    counter += 1
    const nonce = Buffer.allocUnsafe(NONCE_BYTES)
    session.copy(nonce)
    nonce.writeUInt32BE(Math.floor(counter / 2 ** 32), SESSION_BYTES)
    nonce.writeUInt32BE(counter >>> 0, SESSION_BYTES + 4)
    return nonce
  }

  const ivOf = (nonce: Buffer): Buffer => {
    nonce.copy(iv, 4, SESSION_BYTES)
    return iv
  }

  /** `before`, then header, nonce and ciphertext: what a signature or a leaf covers. Holds until it is asked again. */
  const covered = (before: Buffer, header: Buffer, nonce: Buffer, ciphertext: Buffer): Buffer => {
    const size = before.length + header.length + NONCE_BYTES + ciphertext.length
    if (room.length < size) room = Buffer.alloc(2 * size)
    let at = before.copy(room)
    at += header.copy(room, at)
    at += nonce.copy(room, at)
    at += ciphertext.copy(room, at)
    return room.subarray(0, at)
  }
  const LEAF_ROOM = Buffer.alloc(1)
  const leafOf = (header: Buffer, nonce: Buffer, ciphertext: Buffer): Buffer =>
    leafHash(covered(LEAF_ROOM, header, nonce, ciphertext))

  const burst = (size: number, root: Buffer): Buffer => {
    const count = Buffer.allocUnsafe(4)
    count.writeUInt32BE(size)
    return Buffer.concat([BURST, count, root])
  }

  const encrypt = (message: Plain): { nonce: Buffer; ciphertext: Buffer } => {
    const nonce = nextNonce()
    const cipher = createCipheriv('aes-256-gcm', dataKey(message, session, 'sender'), ivOf(nonce))
    cipher.setAAD(message.header)
    const start = cipher.update(message.payload)
    cipher.final()
    return { nonce, ciphertext: Buffer.concat([start, cipher.getAuthTag()]) }
  }

  const signAlone = (message: Plain): Sealed => {
    const { nonce, ciphertext } = encrypt(message)
    const signed = covered(SINGLE, message.header, nonce, ciphertext)
    const signature = sign(null, signed, ring.get(message.senderKey).signingPrivate())
    return { form: 'single', nonce, ciphertext, signature, place: ALONE, path: NO_PATH }
  }

  const signTogether = (messages: readonly Plain[], senderKey: number): Sealed[] => {
    const parts = messages.map((message) => {
      const part = encrypt(message)
      return { ...part, leaf: leafOf(message.header, part.nonce, part.ciphertext) }
    })
    const tree = treeOf(parts.map(({ leaf }) => leaf))
    const size = parts.length
    const signature = sign(null, burst(size, tree.root), ring.get(senderKey).signingPrivate())
    return parts.map(({ nonce, ciphertext }, index) => ({
      form: 'batch',
      nonce,
      ciphertext,
      signature,
      place: { index, size },
      path: tree.path(index),
    }))
  }

  const burstIsSigned = (senderKey: number, sealed: Sealed, leaf: Buffer): boolean => {
    const { place, path, signature } = sealed
    const way = { index: place.index, size: place.size, path }
    const name = `${senderKey}.${place.size}.${signature.toString('latin1')}`
    const known = provenBursts.get(name) ?? null
    const root = walkUp(leaf, way, known)
    if (root === null) return false
    if (root === 'proven') return true
    if (!verify(null, burst(place.size, root), ring.get(senderKey).signingPublic(), signature)) return false
    learn(leaf, way, known ?? remember(provenBursts, name, new Map(), MAX_BURSTS))
    return true
  }

  const isSigned = (header: Buffer, senderKey: number, sealed: Sealed): boolean => {
    const { nonce, ciphertext, signature } = sealed
    if (sealed.form === 'batch') return burstIsSigned(senderKey, sealed, leafOf(header, nonce, ciphertext))
    const signed = covered(SINGLE, header, nonce, ciphertext)
    return verify(null, signed, ring.get(senderKey).signingPublic(), signature)
  }

  return {
    /** In the order of the messages. */
    seal(messages: readonly Plain[], signing: Signing): Sealed[] {
      const bySender = new Map<number, number[]>()
      messages.forEach(({ senderKey }, index) => {
        const list = bySender.get(senderKey)
        if (list === undefined) bySender.set(senderKey, [index])
        else list.push(index)
      })
      const sealed: Sealed[] = []
      for (const [senderKey, indexes] of bySender) {
        const own = indexes.flatMap((index) => messages[index] ?? [])
        const together = signing === 'batch' || (signing === 'auto' && own.length > 1)
        const done = together ? signTogether(own, senderKey) : own.map(signAlone)
        indexes.forEach((index, nth) => {
          const one = done[nth]
          if (one !== undefined) sealed[index] = one
        })
      }
      return sealed
    },

    /** Whether the signature holds, without opening. */
    check(message: Pick<Closed, 'senderKey' | 'header' | 'sealed'>): boolean {
      const sealed = readSealed(message.sealed)
      return sealed !== null && isSigned(message.header, message.senderKey, sealed)
    },

    /** Signature first; nothing that is not signed is decrypted. */
    open(message: Closed): Opened {
      const sealed = readSealed(message.sealed)
      if (sealed === null) return { ok: false, why: 'format' }
      if (!isSigned(message.header, message.senderKey, sealed)) return { ok: false, why: 'signature' }
      const { nonce, ciphertext } = sealed
      const cut = ciphertext.length - TAG_BYTES
      const decipher = createDecipheriv(
        'aes-256-gcm',
        dataKey(message, nonce.subarray(0, SESSION_BYTES), 'recipient'),
        ivOf(nonce),
        {
          authTagLength: TAG_BYTES,
        },
      )
      decipher.setAAD(message.header)
      decipher.setAuthTag(ciphertext.subarray(cut))
      const payload = decipher.update(ciphertext.subarray(0, cut))
      try {
        decipher.final()
        return { ok: true, payload }
      } catch {
        payload.fill(0)
        return { ok: false, why: 'cipher' }
      }
    },
  }
}
