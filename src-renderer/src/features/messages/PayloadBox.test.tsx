// @vitest-environment happy-dom
import type { MessageHeader } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listenForKeys } from '@/lib/use-shortcuts'
import { PayloadBox } from './PayloadBox'
import { PAYLOAD_MS } from './use-payload'

const ID = '0190a1b2-7c3a-7000-8000-000000000001'
const HEADER = {
  id: ID,
  sender: { id: 'a', name: 'Ada', kind: 'agent' },
  recipient: { id: 'b', name: 'Bob', kind: 'agent' },
  payloadBytes: 1536,
  sealedBytes: 1564,
} as unknown as MessageHeader

const setUp = (reply: unknown = { ok: true, value: { text: '{"note":"canary \u202Edoof"}', json: true } }) => {
  const invoke = vi.fn(async (_channel: string, _input: unknown) => reply)
  vi.stubGlobal('console_', { invoke })
  return { invoke, ...render(<PayloadBox header={HEADER} />) }
}

const reveal = async (reason: string) => {
  fireEvent.click(screen.getByRole('button', { name: 'Reveal' }))
  fireEvent.change(screen.getByLabelText('Reason'), { target: { value: reason } })
  const form = screen.getByLabelText('Reason').closest('form')
  if (form === null) throw new Error('there is no form')
  await act(async () => void fireEvent.submit(form))
}

const isOpen = () => document.body.innerHTML.includes('canary')

let stop: () => void = () => undefined
beforeEach(() => {
  vi.useFakeTimers()
  stop = listenForKeys()
})
afterEach(() => {
  stop()
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the sealed payload', () => {
  it('says its size and asks nothing until a person does', () => {
    const { invoke } = setUp()
    expect(screen.getByRole('region', { name: 'Payload' }).textContent).toContain('1.5 KiB')
    expect(invoke).not.toHaveBeenCalled()
  })

  it('opens for a reason, with every hidden character named', async () => {
    const { invoke } = setUp()
    await reveal('  The order failed.  ')
    expect(invoke).toHaveBeenCalledExactlyOnceWith('messages.reveal', { id: ID, reason: 'The order failed.' })
    expect(isOpen()).toBe(true)
    expect(screen.getByRole('region', { name: 'Opened payload' }).textContent).toContain('⟨U+202E⟩')
    expect(screen.getByText(/1 hidden character/)).toBeDefined()
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('asks nothing without a reason', async () => {
    const { invoke } = setUp()
    await reveal(' a ')
    expect(invoke).not.toHaveBeenCalled()
    expect(screen.getByText('Say why in at least three characters.')).toBeDefined()
  })

  it('says a refusal where it was asked, and stays sealed', async () => {
    setUp({
      ok: false,
      error: { code: 'POLICY_001', message: 'The policy denies this.', nextStep: 'Ask for a rule.', retryable: false },
    })
    await reveal('The order failed.')
    expect(screen.getByRole('alert').textContent).toContain('POLICY_001')
    expect(screen.getByRole('dialog')).toBeDefined()
  })

  it('is sealed again after a minute, and not before', async () => {
    setUp()
    await reveal('The order failed.')
    act(() => void vi.advanceTimersByTime(PAYLOAD_MS - 1))
    expect(isOpen()).toBe(true)
    act(() => void vi.advanceTimersByTime(1))
    expect(isOpen()).toBe(false)
  })

  it.each([
    ['Hide', () => fireEvent.click(screen.getByRole('button', { name: 'Hide' }))],
    ['H', () => fireEvent.keyDown(window, { key: 'h' })],
    ['the window losing its focus', () => window.dispatchEvent(new Event('blur'))],
  ])('is sealed again by %s', async (_name, act_) => {
    setUp()
    await reveal('The order failed.')
    act(() => void act_())
    expect(isOpen()).toBe(false)
    expect(screen.getByRole('region', { name: 'Payload' }).dataset['revealed']).toBe('false')
  })

  it('leaves nothing in the page when another message is chosen', async () => {
    const { rerender } = setUp()
    await reveal('The order failed.')
    rerender(<PayloadBox key="other" header={{ ...HEADER, id: 'other' as MessageHeader['id'] }} />)
    expect(isOpen()).toBe(false)
  })

  it('is not shown when it arrives after the question was closed', async () => {
    let answer: (reply: unknown) => void = () => undefined
    setUp(new Promise((resolve) => (answer = resolve)))
    await reveal('The order failed.')
    fireEvent.click(screen.getByRole('button', { name: 'Keep it sealed' }))
    await act(async () => answer({ ok: true, value: { text: 'canary', json: false } }))
    expect(isOpen()).toBe(false)
  })

  it('shows a long text in part first', async () => {
    setUp({ ok: true, value: { text: `${'x'.repeat(70_000)}canary`, json: false } })
    await reveal('The order failed.')
    expect(isOpen()).toBe(false)
    fireEvent.click(screen.getByRole('button', { name: 'Show all' }))
    expect(isOpen()).toBe(true)
  })
})
