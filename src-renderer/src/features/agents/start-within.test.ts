import { describe, expect, it } from 'vitest'
import { startWithinOf } from './start-within'

describe('start within', () => {
  it('takes seconds, with fractions, up to a day', () => {
    expect(startWithinOf(' 1.5 ')).toEqual({ ok: true, ms: 1500 })
    expect(startWithinOf('86400')).toEqual({ ok: true, ms: 86_400_000 })
  })

  it('is no limit when nothing is typed', () => {
    expect(startWithinOf('  ')).toEqual({ ok: true, ms: null })
  })

  it.each(['0', '-3', 'soon', '86401', '0.0001'])('refuses %s', (typed) => {
    expect(startWithinOf(typed).ok).toBe(false)
  })
})
