import type { CallOutput, TopicPayload } from '@contract'
import { app, type BrowserWindow, Notification } from 'electron'
import { type Caller, systemClock } from '../engine/core'
import { type ApprovalNotices, createApprovalNotices, type Notice } from './approval-notices'
import type { Backend } from './backend'
import { createRecoveryNotices } from './recovery-notices'
import type { Report } from './report'
import { focusWindow } from './window'

/** As many as are counted and named; nobody reads more in a notice. */
const MOST = 500

/**
 * Notices and the badge of the system for what waits for a person, and notices of what failed for good. A click opens, and
 * never decides.
 */
export const startNotices = (ports: {
  readonly backend: Backend
  readonly caller: Caller
  readonly window: () => BrowserWindow | undefined
  readonly report: Report
}): ApprovalNotices => {
  const { backend, caller, window, report } = ports
  const show = (notice: Notice, onClick: () => void): (() => void) => {
    if (!Notification.isSupported()) return () => undefined
    const notification = new Notification(notice)
    notification.on('click', onClick)
    notification.show()
    return () => notification.close()
  }
  const isLookedAt = (): boolean => window()?.isFocused() ?? false
  const notices = createApprovalNotices({
    async pending() {
      const reply = await backend.dispatcher.call('approvals.list', { status: 'pending', limit: MOST }, caller)
      return reply.ok ? (reply.value as CallOutput<'approvals.list'>).approvals : []
    },
    setBadge: (count) => app.setBadgeCount(count),
    show,
    isLookedAt,
    open(approvalId) {
      const open = window()
      if (open === undefined) return
      focusWindow(open)
      backend.events.publish('approvals.show', { id: approvalId })
    },
    onError: (error) => report.warn({ error }, 'what waits could not be read'),
  })
  const failed = createRecoveryNotices({
    clock: systemClock,
    show,
    isLookedAt,
    open() {
      const open = window()
      if (open !== undefined) focusWindow(open)
    },
  })
  backend.events.subscribe(({ topic, payload }) => {
    if (topic === 'approvals.changed' || topic === 'engine.changed') notices.changed()
    if (topic === 'recovery.escalated') failed(payload as TopicPayload<'recovery.escalated'>)
  })
  return notices
}
