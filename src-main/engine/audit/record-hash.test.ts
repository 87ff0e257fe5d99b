import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GENESIS_HASH, type HashedFields, recordHash } from './record-hash'

const base: HashedFields = {
  seq: 1,
  atMs: 2,
  correlationId: 'c',
  actorKind: 'cli',
  actorId: 'ada',
  action: 'a.b',
  resource: 'r',
  outcome: 'success',
  code: null,
  reason: '',
  detailsText: '{}',
  prevHash: GENESIS_HASH,
}

describe('recordHash', () => {
  it('stays what it was: stored chains must verify for ever', () => {
    expect(GENESIS_HASH).toBe('288e0ee4e2c3766c4329fe6de97a905fab71e33fd4ba2664a6c05dce4f442fe7')
    expect(recordHash(base)).toBe('a58541d24d705a084fcaeaad99275b0783a2109148132b6d60bf38e948549836')
  })

  it.each<[Partial<HashedFields>, Partial<HashedFields>]>([
    [
      { action: 'ab', resource: 'c' },
      { action: 'a', resource: 'bc' },
    ],
    [
      { action: 'a1:b', resource: '' },
      { action: 'a', resource: 'b' },
    ],
    [
      { action: '', resource: '1:x' },
      { action: '3:1:x', resource: '' },
    ],
    [
      { code: null, reason: 'x' },
      { code: '~', reason: 'x' },
    ],
    [{ code: null }, { code: '' }],
    [
      { seq: 1, atMs: 12 },
      { seq: 11, atMs: 2 },
    ],
    [{ reason: 'é' }, { reason: 'e\u0301' }],
  ])('A3: tells %j from %j', (one, other) => {
    expect(recordHash({ ...base, ...one })).not.toBe(recordHash({ ...base, ...other }))
  })

  it('A3: no content imitates a field border', () => {
    const text = fc
      .array(fc.constantFrom('~', ':', '0', '1', '2', '3', 'a'), { maxLength: 5 })
      .map((parts) => parts.join(''))
    const fields = fc.record({
      correlationId: text,
      actorId: text,
      action: text,
      resource: text,
      code: fc.option(text),
      reason: text,
      detailsText: text,
    })
    fc.assert(
      fc.property(fields, fields, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other)
        expect(recordHash({ ...base, ...one }) === recordHash({ ...base, ...other })).toBe(same)
      }),
      { numRuns: 2000 },
    )
  })
})
