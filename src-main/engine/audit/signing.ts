import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { sha256Hex } from './canonical'

/** DER around the 32 bytes of an Ed25519 key (RFC 8410 §4 and §7). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export const SEED_BYTES = 32

/** A private key that signs checkpoints. */
export interface SigningKey {
  /** The first 32 hexadecimal digits of the SHA-256 of the public key in hexadecimal. */
  readonly id: string
  /** 32 bytes, hexadecimal. */
  readonly publicKey: string
  /** Ed25519 (RFC 8032) over the UTF-8 of the text; 64 bytes, hexadecimal. */
  sign(text: string): string
}

export const keyIdOf = (publicKey: string): string => sha256Hex(publicKey).slice(0, 32)

/** @param seed 32 bytes; the caller zeroes them */
export const signingKeyOf = (seed: Buffer): SigningKey => {
  const der = Buffer.concat([PRIVATE_PREFIX, seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
  return {
    id: keyIdOf(publicKey),
    publicKey,
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), key).toString('hex'),
  }
}

/** Whether the holder of the public key signed the text. Never throws: what is no key or no signature did not. */
export const isSignedBy = (publicKey: string, text: string, signature: string): boolean => {
  if (!/^[0-9a-f]{64}$/.test(publicKey) || !/^[0-9a-f]{128}$/.test(signature)) return false
  try {
    const der = Buffer.concat([PUBLIC_PREFIX, Buffer.from(publicKey, 'hex')])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'hex'))
  } catch {
    return false
  }
}
