import { describe, expect, it } from 'vitest'
import { dayAfterKey, dayTitle, monthTitle, moveMonth, shortCount, weeksOf } from './month'
import { untilText } from './until'

describe('a month', () => {
  it('has its days in weeks that begin with Monday', () => {
    const weeks = weeksOf({ year: 2026, month: 11 })
    expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01'])
    expect(weeks.at(-1)).toEqual(['2026-11-30', null, null, null, null, null, null])
    expect(weeksOf({ year: 2027, month: 2 })).toHaveLength(4)
  })
  it('follows and precedes others over the year', () => {
    expect(moveMonth({ year: 2026, month: 12 }, 1)).toEqual({ year: 2027, month: 1 })
    expect(moveMonth({ year: 2026, month: 1 }, -1)).toEqual({ year: 2025, month: 12 })
  })
  it('is named in words', () => {
    expect(monthTitle({ year: 2026, month: 10 })).toBe('October 2026')
    expect(dayTitle('2026-10-25')).toBe('Sunday, October 25, 2026')
  })
})

it.each([
  ['2026-10-31', 'ArrowRight', '2026-11-01'],
  ['2026-11-01', 'ArrowLeft', '2026-10-31'],
  ['2026-11-04', 'ArrowUp', '2026-10-28'],
  ['2026-11-04', 'ArrowDown', '2026-11-11'],
  ['2026-11-04', 'Home', '2026-11-02'],
  ['2026-11-04', 'End', '2026-11-08'],
  ['2026-10-31', 'PageDown', '2026-11-30'],
  ['2026-03-31', 'PageUp', '2026-02-28'],
  ['2026-03-31', 'x', null],
])('from %s the key %s leads to %s', (day, key, to) => {
  expect(dayAfterKey(day, key)).toBe(to)
})

it('counts fit into a cell', () => {
  expect([3, 999, 1440, 86_400].map(shortCount)).toEqual(['3', '999', '1.4k', '86k'])
})

it('a coming time is told as far away as it is', () => {
  const at = (ms: number) => untilText(ms, 0)
  expect([-5, 0, 1, 272_000, 3_600_000, 86_399_000, 90_000_000, 400 * 86_400_000].map(at)).toEqual([
    'now',
    'now',
    'in 0:01',
    'in 4:32',
    'in 1 h 0 min',
    'in 23 h 59 min',
    'in 1 d 1 h',
    'in 400 d',
  ])
})
