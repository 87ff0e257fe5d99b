/**
 * Checks in this page, not in the engine, that a record is part of what a checkpoint speaks for: RFC 6962 §2.1.1 for the
 * tree, as RFC 9162 §2.1.3.2 walks it, and RFC 8032 for the signature. An engine that lies is found out here.
 */
import type { AuditCheckpoint, AuditInclusionProof } from '@contract'

type Bytes = Uint8Array<ArrayBuffer>

const fromHex = (hex: string): Bytes => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const toHex = (bytes: Bytes): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const sha256 = async (...parts: readonly Bytes[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob([...parts]).arrayBuffer()))

const LEAF: Bytes = Uint8Array.of(0)
const NODE: Bytes = Uint8Array.of(1)

/** The root that a leaf and its path lead to; null when the path has not the length that the place asks for. */
const rootFrom = async (leaf: Bytes, place: { index: number; size: number }, path: readonly string[]) => {
  // Numbers, not bits: a trail may be longer than 2^31.
  let node = place.index
  let last = place.size - 1
  let hash = leaf
  for (const step of path) {
    if (last === 0) return null
    const sibling = fromHex(step)
    if (node % 2 === 1 || node === last) {
      hash = await sha256(NODE, sibling, hash)
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2)
        last = Math.floor(last / 2)
      }
    } else {
      hash = await sha256(NODE, hash, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : null
}

/** What the key signs: a tag and length-prefixed fields in fixed order. */
const signedText = (checkpoint: AuditCheckpoint): string =>
  [
    checkpoint.number,
    checkpoint.log,
    checkpoint.size,
    checkpoint.root,
    checkpoint.lastHash,
    checkpoint.atMs,
    checkpoint.keyId,
    checkpoint.prev,
  ].reduce<string>((text, value) => {
    const field = value === null ? null : String(value)
    return text + (field === null ? '~' : `${String(new TextEncoder().encode(field).length)}:${field}`)
  }, 'symbi-audit-checkpoint-v1')

const isSigned = async (checkpoint: AuditCheckpoint, publicKey: string): Promise<boolean | null> => {
  try {
    const key = await crypto.subtle.importKey('raw', fromHex(publicKey), 'Ed25519', false, ['verify'])
    const text = new TextEncoder().encode(signedText(checkpoint))
    return await crypto.subtle.verify('Ed25519', key, fromHex(checkpoint.signature), text)
  } catch {
    // Chromium knows Ed25519 since version 137.
    return null
  }
}

export interface ProofChecks {
  /** The leaf is made of the record's hash. */
  readonly leaf: boolean
  /** The path leads from the leaf to the root that the checkpoint names. */
  readonly path: boolean
  /** The key has the name that the checkpoint gives. */
  readonly key: boolean
  /** null: this Chromium cannot check it. */
  readonly signature: boolean | null
}

/** Check every step of a proof. */
export const checkInclusion = async (proof: AuditInclusionProof): Promise<ProofChecks> => {
  const { record, leaf, path, checkpoint, publicKey } = proof
  const ownLeaf = await sha256(LEAF, fromHex(record.hash))
  const root = await rootFrom(ownLeaf, { index: record.seq - 1, size: checkpoint.size }, path)
  const keyHash = toHex(await sha256(new TextEncoder().encode(publicKey)))
  return {
    leaf: toHex(ownLeaf) === leaf,
    path: root !== null && toHex(root) === checkpoint.root && record.seq <= checkpoint.size,
    key: keyHash.startsWith(checkpoint.keyId) && checkpoint.keyId.length === 32,
    signature: await isSigned(checkpoint, publicKey),
  }
}

/** True when nothing failed; what could not be checked counts as not failed. */
export const holds = (checks: ProofChecks): boolean =>
  checks.leaf && checks.path && checks.key && checks.signature !== false
