import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HASH_BYTES, leafHash, learn, type Proven, treeOf, walkUp } from './merkle.ts'

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
      expect(walkUp(leaf, { index, size, path })).toEqual(tree.root)
      expect(walkUp(leafOf(Buffer.from('other')), { index, size, path })).not.toEqual(tree.root)
      expect(walkUp(leaf, { index: index + size, size, path })).toBeNull()
      if (size > 1) expect(walkUp(leaf, { index: (index + 1) % size, size, path })).not.toEqual(tree.root)
      expect(walkUp(leaf, { index, size, path: Buffer.concat([path, leaf]) })).toBeNull()
      if (size > 1) expect(walkUp(leaf, { index, size, path: path.subarray(1) })).toBeNull()
    })
  }
})

it('says the same of every way with what was proven before, and shows any change of it (B5)', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 64 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 10 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (size, before, place, change) => {
        const leaves = entriesOf(size).map(leafOf)
        const tree = treeOf(leaves)
        const wayOf = (index: number) => ({ index, size, path: tree.path(index) })
        const leafAt = (index: number): Buffer => leaves[index] ?? Buffer.alloc(0)
        const proven: Proven = new Map()
        for (const index of before.map((n) => n % size)) learn(leafAt(index), wayOf(index), proven)
        const index = place % size
        const leaf = leafAt(index)
        const way = wayOf(index)
        expect([tree.root, 'proven']).toContainEqual(walkUp(leaf, way, proven))
        const path = Buffer.from(way.path)
        path.writeUInt8(path.readUInt8(place % path.length) ^ change, place % path.length)
        for (const known of [proven, null]) {
          const changed = walkUp(leaf, { ...way, path }, known)
          expect(changed === 'proven' || changed?.equals(tree.root) === true).toBe(false)
          const other = Buffer.from(leaf)
          other.writeUInt8(other.readUInt8(place % HASH_BYTES) ^ change, place % HASH_BYTES)
          const forged = walkUp(other, way, known)
          expect(forged === 'proven' || forged?.equals(tree.root) === true).toBe(false)
        }
      },
    ),
  )
})
