import { describe, expect, it } from 'vitest'
import { holds, note, type Promised, type Said } from './ledger'

const ledgerOf = (...lines: readonly Said[]): Record<string, Promised> => {
  const ledger: Record<string, Promised> = {}
  for (const line of lines) note(ledger, line)
  return ledger
}
const tried = (value: string | null): Said => ({ said: 'try', key: 'k', value })
const kept = (value: string | null): Said => ({ said: 'kept', key: 'k', value })
const rightAnswers = (...lines: readonly Said[]) => {
  const promised = ledgerOf(...lines)['k'] ?? { kept: undefined, tried: [] }
  return ['a', 'b', 'c', null].filter((value) => holds(promised, value))
}

describe('what a killed process had promised', () => {
  it('is there, and nothing else in its place', () => {
    expect(rightAnswers(kept('a'))).toEqual(['a'])
    expect(rightAnswers(kept('a'), kept('b'))).toEqual(['b'])
    expect(rightAnswers(kept('a'), tried(null), kept(null))).toEqual([null])
  })

  it('may be what was being done when it was killed', () => {
    expect(rightAnswers(tried('a'))).toEqual(['a', null])
    expect(rightAnswers(kept('a'), tried('b'))).toEqual(['a', 'b'])
    expect(rightAnswers(kept('a'), tried('b'), tried('c'))).toEqual(['a', 'b', 'c'])
  })

  it('is what was found, once somebody has looked', () => {
    const checked: Said = { said: 'checked', checked: 1, faults: [], settled: { k: 'b' } }
    expect(rightAnswers(kept('a'), tried('b'), checked)).toEqual(['b'])
  })
})
