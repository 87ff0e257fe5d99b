import type { AuditCheckpoint, AuditInclusionProof, AuditRecord } from '@contract'
import { describe, expect, it } from 'vitest'
import { checkInclusion, holds } from './inclusion-proof'

type Bytes = Uint8Array<ArrayBuffer>

const hex = (bytes: Bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const bytesOf = (text: string): Bytes => new TextEncoder().encode(text)
const join = (parts: readonly Bytes[]): Bytes => Uint8Array.from(parts.flatMap((part) => [...part]))
const sha = async (...parts: readonly Bytes[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', join(parts)))
const nodeOf = (left: Bytes, right: Bytes) => sha(Uint8Array.of(1), left, right)

/** RFC 6962 §2.1 and §2.1.1, written from the definition. */
const split = (size: number) => 2 ** Math.floor(Math.log2(size - 1))
const rootOf = async (leaves: readonly Bytes[]): Promise<Bytes> => {
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return only
  const at = split(leaves.length)
  return nodeOf(await rootOf(leaves.slice(0, at)), await rootOf(leaves.slice(at)))
}
const pathOf = async (index: number, leaves: readonly Bytes[]): Promise<Bytes[]> => {
  if (leaves.length === 1) return []
  const at = split(leaves.length)
  return index < at
    ? [...(await pathOf(index, leaves.slice(0, at))), await rootOf(leaves.slice(at))]
    : [...(await pathOf(index - at, leaves.slice(at))), await rootOf(leaves.slice(0, at))]
}

const key = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
const rawKey = hex(new Uint8Array(await crypto.subtle.exportKey('raw', key.publicKey)))

const field = (value: string | number | null) =>
  value === null ? '~' : `${String(bytesOf(String(value)).length)}:${String(value)}`

const proofOf = async (seq: number, size: number): Promise<AuditInclusionProof> => {
  const hashes = await Promise.all(Array.from({ length: size }, (_, index) => sha(bytesOf(`record ${String(index)}`))))
  const leaves = await Promise.all(hashes.map((hash) => sha(Uint8Array.of(0), hash)))
  const at = <T>(list: readonly T[]): T => {
    const found = list[seq - 1]
    if (found === undefined) throw new Error('there is no such record')
    return found
  }
  const [number, log, atMs, prev] = [1, 'lög', 5, null]
  const root = hex(await rootOf(leaves))
  const lastHash = hex(at(hashes))
  const keyId = hex(await sha(bytesOf(rawKey))).slice(0, 32)
  const text = `symbi-audit-checkpoint-v1${[number, log, size, root, lastHash, atMs, keyId, prev].map(field).join('')}`
  const signature = hex(new Uint8Array(await crypto.subtle.sign('Ed25519', key.privateKey, bytesOf(text))))
  const checkpoint: AuditCheckpoint = { number, log, size, root, lastHash, atMs, keyId, prev, signature }
  return {
    kind: 'inclusion',
    record: { seq, hash: hex(at(hashes)) } as AuditRecord,
    leaf: hex(at(leaves)),
    path: (await pathOf(seq - 1, leaves)).map(hex),
    checkpoint,
    publicKey: rawKey,
  }
}

describe('checkInclusion', () => {
  it('accepts every record of trees of every small size', async () => {
    for (let size = 1; size <= 20; size += 1)
      for (let seq = 1; seq <= size; seq += 1)
        expect(await checkInclusion(await proofOf(seq, size)), `${String(seq)} of ${String(size)}`).toEqual({
          leaf: true,
          path: true,
          key: true,
          signature: true,
        })
  })

  it('refuses another record, another place, and a path that was changed, cut or lengthened', async () => {
    const proof = await proofOf(5, 11)
    const other = await proofOf(6, 11)
    const bad: readonly AuditInclusionProof[] = [
      { ...proof, record: other.record },
      { ...proof, record: { ...proof.record, seq: 6 } },
      { ...proof, path: proof.path.slice(1) },
      { ...proof, path: [...proof.path, proof.leaf] },
      { ...proof, path: [proof.leaf, ...proof.path.slice(1)] },
      { ...proof, checkpoint: { ...proof.checkpoint, root: proof.leaf } },
    ]
    for (const candidate of bad) expect(holds(await checkInclusion(candidate))).toBe(false)
    expect(holds(await checkInclusion(proof))).toBe(true)
  })

  it('refuses a checkpoint that the key did not sign, and a key of another name', async () => {
    const proof = await proofOf(2, 3)
    const later = { ...proof, checkpoint: { ...proof.checkpoint, atMs: 6 } }
    expect((await checkInclusion(later)).signature).toBe(false)
    const renamed = { ...proof, checkpoint: { ...proof.checkpoint, keyId: 'f'.repeat(32) } }
    expect((await checkInclusion(renamed)).key).toBe(false)
  })
})
