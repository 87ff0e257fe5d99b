// @vitest-environment happy-dom
import { QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createQueryClient, useCommand, useRead } from './queries'

const refusal = (code: string, retryable: boolean) => ({
  ok: false,
  error: { code, message: 'no', nextStep: 'later', retryable },
})

const setUp = (invoke: (channel: string, input: unknown) => Promise<unknown>) => {
  vi.stubGlobal('console_', { invoke })
  const queryClient = createQueryClient()
  queryClient.setDefaultOptions({ queries: { ...queryClient.getDefaultOptions().queries, retryDelay: 1 } })
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
  )
  return { queryClient, wrapper }
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('useRead', () => {
  it('tries again what is retryable', async () => {
    const invoke = vi.fn(async () => refusal('SANDBOX_001', true))
    const { wrapper } = setUp(invoke)
    const { result } = renderHook(() => useRead('agents.list', {}), { wrapper })
    await waitFor(() => expect(result.current.error?.code).toBe('SANDBOX_001'))
    expect(invoke).toHaveBeenCalledTimes(3)
  })

  it.each([
    ['AGENT_001', false],
    ['IPC_003', true],
  ])('does not try %s again', async (code, retryable) => {
    const invoke = vi.fn(async () => refusal(code, retryable))
    const { wrapper } = setUp(invoke)
    const { result } = renderHook(() => useRead('agents.list', {}), { wrapper })
    await waitFor(() => expect(result.current.error?.code).toBe(code))
    expect(invoke).toHaveBeenCalledTimes(1)
  })
})

describe('useCommand', () => {
  it('keeps neither input nor answer in the cache', async () => {
    const { queryClient, wrapper } = setUp(async () => ({ ok: true, value: { value: 'canary-answer' } }))
    const { result } = renderHook(() => useCommand('secrets.reveal'), { wrapper })
    const outcome = await act(() => result.current.run({ name: 'canary/name' }))
    expect(outcome).toEqual({ ok: true, value: { value: 'canary-answer' } })
    const cached = JSON.stringify([
      queryClient
        .getQueryCache()
        .getAll()
        .map((query) => [query.queryKey, query.state]),
      queryClient
        .getMutationCache()
        .getAll()
        .map((mutation) => mutation.state),
      result.current,
    ])
    expect(cached).not.toContain('canary')
  })

  it('keeps the error until the next run', async () => {
    const invoke = vi
      .fn<(channel: string, input: unknown) => Promise<unknown>>()
      .mockResolvedValueOnce(refusal('SECRET_004', true))
      .mockResolvedValueOnce({ ok: true, value: {} })
    const { wrapper } = setUp(invoke)
    const { result } = renderHook(() => useCommand('secrets.delete'), { wrapper })
    await act(() => result.current.run({ name: 'a' }))
    expect(result.current.error?.code).toBe('SECRET_004')
    expect(result.current.busy).toBe(false)
    await act(() => result.current.run({ name: 'a' }))
    expect(result.current.error).toBeNull()
  })
})
