/**
 * The Merkle tree of RFC 6962 §2.1 over SHA-256: leaves and inner nodes hashed in domains of their own, so that neither
 * can be passed off as the other. Sizes up to 2^53.
 */
import { hash } from 'node:crypto'

const HASH_BYTES = 32
/** Filled and hashed at once each time: most of what a walk does is here. */
const node = Buffer.alloc(1 + 2 * HASH_BYTES)
node[0] = 1

const sha256 = (bytes: Buffer): Buffer => hash('sha256', bytes, 'buffer')

/** §2.1: the hash of an empty list. */
export const emptyRoot = (): Buffer => sha256(Buffer.alloc(0))

export const leafHash = (entry: Buffer): Buffer => {
  const leaf = Buffer.allocUnsafe(1 + entry.length)
  leaf[0] = 0
  entry.copy(leaf, 1)
  return sha256(leaf)
}

/** Of two hashes of 32 bytes. What has another length was no hash, and gives one that no tree has. */
export const nodeHash = (left: Buffer, right: Buffer): Buffer => {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) return emptyRoot()
  left.copy(node, 1)
  right.copy(node, 1 + HASH_BYTES)
  return sha256(node)
}

/** The largest power of two smaller than `size`, which is at least 2. */
const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1))

/** Hash of the complete subtree that covers leaves `index * 2^level` to `(index + 1) * 2^level - 1`. */
export type NodeAt = (level: number, index: number) => Buffer

/** Hash over leaves `start` to `end - 1`, as a part of the tree. */
const rangeHash = (at: NodeAt, start: number, end: number): Buffer => {
  const size = end - start
  const level = Math.log2(size)
  if (Number.isInteger(level) && start % size === 0) return at(level, start / size)
  const split = splitOf(size)
  return nodeHash(rangeHash(at, start, start + split), rangeHash(at, start + split, end))
}

/** The tree head of the first `size` leaves. */
export const rootAt = (at: NodeAt, size: number): Buffer => (size === 0 ? emptyRoot() : rangeHash(at, 0, size))

/** §2.1.1: what proves that leaf `index` (from 0) is in the tree of `size` leaves. */
export const inclusionPath = (at: NodeAt, index: number, size: number): Buffer[] => {
  const within = (start: number, end: number): Buffer[] => {
    if (end - start === 1) return []
    const middle = start + splitOf(end - start)
    return index < middle
      ? [...within(start, middle), rangeHash(at, middle, end)]
      : [...within(middle, end), rangeHash(at, start, middle)]
  }
  return within(0, size)
}

/** §2.1.2: what proves that the tree of `size` leaves begins with that of `from` leaves, which is at least 1. */
export const consistencyPath = (at: NodeAt, from: number, size: number): Buffer[] => {
  const within = (start: number, end: number, whole: boolean): Buffer[] => {
    if (end === from) return whole ? [] : [rangeHash(at, start, end)]
    const middle = start + splitOf(end - start)
    return from <= middle
      ? [...within(start, middle, whole), rangeHash(at, middle, end)]
      : [...within(middle, end, false), rangeHash(at, start, middle)]
  }
  return from === size ? [] : within(0, size, true)
}

const half = (value: number): number => Math.floor(value / 2)

/** RFC 9162 §2.1.3.2. */
export const verifyInclusion = (
  claim: { readonly leaf: Buffer; readonly index: number; readonly size: number },
  path: readonly Buffer[],
  root: Buffer,
): boolean => {
  if (claim.index >= claim.size) return false
  let first = claim.index
  let second = claim.size - 1
  let result = claim.leaf
  for (const sibling of path) {
    if (second === 0) return false
    if (first % 2 === 1 || first === second) {
      result = nodeHash(sibling, result)
      while (first % 2 === 0 && first !== 0) {
        first = half(first)
        second = half(second)
      }
    } else result = nodeHash(result, sibling)
    first = half(first)
    second = half(second)
  }
  return second === 0 && result.equals(root)
}

/** A tree head and its size. */
export interface Head {
  readonly size: number
  readonly root: Buffer
}

/** RFC 9162 §2.1.4.2. */
export const verifyConsistency = (from: Head, to: Head, path: readonly Buffer[]): boolean => {
  if (from.size === to.size) return path.length === 0 && from.root.equals(to.root)
  if (from.size < 1 || from.size > to.size) return false
  const complete = Number.isInteger(Math.log2(from.size))
  const [start, ...rest] = complete ? [from.root, ...path] : path
  if (start === undefined) return false
  let first = from.size - 1
  let second = to.size - 1
  while (first % 2 === 1) {
    first = half(first)
    second = half(second)
  }
  let earlier = start
  let later = start
  for (const sibling of rest) {
    if (second === 0) return false
    if (first % 2 === 1 || first === second) {
      earlier = nodeHash(sibling, earlier)
      later = nodeHash(sibling, later)
      while (first % 2 === 0 && first !== 0) {
        first = half(first)
        second = half(second)
      }
    } else later = nodeHash(later, sibling)
    first = half(first)
    second = half(second)
  }
  return second === 0 && earlier.equals(from.root) && later.equals(to.root)
}

/** The right edge of a growing tree: the roots of its complete subtrees, largest first. Memory is O(log n). */
export interface Frontier {
  readonly size: () => number
  readonly root: () => Buffer
  /** Add a leaf; each inner node that becomes complete is told. */
  append(leaf: Buffer, completed?: (level: number, index: number, hash: Buffer) => void): void
  /** Add a whole subtree of 2^level leaves; the size must be a multiple of that. */
  appendSubtree(level: number, hash: Buffer): void
}

/** A frontier of `size` leaves, whose subtrees come from `at`; an empty one by default. */
export const createFrontier = (start?: { readonly size: number; readonly at: NodeAt }): Frontier => {
  let size = 0
  const edge: { readonly level: number; readonly hash: Buffer }[] = []

  const push = (
    level: number,
    hash: Buffer,
    completed?: (level: number, index: number, hash: Buffer) => void,
  ): void => {
    size += 2 ** level
    let top = { level, hash }
    for (;;) {
      const left = edge.at(-1)
      if (left === undefined || left.level !== top.level) break
      edge.pop()
      top = { level: top.level + 1, hash: nodeHash(left.hash, top.hash) }
      completed?.(top.level, size / 2 ** top.level - 1, top.hash)
    }
    edge.push(top)
  }

  let rest = start?.size ?? 0
  for (let level = 52; start !== undefined && level >= 0; level -= 1) {
    const leaves = 2 ** level
    if (rest < leaves) continue
    push(level, start.at(level, size / leaves))
    rest -= leaves
  }

  return {
    size: () => size,
    root: () =>
      edge.length === 0
        ? emptyRoot()
        : edge.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right)),
    append: (leaf, completed) => push(0, leaf, completed),
    appendSubtree: (level, hash) => push(level, hash),
  }
}
