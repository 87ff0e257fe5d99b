// @vitest-environment happy-dom
import type { Bridge } from '@contract'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { call } from './client'

const withBridge = (invoke: (channel: string, input: unknown) => Promise<unknown>) =>
  vi.stubGlobal('console_', { invoke } as unknown as Bridge)

afterEach(() => vi.unstubAllGlobals())

describe('call', () => {
  it('answers with the value', async () => {
    const invoke = vi.fn(async () => ({ ok: true, value: { theme: 'dark' } }))
    withBridge(invoke)
    await expect(call('settings.get', {})).resolves.toEqual({ theme: 'dark' })
    expect(invoke).toHaveBeenCalledWith('settings.get', {})
  })

  it('throws what the engine answered as an error', async () => {
    withBridge(async () => ({
      ok: false,
      error: { code: 'POLICY_001', message: 'denied', nextStep: 'ask', retryable: false, details: { rule: 'r1' } },
    }))
    await expect(call('settings.get', {})).rejects.toMatchObject({
      name: 'AppError',
      code: 'POLICY_001',
      nextStep: 'ask',
      details: { rule: 'r1' },
    })
  })

  it('says so when there is no console around the page', async () => {
    await expect(call('settings.get', {})).rejects.toMatchObject({ code: 'IPC_002' })
  })
})
