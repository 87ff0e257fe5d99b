import { HASH_BYTES, MAX_PATH } from './merkle.ts'

/** `single`: a signature of its own. `batch`: one signature for a burst, with this message's path in it. */
export type Form = 'single' | 'batch'

/** The inside of a message with its signature, as it is kept and handed on beside the header. */
export interface Sealed {
  readonly form: Form
  readonly nonce: Buffer
  /** With the tag at its end. */
  readonly ciphertext: Buffer
  readonly signature: Buffer
  /** Where in its burst it stands; 0 of 1 for a single one. */
  readonly place: { readonly index: number; readonly size: number }
  /** The hashes beside the way to the root, nearest first, one behind the other. */
  readonly path: Buffer
}

/** Random for each start of a thread, then a counter of that thread. */
export const SESSION_BYTES = 16
export const NONCE_BYTES = SESSION_BYTES + 8
export const TAG_BYTES = 16
export const SIGNATURE_BYTES = 64
const FIXED_BYTES = 1 + NONCE_BYTES + 4

export const sealedSize = (payloadBytes: number, { form, path }: Pick<Sealed, 'form' | 'path'>): number =>
  FIXED_BYTES + payloadBytes + TAG_BYTES + SIGNATURE_BYTES + (form === 'single' ? 0 : 9 + path.length)

export const NO_PATH = Buffer.alloc(0)
/** Of a message that was signed alone. */
export const ALONE = { index: 0, size: 1 } as const

/** Returns where the next thing begins. */
export const writeSealed = (target: Buffer, at: number, sealed: Sealed): number => {
  let end = target.writeUInt8(sealed.form === 'single' ? 0 : 1, at)
  end += sealed.nonce.copy(target, end)
  end = target.writeUInt32BE(sealed.ciphertext.length, end)
  end += sealed.ciphertext.copy(target, end)
  end += sealed.signature.copy(target, end)
  if (sealed.form === 'single') return end
  end = target.writeUInt32BE(sealed.place.index, end)
  end = target.writeUInt32BE(sealed.place.size, end)
  end = target.writeUInt8(sealed.path.length / HASH_BYTES, end)
  return end + sealed.path.copy(target, end)
}

/** Null for anything that {@link writeSealed} would not have written byte for byte. */
export const readSealed = (bytes: Buffer): Sealed | null => {
  if (bytes.length < FIXED_BYTES + TAG_BYTES + SIGNATURE_BYTES) return null
  const form = bytes.readUInt8(0)
  if (form > 1) return null
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES)
  const cipherBytes = bytes.readUInt32BE(1 + NONCE_BYTES)
  const signatureAt = FIXED_BYTES + cipherBytes
  const end = signatureAt + SIGNATURE_BYTES
  if (cipherBytes < TAG_BYTES || bytes.length < end) return null
  const ciphertext = bytes.subarray(FIXED_BYTES, signatureAt)
  const signature = bytes.subarray(signatureAt, end)
  if (form === 0)
    return bytes.length === end ? { form: 'single', nonce, ciphertext, signature, place: ALONE, path: NO_PATH } : null
  if (bytes.length < end + 9) return null
  const place = { index: bytes.readUInt32BE(end), size: bytes.readUInt32BE(end + 4) }
  const length = bytes.readUInt8(end + 8)
  if (length > MAX_PATH || bytes.length !== end + 9 + length * HASH_BYTES) return null
  const path = bytes.subarray(end + 9)
  return { form: 'batch', nonce, ciphertext, signature, place, path }
}
