import { describe, expect, it } from 'vitest'
import { fitBounds } from './window-bounds'

const screens = [
  { x: 0, y: 0, width: 1920, height: 1080 },
  { x: 1920, y: 0, width: 1280, height: 1024 },
]
const minimum = { width: 900, height: 600 }

describe('fitBounds', () => {
  it('keeps a place that can be seen, on any screen', () => {
    const left = { x: 100, y: 50, width: 1000, height: 700 }
    const right = { x: 2000, y: 10, width: 1000, height: 700 }
    expect([fitBounds(left, screens, minimum), fitBounds(right, screens, minimum)]).toEqual([left, right])
  })

  it.each([
    ['a screen that is gone', { x: 5000, y: 0, width: 1000, height: 700 }],
    ['above the screen, where the title bar cannot be reached', { x: 100, y: -300, width: 1000, height: 700 }],
    ['an edge too narrow to take hold of', { x: -950, y: 0, width: 1000, height: 700 }],
  ])('keeps only the size for %s', (_name, bounds) => {
    expect(fitBounds(bounds, screens, minimum)).toEqual({ width: 1000, height: 700 })
  })

  it('makes it neither smaller than the minimum nor larger than the screen', () => {
    expect(fitBounds({ x: 0, y: 0, width: 10, height: 10 }, screens, minimum)).toEqual({ x: 0, y: 0, ...minimum })
    expect(fitBounds({ x: 0, y: 0, width: 9000, height: 9000 }, screens, minimum)).toEqual(screens[0])
  })
})
