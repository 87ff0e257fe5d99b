import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  consistencyPath,
  createFrontier,
  emptyRoot,
  inclusionPath,
  leafHash,
  type NodeAt,
  nodeHash,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from './merkle'

const sha = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()

/** The definitions of RFC 6962 §2.1 word for word, over the entries themselves. */
const largestPowerBelow = (n: number): number => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
const mth = (entries: readonly Buffer[]): Buffer => {
  if (entries.length === 0) return sha()
  const [only] = entries
  if (entries.length === 1 && only !== undefined) return sha(Buffer.from([0]), only)
  const k = largestPowerBelow(entries.length)
  return sha(Buffer.from([1]), mth(entries.slice(0, k)), mth(entries.slice(k)))
}
const path = (m: number, entries: readonly Buffer[]): Buffer[] => {
  if (entries.length === 1) return []
  const k = largestPowerBelow(entries.length)
  return m < k
    ? [...path(m, entries.slice(0, k)), mth(entries.slice(k))]
    : [...path(m - k, entries.slice(k)), mth(entries.slice(0, k))]
}
const subproof = (m: number, entries: readonly Buffer[], whole: boolean): Buffer[] => {
  if (m === entries.length) return whole ? [] : [mth(entries)]
  const k = largestPowerBelow(entries.length)
  return m <= k
    ? [...subproof(m, entries.slice(0, k), whole), mth(entries.slice(k))]
    : [...subproof(m - k, entries.slice(k), false), mth(entries.slice(0, k))]
}

const nodesOf =
  (entries: readonly Buffer[]): NodeAt =>
  (level, index) => {
    const slice = entries.slice(index * 2 ** level, (index + 1) * 2 ** level)
    expect(slice).toHaveLength(2 ** level)
    return mth(slice)
  }

/** The eight entries that the test suites of the known Certificate Transparency implementations share. */
const PUBLISHED = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'))
const PUBLISHED_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const entriesOf = (count: number): Buffer[] => Array.from({ length: count }, (_, n) => Buffer.from(`entry ${n}`))
const frontierOf = (entries: readonly Buffer[]) => {
  const frontier = createFrontier()
  for (const entry of entries) frontier.append(leafHash(entry))
  return frontier
}

describe('the Merkle tree of RFC 6962', () => {
  it('has the published hashes of nothing and of the empty leaf', () => {
    expect(emptyRoot().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(leafHash(Buffer.alloc(0)).toString('hex')).toBe(PUBLISHED_ROOTS[0])
    expect(createFrontier().root()).toEqual(emptyRoot())
  })

  it.each(PUBLISHED_ROOTS.map((root, index) => [index + 1, root] as const))(
    'has the published root of %d leaves',
    (size, root) => {
      expect(frontierOf(PUBLISHED.slice(0, size)).root().toString('hex')).toBe(root)
      expect(rootAt(nodesOf(PUBLISHED), size).toString('hex')).toBe(root)
    },
  )

  it('has the published proofs', () => {
    const hex = (buffers: readonly Buffer[]): string[] => buffers.map((buffer) => buffer.toString('hex'))
    expect(hex(inclusionPath(nodesOf(PUBLISHED), 0, 8))).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ])
    expect(hex(consistencyPath(nodesOf(PUBLISHED), 6, 8))).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
  })

  it('grows to the roots of the definition, and tells each complete node once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 140 }), (count) => {
        const entries = entriesOf(count)
        const told = new Map<string, Buffer>()
        const frontier = createFrontier()
        for (const entry of entries)
          frontier.append(leafHash(entry), (level, index, hash) => told.set(`${level}/${index}`, hash))
        expect(frontier.root()).toEqual(mth(entries))
        for (const [name, hash] of told) {
          const [level = 0, index = 0] = name.split('/').map(Number)
          expect(hash).toEqual(nodesOf(entries)(level, index))
        }
        const complete = Array.from({ length: 8 }, (_, level) => Math.floor(count / 2 ** (level + 1)))
        expect(told.size).toBe(complete.reduce((sum, some) => sum + some, 0))
      }),
      { numRuns: 60 },
    )
  })

  it('starts again from any size, and from whole subtrees', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 40 }), (before, after) => {
        const entries = entriesOf(before + after)
        const frontier = createFrontier({ size: before, at: nodesOf(entries) })
        expect(frontier.root()).toEqual(mth(entries.slice(0, before)))
        for (const entry of entries.slice(before)) frontier.append(leafHash(entry))
        expect(frontier.root()).toEqual(mth(entries))
      }),
      { numRuns: 60 },
    )
    const entries = entriesOf(13)
    const frontier = createFrontier()
    frontier.appendSubtree(2, mth(entries.slice(0, 4)))
    frontier.appendSubtree(2, mth(entries.slice(4, 8)))
    for (const entry of entries.slice(8)) frontier.append(leafHash(entry))
    expect([frontier.size(), frontier.root()]).toEqual([13, mth(entries)])
  })
})

const sizeAndIndex = fc
  .integer({ min: 1, max: 130 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }))

describe('inclusion proofs', () => {
  it('are those of the definition and verify', () => {
    fc.assert(
      fc.property(sizeAndIndex, ({ size, index }) => {
        const entries = entriesOf(size)
        const proof = inclusionPath(nodesOf(entries), index, size)
        expect(proof).toEqual(path(index, entries))
        const leaf = leafHash(entries[index] ?? Buffer.alloc(0))
        expect(verifyInclusion({ leaf, index, size }, proof, mth(entries))).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('do not verify for another leaf, place, size, root, or with a changed, missing or added step', () => {
    fc.assert(
      fc.property(sizeAndIndex, fc.nat(), ({ size, index }, pick) => {
        const entries = entriesOf(size)
        const root = mth(entries)
        const proof = inclusionPath(nodesOf(entries), index, size)
        const leaf = leafHash(entries[index] ?? Buffer.alloc(0))
        const verdicts = [
          verifyInclusion({ leaf: leafHash(Buffer.from('forged')), index, size }, proof, root),
          verifyInclusion({ leaf, index: (index + 1) % (size + 1), size }, proof, root),
          verifyInclusion({ leaf, index, size }, proof, leafHash(Buffer.from('root'))),
          verifyInclusion({ leaf, index, size }, [...proof, root], root),
        ]
        if (proof.length > 0) {
          const at = pick % proof.length
          verdicts.push(
            verifyInclusion({ leaf, index, size }, proof.with(at, leaf), root),
            verifyInclusion({ leaf, index, size }, proof.toSpliced(at, 1), root),
          )
        }
        expect(verdicts.every((verdict) => !verdict)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})

describe('consistency proofs', () => {
  const twoSizes = fc
    .integer({ min: 1, max: 130 })
    .chain((to) => fc.record({ to: fc.constant(to), from: fc.integer({ min: 1, max: to }) }))

  it('are those of the definition and verify', () => {
    fc.assert(
      fc.property(twoSizes, ({ from, to }) => {
        const entries = entriesOf(to)
        const proof = consistencyPath(nodesOf(entries), from, to)
        expect(proof).toEqual(from === to ? [] : subproof(from, entries, true))
        const heads = [
          { size: from, root: mth(entries.slice(0, from)) },
          { size: to, root: mth(entries) },
        ] as const
        expect(verifyConsistency(heads[0], heads[1], proof)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('do not verify when the earlier tree was another one, or a step is changed', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(), ({ from, to }, pick) => {
        fc.pre(from < to)
        const entries = entriesOf(to)
        const other = entries.with(pick % from, Buffer.from('rewritten'))
        const proof = consistencyPath(nodesOf(entries), from, to)
        const later = { size: to, root: mth(entries) }
        expect(verifyConsistency({ size: from, root: mth(other.slice(0, from)) }, later, proof)).toBe(false)
        const earlier = { size: from, root: mth(entries.slice(0, from)) }
        const changed = proof.with(pick % proof.length, nodeHash(later.root, later.root))
        expect(verifyConsistency(earlier, later, changed)).toBe(false)
        expect(verifyConsistency(earlier, { ...later, root: mth(other) }, proof)).toBe(false)
        expect(verifyConsistency(earlier, later, proof.slice(1))).toBe(false)
      }),
      { numRuns: 150 },
    )
  })
})
