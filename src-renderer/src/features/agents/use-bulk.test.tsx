// @vitest-environment happy-dom
import type { AgentId } from '@contract'
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useToasts } from '@/ui/toasts'
import { useBulk } from './use-bulk'

const ids = new Set(['a', 'b', 'c']) as unknown as ReadonlySet<AgentId>
const failure = {
  id: 'c',
  name: 'cyd',
  error: { code: 'AGENT_002', message: 'not now', nextStep: 'wait', retryable: false },
}

/** An engine that answers when it is let. */
const setUp = () => {
  let answer: (reply: unknown) => void = () => undefined
  const invoke = vi.fn((_channel: string, _input: unknown) => new Promise((resolve) => (answer = resolve)))
  vi.stubGlobal('console_', { invoke })
  const onDone = vi.fn()
  const { result, unmount } = renderHook(() => useBulk(onDone))
  return {
    result,
    unmount,
    onDone,
    invoke,
    answer: (value: unknown) => act(async () => answer({ ok: true, value })),
    refuse: (error: unknown) => act(async () => answer({ ok: false, error })),
  }
}
const toasts = () => useToasts.getState().items.map(({ tone, text }) => [tone, text])

beforeEach(() => useToasts.setState({ items: [] }))
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('an act on many agents', () => {
  it('is sent once it is confirmed, with the reason, and said when it is done', async () => {
    const bulk = setUp()
    act(() => bulk.result.current.ask('stop', ids))
    expect(bulk.invoke).not.toHaveBeenCalled()
    act(() => void bulk.result.current.confirm(' not needed any more '))
    expect(bulk.invoke).toHaveBeenCalledWith('agents.bulk', {
      ids: ['a', 'b', 'c'],
      act: 'stop',
      reason: 'not needed any more',
    })
    await bulk.answer({ done: 3, failed: [] })
    expect(bulk.result.current.state.step).toBe('idle')
    expect(bulk.onDone).toHaveBeenCalledOnce()
    expect(toasts()).toEqual([['ok', '3 agents are stopped.']])
  })

  it('tells what failed even when its question was closed meanwhile', async () => {
    const bulk = setUp()
    act(() => bulk.result.current.ask('suspend', ids))
    act(() => void bulk.result.current.confirm(''))
    act(() => bulk.result.current.close())
    await bulk.answer({ done: 2, failed: [failure] })
    expect(bulk.result.current.state).toMatchObject({ step: 'told', act: 'suspend', outcome: { done: 2 } })
  })

  it('tells it in passing when the page was left', async () => {
    const bulk = setUp()
    act(() => bulk.result.current.ask('suspend', ids))
    act(() => void bulk.result.current.confirm(''))
    bulk.unmount()
    await bulk.answer({ done: 2, failed: [failure] })
    expect(toasts()).toEqual([['bad', '2 of 3 agents are suspended, 1 could not be.']])
  })

  it('stays a question when nothing could be done at all', async () => {
    const bulk = setUp()
    act(() => bulk.result.current.ask('run', ids))
    act(() => void bulk.result.current.confirm(''))
    await bulk.refuse({ code: 'POLICY_001', message: 'no', nextStep: 'ask', retryable: false })
    expect(bulk.result.current.state.step).toBe('asking')
    expect(bulk.result.current.error?.code).toBe('POLICY_001')
    expect(bulk.onDone).not.toHaveBeenCalled()
    expect(toasts()).toEqual([])
  })
})
