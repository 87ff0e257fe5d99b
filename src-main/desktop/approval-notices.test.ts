import type { ApprovalSummary } from '@contract'
import { describe, expect, it, vi } from 'vitest'
import { createApprovalNotices, type Notice } from './approval-notices'

const waiting = (id: string, change: Partial<ApprovalSummary> = {}): ApprovalSummary =>
  ({
    id,
    who: { kind: 'agent', id: 'a', name: 'Mail bot', executionId: null, tier: null },
    action: 'tool.call',
    resource: 'files.write_file',
    consequence: 'change',
    ...change,
  }) as ApprovalSummary

const setUp = ({ lookedAt = false } = {}) => {
  let queue: ApprovalSummary[] = []
  const shown: { notice: Notice; click: () => void; close: ReturnType<typeof vi.fn> }[] = []
  const setBadge = vi.fn()
  const open = vi.fn()
  const onError = vi.fn()
  const notices = createApprovalNotices({
    pending: async () => queue,
    setBadge,
    show(notice, click) {
      const close = vi.fn()
      shown.push({ notice, click, close })
      return close
    },
    isLookedAt: () => lookedAt,
    open,
    onError,
  })
  const become = async (next: ApprovalSummary[]) => {
    queue = next
    notices.changed()
    await vi.waitFor(() => expect(setBadge).toHaveBeenLastCalledWith(next.length))
  }
  return { become, shown, setBadge, open, notices }
}

describe('approval notices', () => {
  it('count what waits, and name what is new once', async () => {
    const { become, shown } = setUp()
    await become([waiting('1')])
    await become([waiting('1'), waiting('2', { consequence: 'destroy', action: 'server.remove', resource: 'files' })])
    expect(shown.map(({ notice }) => notice)).toEqual([
      { title: 'Mail bot asks for your approval', body: 'Changes something: tool.call on files.write_file' },
      { title: 'Mail bot asks for your approval', body: 'Destroys something: server.remove on files' },
    ])
  })

  it('are one for several that come together', async () => {
    const { become, shown } = setUp()
    await become([waiting('1'), waiting('2'), waiting('3')])
    expect(shown.map(({ notice }) => notice.title)).toEqual(['3 acts wait for your approval'])
  })

  it('open the request when clicked, and never decide', async () => {
    const { become, shown, open } = setUp()
    await become([waiting('1')])
    shown[0]?.click()
    expect(open).toHaveBeenCalledExactlyOnceWith('1')
  })

  it('go when what they name no longer waits', async () => {
    const { become, shown } = setUp()
    await become([waiting('1')])
    expect(shown[0]?.close).not.toHaveBeenCalled()
    await become([])
    expect(shown[0]?.close).toHaveBeenCalledOnce()
  })

  it('are silent while the console is looked at, but the badge is not', async () => {
    const { become, shown, setBadge } = setUp({ lookedAt: true })
    await become([waiting('1')])
    expect(shown).toEqual([])
    expect(setBadge).toHaveBeenCalledWith(1)
  })

  it('show nothing that hides or reorders, and nothing long', async () => {
    const { become, shown } = setUp()
    await become([waiting('1', { resource: `a\u202Eb\n${'x'.repeat(200)}` })])
    const body = shown[0]?.notice.body ?? ''
    expect(body).toContain('a\u{fffd}b\u{fffd}x')
    expect(body.length).toBeLessThan(130)
  })
})
