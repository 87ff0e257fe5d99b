// @vitest-environment happy-dom
import type { ApprovalDetail } from '@contract'
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listenForKeys } from '@/lib/use-shortcuts'
import { DecisionBar } from './DecisionBar'

const NOW = Date.now()

const APPROVAL = {
  id: '0190a1b2-7c3a-7000-8000-000000000001',
  status: 'pending',
  who: { kind: 'agent', id: 'a', name: 'Mail bot', executionId: 'r', tier: 'tier1' },
  action: 'tool.call',
  resourceType: 'Tool',
  resource: 'files.write_file',
  operation: 'Execute',
  consequence: 'change',
  digest: 'a'.repeat(64),
  deadlineMs: NOW + 60_000,
  scopes: ['once', 'run', 'arguments', 'minutes'],
} as unknown as ApprovalDetail

const setUp = (change: Partial<ApprovalDetail> = {}, equals = 1) => {
  const approval = { ...APPROVAL, ...change }
  const invoke = vi.fn(async (_channel: string, _input: unknown) => ({ ok: true, value: approval }))
  const onDecided = vi.fn()
  vi.stubGlobal('console_', { invoke })
  render(
    <DecisionBar
      approval={approval}
      equals={Array.from({ length: equals }, (_, index) => ({
        ...approval,
        id: (index === 0 ? approval.id : `other-${String(index)}`) as ApprovalDetail['id'],
      }))}
      aheadMs={0}
      onDecided={onDecided}
    />,
  )
  const press = (key: string, target: Element | Window = window, more: object = {}) =>
    act(() => void fireEvent.keyDown(target, { key, ...more }))
  return { invoke, onDecided, press, reason: screen.getByLabelText('Reason') }
}

let stop: () => void = () => undefined
beforeEach(() => {
  stop = listenForKeys()
})
afterEach(() => {
  stop()
  cleanup()
  vi.unstubAllGlobals()
})

describe('DecisionBar', () => {
  it('approves once with A and Ctrl+Enter, with the digest that is shown', async () => {
    const { invoke, onDecided, press, reason } = setUp()
    press('a')
    expect(document.activeElement).toBe(reason)
    press('Enter', reason)
    expect(invoke).not.toHaveBeenCalled()
    press('Enter', reason, { ctrlKey: true })
    await waitFor(() => expect(onDecided).toHaveBeenCalledWith([APPROVAL.id]))
    expect(invoke).toHaveBeenCalledExactlyOnceWith('approvals.decide', {
      decision: 'approve',
      id: APPROVAL.id,
      digest: APPROVAL.digest,
      scope: 'once',
    })
  })

  it('does nothing on Ctrl+Enter before a decision is chosen', () => {
    const { invoke, press, reason } = setUp()
    press('Enter', reason, { ctrlKey: true })
    expect(invoke).not.toHaveBeenCalled()
  })

  it('says the scope that a number key chose, and sends it', async () => {
    const { invoke, press, reason } = setUp()
    press('4')
    expect(screen.getByTestId('reach').textContent).toContain('15 minutes')
    fireEvent.change(screen.getByLabelText('Minutes'), { target: { value: '0' } })
    press('a')
    press('Enter', reason, { ctrlKey: true })
    expect(invoke).not.toHaveBeenCalled()
    fireEvent.change(screen.getByLabelText('Minutes'), { target: { value: '30' } })
    press('Enter', reason, { ctrlKey: true })
    await waitFor(() => expect(invoke).toHaveBeenCalledTimes(1))
    expect(invoke.mock.calls[0]?.[1]).toMatchObject({ scope: 'minutes', minutes: 30 })
  })

  it('does not choose a scope that is not offered', () => {
    const { press } = setUp({ scopes: ['once', 'arguments'] })
    press('2')
    expect(screen.getByTestId('reach').textContent).toContain('one time')
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'This run' }).disabled).toBe(true)
  })

  it('denies only with a reason', async () => {
    const { invoke, press, reason } = setUp()
    press('r')
    press('Enter', reason, { ctrlKey: true })
    expect(screen.getByText('Say why in at least three characters.')).toBeDefined()
    expect(invoke).not.toHaveBeenCalled()
    fireEvent.change(reason, { target: { value: ' not today ' } })
    press('Enter', reason, { metaKey: true })
    await waitFor(() => expect(invoke).toHaveBeenCalledTimes(1))
    expect(invoke).toHaveBeenCalledWith('approvals.decide', {
      decision: 'deny',
      id: APPROVAL.id,
      digest: APPROVAL.digest,
      reason: 'not today',
    })
  })

  it('does not take letters that are typed into the reason for keys', () => {
    const { invoke, press, reason } = setUp()
    press('d', reason)
    press('4', reason)
    expect(invoke).not.toHaveBeenCalled()
    expect(screen.getByTestId('reach').textContent).toContain('one time')
  })

  it('defers with D at once', async () => {
    const { invoke, press } = setUp()
    press('d')
    await waitFor(() => expect(invoke).toHaveBeenCalledTimes(1))
    expect(invoke.mock.calls[0]?.[1]).toMatchObject({ decision: 'defer', digest: APPROVAL.digest })
  })

  it('wants the name typed before something is destroyed', async () => {
    const { invoke, press } = setUp({ consequence: 'destroy', scopes: ['once', 'arguments'] })
    press('a')
    const name = screen.getByLabelText('Type the name to approve')
    expect(document.activeElement).toBe(name)
    press('Enter', name, { ctrlKey: true })
    fireEvent.change(name, { target: { value: 'files.write' } })
    press('Enter', name, { ctrlKey: true })
    fireEvent.click(screen.getByRole('button', { name: 'Approve' }))
    expect(invoke).not.toHaveBeenCalled()
    fireEvent.change(name, { target: { value: 'files.write_file' } })
    press('Enter', name, { ctrlKey: true })
    await waitFor(() => expect(invoke).toHaveBeenCalledTimes(1))
  })

  it('decides on equal requests together when that is chosen', async () => {
    const { invoke, onDecided, press, reason } = setUp({ consequence: 'metadata' }, 3)
    press('b')
    press('a')
    press('Enter', reason, { ctrlKey: true })
    await waitFor(() => expect(onDecided).toHaveBeenCalledWith([APPROVAL.id, 'other-1', 'other-2']))
    expect(invoke.mock.calls[0]).toEqual([
      'approvals.decideMany',
      { ids: [APPROVAL.id, 'other-1', 'other-2'], digest: APPROVAL.digest, decision: 'approve' },
    ])
  })

  it('decides nothing once the time is up', () => {
    const { invoke, press, reason } = setUp({ deadlineMs: NOW - 1 })
    expect(screen.getByText(/time is up/)).toBeDefined()
    press('a')
    press('Enter', reason, { ctrlKey: true })
    press('d')
    expect(invoke).not.toHaveBeenCalled()
  })
})
