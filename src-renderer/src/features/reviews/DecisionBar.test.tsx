// @vitest-environment happy-dom
import type { ToolDetail } from '@contract'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DecisionBar } from './DecisionBar'

const TOOL: ToolDetail = {
  id: '0190a1b2-7c3a-7000-8000-000000000001' as ToolDetail['id'],
  serverId: '0190a1b2-7c3a-7000-8000-000000000002' as ToolDetail['serverId'],
  serverName: 'everything',
  name: 'echo',
  qualifiedName: 'everything.echo',
  status: 'pending',
  digest: 'a'.repeat(64),
  offeredAtMs: 0,
  decidedAtMs: null,
  decidedReason: null,
  definition: { name: 'echo' },
  decidedDefinition: null,
  hiddenCharacters: [],
}

const setUp = (outdated = false) => {
  const invoke = vi.fn(async () => ({ ok: true, value: TOOL }))
  vi.stubGlobal('console_', { invoke })
  render(<DecisionBar tool={TOOL} outdated={outdated} />)
  return {
    invoke,
    reason: screen.getByLabelText('Reason'),
    button: (name: string) => screen.getByRole('button', { name }),
  }
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('DecisionBar', () => {
  it('sends the digest of what is shown, with the reason', async () => {
    const { invoke, reason, button } = setUp()
    fireEvent.change(reason, { target: { value: ' harmless ' } })
    fireEvent.click(button('Approve'))
    await waitFor(() => expect(invoke).toHaveBeenCalledTimes(1))
    expect(invoke).toHaveBeenCalledWith('reviews.decide', {
      toolId: TOOL.id,
      digest: TOOL.digest,
      decision: 'approve',
      reason: 'harmless',
    })
  })

  it('asks for a reason before it decides', () => {
    const { invoke, button } = setUp()
    fireEvent.click(button('Reject'))
    expect(screen.getByText('Say why in at least three characters.')).toBeDefined()
    expect(invoke).not.toHaveBeenCalled()
  })

  it('decides on Ctrl+Enter once a decision is chosen, never on Enter alone', async () => {
    const { invoke, reason, button } = setUp()
    fireEvent.click(button('Reject'))
    fireEvent.change(reason, { target: { value: 'not needed' } })
    fireEvent.keyDown(reason, { key: 'Enter' })
    expect(invoke).not.toHaveBeenCalled()
    fireEvent.keyDown(reason, { key: 'Enter', ctrlKey: true })
    await waitFor(() => expect(invoke).toHaveBeenCalledTimes(1))
    expect(invoke).toHaveBeenCalledWith('reviews.decide', expect.objectContaining({ decision: 'reject' }))
  })

  it('does nothing on Ctrl+Enter while no decision is chosen', () => {
    const { invoke, reason } = setUp()
    fireEvent.change(reason, { target: { value: 'harmless' } })
    fireEvent.keyDown(reason, { key: 'Enter', ctrlKey: true })
    expect(invoke).not.toHaveBeenCalled()
  })

  it('cannot decide on what is no longer offered', () => {
    const { invoke, reason, button } = setUp(true)
    fireEvent.change(reason, { target: { value: 'harmless' } })
    fireEvent.click(button('Approve'))
    expect(invoke).not.toHaveBeenCalled()
  })
})
