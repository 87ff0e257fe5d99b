// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { REVEAL_MS, useRevealed } from './use-revealed'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('console_', { invoke: vi.fn(async () => ({ ok: true, value: { value: 'canary' } })) })
})

afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const revealed = async () => {
  const hook = renderHook(() => useRevealed('app/key'))
  await act(async () => void hook.result.current.reveal())
  expect(hook.result.current.value).toBe('canary')
  return hook
}

describe('useRevealed', () => {
  it('hides after thirty seconds, and not before', async () => {
    const { result } = await revealed()
    act(() => void vi.advanceTimersByTime(REVEAL_MS - 1))
    expect(result.current.value).toBe('canary')
    act(() => void vi.advanceTimersByTime(1))
    expect(result.current.value).toBeNull()
  })

  it('hides on request', async () => {
    const { result } = await revealed()
    act(() => result.current.hide())
    expect(result.current.value).toBeNull()
  })

  it('hides when the window loses focus', async () => {
    const { result } = await revealed()
    act(() => void window.dispatchEvent(new Event('blur')))
    expect(result.current.value).toBeNull()
  })

  it('drops an answer that comes after hiding', async () => {
    let answer: (reply: unknown) => void = () => undefined
    vi.stubGlobal('console_', { invoke: () => new Promise((resolve) => (answer = resolve)) })
    const { result } = renderHook(() => useRevealed('app/key'))
    act(() => void result.current.reveal())
    expect(result.current.busy).toBe(true)
    act(() => result.current.hide())
    await act(async () => answer({ ok: true, value: { value: 'canary' } }))
    expect(result.current.value).toBeNull()
    expect(result.current.busy).toBe(false)
  })
})
