import type { CallOutput } from '@contract'
import { app, type BrowserWindow, Notification } from 'electron'
import type { Caller } from '../engine/core'
import { type ApprovalNotices, createApprovalNotices } from './approval-notices'
import type { Backend } from './backend'
import type { Report } from './report'
import { focusWindow } from './window'

/** As many as are counted and named; nobody reads more in a notice. */
const MOST = 500

/** Notices and the badge of the system for what waits for a person. A click opens the request, and never decides it. */
export const startNotices = (ports: {
  readonly backend: Backend
  readonly caller: Caller
  readonly window: () => BrowserWindow | undefined
  readonly report: Report
}): ApprovalNotices => {
  const { backend, caller, window, report } = ports
  const notices = createApprovalNotices({
    async pending() {
      const reply = await backend.dispatcher.call('approvals.list', { status: 'pending', limit: MOST }, caller)
      return reply.ok ? (reply.value as CallOutput<'approvals.list'>).approvals : []
    },
    setBadge: (count) => app.setBadgeCount(count),
    show(notice, onClick) {
      if (!Notification.isSupported()) return () => undefined
      const notification = new Notification(notice)
      notification.on('click', onClick)
      notification.show()
      return () => notification.close()
    },
    isLookedAt: () => window()?.isFocused() ?? false,
    open(approvalId) {
      const open = window()
      if (open === undefined) return
      focusWindow(open)
      backend.events.publish('approvals.show', { id: approvalId })
    },
    onError: (error) => report.warn({ error }, 'what waits could not be read'),
  })
  backend.events.subscribe(({ topic }) => {
    if (topic === 'approvals.changed' || topic === 'engine.changed') notices.changed()
  })
  return notices
}
