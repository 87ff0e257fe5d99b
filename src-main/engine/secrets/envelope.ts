import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { RuntimeError } from '../core'

/** A master key and the short name by which records say which key sealed them. */
export interface MasterKey {
  readonly bytes: Buffer
  /** Eight random bytes; says nothing of the key. */
  readonly id: Buffer
}

/** What a record is bound to. A record that is found under anything else does not open. */
export interface RecordIdentity {
  readonly name: string
  readonly recordId: string
  readonly createdAtMs: number
}

const MAGIC = Buffer.from('SYMSEC')
const VERSION = 1
export const KEY_ID_BYTES = 8
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = MAGIC.length + 1 + KEY_ID_BYTES + NONCE_BYTES
const KEY_PURPOSE = 'symbi-secret-v1 record key'

/** Largest value, in bytes of UTF-8. */
export const MAX_VALUE_BYTES = 1_048_576

/** Larger files are not read at all: nothing that we wrote is larger. */
export const MAX_RECORD_BYTES = HEADER_BYTES + MAX_VALUE_BYTES + TAG_BYTES

const recordKey = (master: MasterKey, identity: RecordIdentity): Buffer =>
  Buffer.from(hkdfSync('sha256', master.bytes, Buffer.from(identity.recordId, 'utf8'), KEY_PURPOSE, 32))

/** Each field with its length before it, so that no content can imitate a field border. */
const additionalData = (header: Buffer, identity: RecordIdentity): Buffer => {
  const fields = [
    header,
    Buffer.from(identity.name, 'utf8'),
    Buffer.from(identity.recordId, 'utf8'),
    Buffer.from(String(identity.createdAtMs), 'utf8'),
  ]
  const parts: Buffer[] = [Buffer.from('symbi-secret-v1')]
  for (const field of fields) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(field.length)
    parts.push(length, field)
  }
  return Buffer.concat(parts)
}

const damaged = (cause?: unknown): RuntimeError =>
  new RuntimeError('SECRET_005', 'The secret could not be decrypted: its file, its entry or the key was changed.', {
    ...(cause === undefined ? {} : { cause }),
  })

/**
 * Seal a value: magic, version, key id (8), nonce (12), ciphertext, tag (16).
 *
 * AES-256-GCM (NIST SP 800-38D) under a key of its own, derived by HKDF-SHA256 (RFC 5869) from the master key with the
 * record id as salt; so one random 96-bit nonce per key can never repeat. The header, name, record id and time of
 * creation are authenticated with it.
 */
export const sealRecord = (master: MasterKey, identity: RecordIdentity, plain: Buffer): Buffer => {
  const nonce = randomBytes(NONCE_BYTES)
  const header = Buffer.concat([MAGIC, Buffer.from([VERSION]), master.id, nonce])
  const key = recordKey(master, identity)
  try {
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    cipher.setAAD(additionalData(header, identity))
    return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  } finally {
    key.fill(0)
  }
}

/**
 * Open what {@link sealRecord} made. The caller zeroes the buffer it gets.
 *
 * @throws SECRET_005 for anything that is not byte for byte that record of that identity under that key
 */
export const openRecord = (master: MasterKey, identity: RecordIdentity, record: Buffer): Buffer => {
  if (record.length < HEADER_BYTES + TAG_BYTES || record.length > MAX_RECORD_BYTES) throw damaged()
  const header = record.subarray(0, HEADER_BYTES)
  const keyId = header.subarray(MAGIC.length + 1, MAGIC.length + 1 + KEY_ID_BYTES)
  if (!header.subarray(0, MAGIC.length).equals(MAGIC) || header.readUInt8(MAGIC.length) !== VERSION) throw damaged()
  if (!keyId.equals(master.id)) throw damaged()
  const key = recordKey(master, identity)
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, header.subarray(HEADER_BYTES - NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(additionalData(header, identity))
    decipher.setAuthTag(record.subarray(record.length - TAG_BYTES))
    const start = decipher.update(record.subarray(HEADER_BYTES, record.length - TAG_BYTES))
    try {
      decipher.final()
      return start
    } catch (error) {
      start.fill(0)
      throw damaged(error)
    }
  } finally {
    key.fill(0)
  }
}
