import { describe, expect, it } from 'vitest'
import { movedBy } from './priority-step'

describe('how urgent a run is', () => {
  it('goes one step up or down', () => {
    expect(movedBy('normal', 1)).toBe('high')
    expect(movedBy('normal', -1)).toBe('low')
  })

  it('stays at the ends', () => {
    expect(movedBy('critical', 1)).toBe('critical')
    expect(movedBy('low', -1)).toBe('low')
  })
})
