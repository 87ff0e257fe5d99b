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
  /** What proves that leaf `index` is in the tree (RFC 6962 §2.1.1): hashes, nearest first, one behind the other. */
  path(index: number): Buffer
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
      return Buffer.concat(path)
    },
  }
}

/** Where a leaf stands, and the hashes beside its way to the root. */
export interface Way {
  readonly index: number
  readonly size: number
  readonly path: Buffer
}

/** Nodes of one tree that were proven, by level and place. */
export type Proven = Map<number, Buffer>

const LEVEL = 2 ** 32

/** Each step of a way (RFC 9162 §2.1.3.2): level and place of the node there, and the hash beside it. False when it is none. */
const steps = (way: Way, step: (level: number, at: number, beside: Buffer) => boolean): boolean => {
  const { index, size, path } = way
  if (index >= size || path.length % HASH_BYTES !== 0) return false
  let [at, last, level] = [index, size - 1, 0]
  const up = (): void => {
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
    level += 1
  }
  for (let from = 0; from < path.length; from += HASH_BYTES) {
    // A last node without a neighbour moves up until it has one.
    while (at === last && at % 2 === 0 && at !== 0) up()
    if (last === 0 || !step(level, at, path.subarray(from, from + HASH_BYTES))) return false
    up()
  }
  return last === 0
}

/**
 * Walk from a leaf to the root. With nodes of the same tree that were proven before, nothing is hashed above the first of
 * them; the rest of the way must then be theirs, byte for byte. So a burst is proven with little more than a hash for each
 * message, and every byte of every path still counts.
 *
 * @returns the root, `proven` when the way ends at what is proven, null when it belongs to no such leaf
 */
export const walkUp = (leaf: Buffer, way: Way, proven: Proven | null = null): Buffer | 'proven' | null => {
  let node: Buffer | null = leaf
  const whole = steps(way, (level, at, beside) => {
    const here = proven?.get(level * LEVEL + at)
    if (node !== null && here !== undefined) {
      if (!here.equals(node)) return false
      node = null
    }
    if (node === null) return proven?.get(level * LEVEL + (at ^ 1))?.equals(beside) === true
    node = at % 2 === 1 ? nodeHash(beside, node) : nodeHash(node, beside)
    return true
  })
  return whole ? (node ?? 'proven') : null
}

/** Keep the nodes of a way that was proven, and those beside it. */
export const learn = (leaf: Buffer, way: Way, proven: Proven): void => {
  let node = leaf
  steps(way, (level, at, beside) => {
    proven.set(level * LEVEL + at, node)
    proven.set(level * LEVEL + (at ^ 1), Buffer.from(beside))
    node = at % 2 === 1 ? nodeHash(beside, node) : nodeHash(node, beside)
    return true
  })
}
