import type { AgentId } from '@contract'
import { describe, expect, it } from 'vitest'
import { allOf, extended, NOTHING, rangeTo, type Selection, toggled } from './selection'

const LIST = ['a', 'b', 'c', 'd', 'e', 'f'] as unknown as readonly AgentId[]
const at = (place: number) => LIST[place] as AgentId

/** Shift and an arrow or a click, as the page does it. */
const shiftTo = (selection: Selection, place: number, cursor: number): Selection => {
  const [low, high] = rangeTo(selection, place, cursor)
  return extended(selection, LIST.slice(low, high + 1), cursor)
}
const chosen = (selection: Selection) => [...selection.ids].sort().join('')

describe('choosing several agents', () => {
  it('puts one in and takes it out', () => {
    const one = toggled(NOTHING, at(2), 2)
    expect(chosen(one)).toBe('c')
    expect(chosen(toggled(one, at(2), 2))).toBe('')
  })

  it('follows the keys: a range grows, shrinks and turns over where it began', () => {
    const grown = shiftTo(shiftTo(NOTHING, 3, 2), 4, 3)
    expect(chosen(grown)).toBe('cde')
    const shrunk = shiftTo(grown, 3, 4)
    expect(chosen(shrunk)).toBe('cd')
    expect(chosen(shiftTo(shrunk, 1, 3))).toBe('bc')
  })

  it('keeps what was chosen before the range', () => {
    const two = toggled(toggled(NOTHING, at(0), 0), at(3), 3)
    expect(chosen(shiftTo(two, 5, 3))).toBe('adef')
    expect(chosen(shiftTo(shiftTo(two, 5, 3), 4, 5))).toBe('ade')
  })

  it('begins a range where the keys are when nothing was chosen, and at the top when they are nowhere', () => {
    expect(rangeTo(NOTHING, 4, 2)).toEqual([2, 4])
    expect(rangeTo(NOTHING, 4, -1)).toEqual([0, 4])
  })

  it('can take one out of all', () => {
    expect(chosen(toggled(allOf(LIST), at(1), 1))).toBe('acdef')
  })
})
