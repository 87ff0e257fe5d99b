/**
 * The Merkle tree of RFC 6962 §2.1 over SHA-256 for one burst: leaves and inner nodes hashed in domains of their own, so
 * that neither can pass for the other. Built layer by layer, a last node without a neighbour moving up as it is, which
 * gives the tree of the RFC.
 */
import { hash } from 'node:crypto'

export const HASH_BYTES = 32
/** Enough for 2^32 leaves. */
export const MAX_PATH = 32

const LEAF = 0
const NODE = 1

const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer')

/** `room` holds the entry behind one free byte at its beginning, which is set here: nothing is copied. */
export const leafHash = (room: Uint8Array): Buffer => {
  room[0] = LEAF
  return sha256(room)
}

const pair = Buffer.alloc(1 + 2 * HASH_BYTES)
pair[0] = NODE
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => {
  pair.set(left, 1)
  pair.set(right, 1 + HASH_BYTES)
  return sha256(pair)
}

export interface Tree {
  readonly root: Buffer
  /** What proves that leaf `index` is in the tree (RFC 6962 §2.1.1), nearest first. */
  path(index: number): Buffer[]
}

/** Of one leaf or more. */
export const treeOf = (leaves: readonly Buffer[]): Tree => {
  const layers: (readonly Buffer[])[] = [leaves]
  for (let layer = leaves; layer.length > 1; ) {
    const above: Buffer[] = []
    for (let index = 0; index < layer.length; index += 2) {
      const left = layer[index]
      const right = layer[index + 1]
      if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right))
    }
    layers.push(above)
    layer = above
  }
  return {
    root: layers.at(-1)?.[0] ?? sha256(Buffer.alloc(0)),
    path(index) {
      const path: Buffer[] = []
      let at = index
      for (const layer of layers) {
        const beside = layer[at ^ 1]
        if (beside !== undefined && layer.length > 1) path.push(beside)
        at >>>= 1
      }
      return path
    },
  }
}

/** The root that a path leads to (RFC 9162 §2.1.3.2); null when it cannot belong to leaf `index` of `size`. */
export const rootFrom = (
  leaf: Buffer,
  place: { readonly index: number; readonly size: number },
  path: readonly Uint8Array[],
): Buffer | null => {
  if (place.index >= place.size) return null
  let at = place.index
  let last = place.size - 1
  let root = leaf
  for (const beside of path) {
    if (last === 0) return null
    if (at % 2 === 1 || at === last) {
      root = nodeHash(beside, root)
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2)
        last = Math.floor(last / 2)
      }
    } else root = nodeHash(root, beside)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? root : null
}
