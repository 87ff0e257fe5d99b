import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines } from './line-diff'

describe('diffLines', () => {
  it('pairs what changed and marks the part that differs', () => {
    const rows = diffLines('{\n  "a": 1,\n  "b": "old text"\n}', '{\n  "a": 1,\n  "b": "new text"\n}')
    expect(rows.map((row) => row.kind)).toEqual(['same', 'same', 'changed', 'same'])
    const changed = rows[2]
    expect(changed?.left?.text.slice(...(changed.left.changed ?? [0, 0]))).toBe('old')
    expect(changed?.right?.text.slice(...(changed.right.changed ?? [0, 0]))).toBe('new')
  })

  it('shows added and removed lines against nothing', () => {
    expect(diffLines('a\nb', 'a\nx\nb').map((row) => [row.kind, row.left?.line, row.right?.line])).toEqual([
      ['same', 1, 1],
      ['added', undefined, 2],
      ['same', 2, 3],
    ])
    expect(diffLines('a\nx\nb', 'a\nb').map((row) => row.kind)).toEqual(['same', 'removed', 'same'])
  })

  it('holds both texts whole, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, text, (left, right) => {
        const rows = diffLines(left, right)
        expect(rows.flatMap((row) => (row.left === null ? [] : [row.left.text])).join('\n')).toBe(left)
        expect(rows.flatMap((row) => (row.right === null ? [] : [row.right.text])).join('\n')).toBe(right)
        expect(rows.every((row) => row.kind === 'same') || left !== right).toBe(true)
      }),
    )
  })
})
