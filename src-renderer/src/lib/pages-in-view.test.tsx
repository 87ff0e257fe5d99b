// @vitest-environment happy-dom
import { QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { pagesFor, usePagesInView } from './pages-in-view'
import { createQueryClient } from './queries'

describe('the pages of what is in view', () => {
  it('are the first one of a list that is not known yet', () => {
    expect(pagesFor({ first: 0, last: 0 }, 0, 100)).toEqual([0])
  })

  it('hold the rows in view and those just beyond', () => {
    expect(pagesFor({ first: 0, last: 30 }, 5000, 100)).toEqual([0])
    expect(pagesFor({ first: 40, last: 75 }, 5000, 100)).toEqual([0, 1])
    expect(pagesFor({ first: 2150, last: 2180 }, 5000, 100)).toEqual([21, 22])
    expect(pagesFor({ first: 4970, last: 4999 }, 5000, 100)).toEqual([49])
  })

  it('stay inside a list that became shorter meanwhile', () => {
    expect(pagesFor({ first: 4970, last: 4999 }, 120, 100)).toEqual([1])
    expect(pagesFor({ first: 4970, last: 4999 }, 100, 100)).toEqual([0])
  })

  it('never are more than a screen can need, and never miss a row of it', () => {
    for (let first = 0; first < 5000; first += 37) {
      const pages = pagesFor({ first, last: first + 60 }, 5000, 100)
      expect(pages.length).toBeLessThanOrEqual(3)
      expect(pages[0]).toBeLessThanOrEqual(Math.floor(first / 100))
      expect(pages.at(-1)).toBeGreaterThanOrEqual(Math.floor(Math.min(4999, first + 60) / 100))
    }
  })
})

afterEach(cleanup)

/** A list of 1 000 numbers, each times what the question says; reads answer when they are let. */
const setUp = () => {
  const queryClient = createQueryClient()
  let held = false
  const waiting: (() => void)[] = []
  const read = vi.fn(async ({ question, offset, limit }: { question: string; offset: number; limit: number }) => {
    if (held) await new Promise<void>((resolve) => waiting.push(resolve))
    const times = Number(question)
    return { items: Array.from({ length: limit }, (_, n) => (offset + n) * times), total: 1000 }
  })
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
  )
  const { result, rerender } = renderHook(
    ({ question }: { question: string }) =>
      usePagesInView({ channel: 'test.page', question, size: 100, read, countOf: ({ total }) => total }),
    { wrapper, initialProps: { question: '1' } },
  )
  return {
    queryClient,
    read,
    result,
    ask: (question: string) => rerender({ question }),
    hold: () => {
      held = true
    },
    letGo: () => {
      held = false
      for (const go of waiting.splice(0)) go()
    },
  }
}

describe('a list of which the pages in view are read', () => {
  it('reads what comes into view, and no more', async () => {
    const { result, read } = setUp()
    await waitFor(() => expect(result.current.rowAt(99)).toBe(99))
    expect(result.current.rowAt(100)).toBeUndefined()
    act(() => result.current.onRange(450, 480))
    await waitFor(() => expect(result.current.rowAt(480)).toBe(480))
    expect(read.mock.calls.map(([{ offset }]) => offset)).toEqual([0, 400, 500])
    expect(result.current.placeOf((row) => row === 512)).toBe(512)
    expect(result.current.placeOf((row) => row === 12)).toBe(-1)
  })

  it('holds the places of rows that are on their way, and keeps the counts', async () => {
    const { result, hold, letGo } = setUp()
    await waitFor(() => expect(result.current.view).not.toBeNull())
    hold()
    act(() => result.current.onRange(800, 830))
    expect(result.current.rowAt(810)).toBeUndefined()
    expect(result.current.view?.newest.total).toBe(1000)
    expect(result.current.outdated).toBe(false)
    letGo()
    await waitFor(() => expect(result.current.rowAt(810)).toBe(810))
  })

  it('keeps the rows of the last question until the next are there', async () => {
    const { result, ask, hold, letGo } = setUp()
    await waitFor(() => expect(result.current.rowAt(7)).toBe(7))
    hold()
    ask('2')
    expect(result.current.rowAt(7)).toBe(7)
    expect(result.current.outdated).toBe(true)
    letGo()
    await waitFor(() => expect(result.current.rowAt(7)).toBe(14))
    expect(result.current.outdated).toBe(false)
  })

  it('reads again only what is in view when a topic makes it old', async () => {
    const { result, read, queryClient } = setUp()
    await waitFor(() => expect(result.current.rowAt(7)).toBe(7))
    act(() => result.current.onRange(500, 530))
    await waitFor(() => expect(result.current.rowAt(510)).toBe(510))
    read.mockClear()
    await act(() => queryClient.invalidateQueries({ queryKey: ['test.page'] }))
    expect(read.mock.calls.map(([{ offset }]) => offset)).toEqual([400, 500])
  })
})
