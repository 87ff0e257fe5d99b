// @vitest-environment happy-dom
import type { Breaker } from '@contract'
import { QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { formatCountdown } from '@/lib/format'
import { createQueryClient } from '@/lib/queries'
import { byUrgency, nextProbeWords } from './breaker-words'
import { ProbeDialog } from './ProbeDialog'

const BREAKER: Breaker = {
  id: 'backend:docker:local',
  kind: 'backend',
  name: 'docker:local',
  state: 'open',
  failures: 5,
  successes: 0,
  windowMs: 60_000,
  threshold: 5,
  openedAtMs: 1_000,
  nextProbeAtMs: 11_000,
  trips: 1,
  lastError: { code: 'SANDBOX_004', message: 'The daemon does not answer.', atMs: 1_000 },
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('when a breaker lets a call through', () => {
  it.each([
    [{}, 6_000, 'in 0:05'],
    [{}, 11_000, 'with the next call'],
    [{ nextProbeAtMs: null }, 0, 'with the next call'],
    [{ state: 'half-open' as const }, 0, 'one call is out'],
    [{ state: 'closed' as const }, 0, 'calls go through'],
  ])('%o at %d reads %s', (change, now, words) => {
    expect(nextProbeWords({ ...BREAKER, ...change }, now, formatCountdown)).toBe(words)
  })
})

it('lists what rests first, then by name', () => {
  const breakers = [
    { ...BREAKER, id: 'b', name: 'b', state: 'closed' as const },
    { ...BREAKER, id: 'a', name: 'a', state: 'closed' as const },
    { ...BREAKER, id: 'z', name: 'z', state: 'half-open' as const },
    BREAKER,
  ]
  expect(byUrgency(breakers).map(({ name }) => name)).toEqual(['docker:local', 'z', 'a', 'b'])
})

describe('letting a call through now', () => {
  const open = () => {
    const invoke = vi.fn(async () => ({ ok: true, value: BREAKER }))
    const onClose = vi.fn()
    vi.stubGlobal('console_', { invoke })
    render(
      <QueryClientProvider client={createQueryClient()}>
        <ProbeDialog breaker={BREAKER} onClose={onClose} />
      </QueryClientProvider>,
    )
    return {
      invoke,
      onClose,
      reason: screen.getByLabelText('Reason'),
      act: screen.getByRole('button', { name: 'Try now' }),
    }
  }

  it('takes a reason and sends it', async () => {
    const { invoke, onClose, reason, act } = open()
    fireEvent.change(reason, { target: { value: '  the daemon is back ' } })
    fireEvent.click(act)
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce())
    expect(invoke).toHaveBeenCalledWith('breakers.probe', { id: BREAKER.id, reason: 'the daemon is back' })
  })

  it('is not sent without one', () => {
    const { invoke, reason, act } = open()
    fireEvent.change(reason, { target: { value: ' a ' } })
    fireEvent.click(act)
    fireEvent.submit(reason)
    expect(invoke).not.toHaveBeenCalled()
  })
})
