import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** One version of the keys of one party, raw: 32 bytes each. Private halves where the job needs them. */
export interface KeyMaterial {
  /** Number of the party times 2^16 plus the version: the same for as long as the data folder lives. */
  readonly key: number
  readonly signingPublic: Buffer
  readonly agreementPublic: Buffer
  readonly signingPrivate: Buffer | null
  readonly agreementPrivate: Buffer | null
}

/** Imported keys, each made when it is first used. */
export interface KeySet {
  readonly agreementPublicRaw: Buffer
  signingPublic(): KeyObject
  agreementPublic(): KeyObject
  signingPrivate(): KeyObject
  agreementPrivate(): KeyObject
}

const RAW_BYTES = 32
const ENTRY_BYTES = 8 + 1 + 4 * RAW_BYTES
const NONE = Buffer.alloc(RAW_BYTES)

/** RFC 8410: what stands before the raw key in its DER form. */
const DER = {
  ed25519: { private: '302e020100300506032b657004220420', public: '302a300506032b6570032100' },
  x25519: { private: '302e020100300506032b656e04220420', public: '302a300506032b656e032100' },
} as const
export type Curve = keyof typeof DER

export const importPrivate = (curve: Curve, raw: Buffer): KeyObject => {
  const der = Buffer.concat([Buffer.from(DER[curve].private, 'hex'), raw])
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  } finally {
    der.fill(0)
  }
}

export const importPublic = (curve: Curve, raw: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([Buffer.from(DER[curve].public, 'hex'), raw]), format: 'der', type: 'spki' })

/** For the way to a thread. The receiver zeroes what it gets. */
export const packKeys = (keys: readonly KeyMaterial[]): Uint8Array<ArrayBuffer> => {
  // A buffer of its own, so that it can be handed over and nothing else with it.
  const packed = new Uint8Array(keys.length * ENTRY_BYTES)
  const bytes = Buffer.from(packed.buffer)
  keys.forEach((material, index) => {
    let at = bytes.writeDoubleBE(material.key, index * ENTRY_BYTES)
    const { signingPrivate, agreementPrivate } = material
    at = bytes.writeUInt8((signingPrivate === null ? 0 : 1) + (agreementPrivate === null ? 0 : 2), at)
    for (const raw of [material.signingPublic, material.agreementPublic, signingPrivate, agreementPrivate])
      at += (raw ?? NONE).copy(bytes, at)
  })
  return packed
}

/** Keys that a thread was given, by their number. */
export const createKeyRing = () => {
  const sets = new Map<number, KeySet & { readonly flags: number }>()

  const make = (entry: Buffer, flags: number): KeySet & { flags: number } => {
    const raw = (index: number): Buffer =>
      Buffer.from(entry.subarray(9 + index * RAW_BYTES, 9 + (index + 1) * RAW_BYTES))
    const once = (importKey: () => KeyObject): (() => KeyObject) => {
      let made: KeyObject | null = null
      return () => {
        made ??= importKey()
        return made
      }
    }
    const secret = (curve: Curve, index: number, bit: number): (() => KeyObject) => {
      if ((flags & bit) === 0)
        return () => {
          throw new Error('the private key was not given')
        }
      const key = importPrivate(curve, raw(index))
      return () => key
    }
    const agreementPublicRaw = raw(1)
    const signingRaw = raw(0)
    return {
      flags,
      agreementPublicRaw,
      signingPublic: once(() => importPublic('ed25519', signingRaw)),
      agreementPublic: once(() => importPublic('x25519', agreementPublicRaw)),
      signingPrivate: secret('ed25519', 2, 1),
      agreementPrivate: secret('x25519', 3, 2),
    }
  }

  return {
    /** Take what {@link packKeys} made, and zero it. */
    add(packed: Uint8Array): void {
      const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
      for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
        const entry = bytes.subarray(at, at + ENTRY_BYTES)
        const key = entry.readDoubleBE(0)
        const flags = entry.readUInt8(8)
        const known = sets.get(key)
        if (known === undefined || (known.flags | flags) !== known.flags) sets.set(key, make(entry, flags))
      }
      bytes.fill(0)
    },
    get(key: number): KeySet {
      const set = sets.get(key)
      if (set === undefined) throw new Error('a key was not given')
      return set
    },
  }
}
export type KeyRing = ReturnType<typeof createKeyRing>
