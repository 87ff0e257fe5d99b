// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { useCursor } from './cursor'

afterEach(cleanup)

const setUp = (letters: string) =>
  renderHook(
    ({ rows, openId }: { rows: readonly (string | undefined)[]; openId?: string }) =>
      useCursor<string>({
        pages: {
          rowAt: (place) => rows[place],
          placeOf: (is) => rows.findIndex((row) => row !== undefined && is(row)),
        },
        idOf: (row) => row,
        openId,
      }),
    { initialProps: { rows: [...letters] } as { rows: readonly (string | undefined)[]; openId?: string } },
  )

describe('the cursor of a list', () => {
  it('is nowhere at first and goes where it is told', () => {
    const { result } = setUp('abc')
    expect(result.current.index).toBe(-1)
    act(() => result.current.moveTo(1, 'b'))
    expect(result.current).toMatchObject({ index: 1, key: 'b' })
  })

  it('stays with its row when others come above, and in its place when the row goes', () => {
    const { result, rerender } = setUp('abc')
    act(() => result.current.moveTo(1, 'b'))
    rerender({ rows: [...'xyabc'] })
    expect(result.current.index).toBe(3)
    rerender({ rows: [...'xyac'] })
    expect(result.current.index).toBe(3)
  })

  it('knows a row that comes later by its place', () => {
    const { result, rerender } = setUp('abc')
    act(() => result.current.moveTo(4, null))
    rerender({ rows: [undefined, undefined, undefined, 'd', 'e'] })
    expect(result.current).toMatchObject({ index: 4, key: 'e' })
    rerender({ rows: [undefined, undefined, 'd', 'e', 'f'] })
    expect(result.current.index).toBe(3)
  })

  it('is what is open, and stays there when it is closed', () => {
    const { result, rerender } = setUp('abc')
    rerender({ rows: [...'abc'], openId: 'c' })
    expect(result.current).toMatchObject({ index: 2, key: 'c' })
    rerender({ rows: [...'abc'] })
    expect(result.current.index).toBe(2)
  })

  it('is nowhere while what is open is not among the rows', () => {
    const { result, rerender } = setUp('abc')
    act(() => result.current.moveTo(0, 'a'))
    rerender({ rows: [...'abc'], openId: 'zebra' })
    expect(result.current.index).toBe(-1)
  })
})
