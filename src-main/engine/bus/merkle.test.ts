import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { leafHash, rootFrom, treeOf } from './merkle.ts'

const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const leafOf = (entry: Buffer): Buffer => leafHash(Buffer.concat([Buffer.alloc(1), entry]))

/** RFC 6962 §2.1, as it is written there. */
const headOf = (entries: readonly Buffer[]): Buffer => {
  const [first] = entries
  if (entries.length === 1 && first !== undefined) return sha256(Buffer.from([0]), first)
  let split = 1
  while (split * 2 < entries.length) split *= 2
  return sha256(Buffer.from([1]), headOf(entries.slice(0, split)), headOf(entries.slice(split)))
}

const entriesOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`entry ${index}`))

it('is the tree of RFC 6962, for each size', () => {
  for (let size = 1; size <= 70; size += 1) {
    const entries = entriesOf(size)
    expect(treeOf(entries.map(leafOf)).root, `${size}`).toEqual(headOf(entries))
  }
})

it('proves each leaf alone, and no other leaf, place or size by the same path (B5)', () => {
  for (let size = 1; size <= 40; size += 1) {
    const leaves = entriesOf(size).map(leafOf)
    const tree = treeOf(leaves)
    leaves.forEach((leaf, index) => {
      const path = tree.path(index)
      expect(rootFrom(leaf, { index, size }, path)).toEqual(tree.root)
      expect(rootFrom(leafOf(Buffer.from('other')), { index, size }, path)).not.toEqual(tree.root)
      expect(rootFrom(leaf, { index: index + size, size }, path)).toBeNull()
      if (size > 1) expect(rootFrom(leaf, { index: (index + 1) % size, size }, path)).not.toEqual(tree.root)
      expect(rootFrom(leaf, { index, size }, [...path, leaf])).toBeNull()
    })
  }
})

it('shows any change of a path (B5)', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 64 }),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (size, a, b, change) => {
        const leaves = entriesOf(size).map(leafOf)
        const tree = treeOf(leaves)
        const index = a % size
        const leaf = leaves[index]
        const path = tree.path(index).map((hash) => Buffer.from(hash))
        const hash = path[b % path.length]
        if (leaf === undefined || hash === undefined) throw new Error('no leaf')
        hash.writeUInt8(hash.readUInt8(b % 32) ^ change, b % 32)
        expect(rootFrom(leaf, { index, size }, path)).not.toEqual(tree.root)
        expect(rootFrom(leaf, { index, size }, tree.path(index))).toEqual(tree.root)
      },
    ),
  )
})
