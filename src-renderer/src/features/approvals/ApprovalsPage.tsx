import type { ApprovalSummary } from '@contract'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { formatCount, plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { useShortcuts } from '@/lib/use-shortcuts'
import { PageHeader, Tabs, Updated } from '@/ui'
import { AdvicePanel } from './AdvicePanel'
import { GrantsPanel } from './GrantsPanel'
import { QueuePanel } from './QueuePanel'
import { useApprovals, usePrefetch } from './use-approvals'

type Tab = 'pending' | 'history' | 'grants' | 'advice'

/** Acts that wait for a person, and what came of earlier ones. The queue is a page like any other and blocks nothing. */
export function ApprovalsPage() {
  const navigate = useNavigate()
  const { tab: chosen } = useSearch({ from: '/approvals' })
  const tab: Tab = chosen ?? 'pending'
  const { approvalId } = useParams({ strict: false })
  const pending = useApprovals('pending')
  const history = useApprovals('history', tab === 'history')
  const grants = useRead('approvals.grants', {})
  const advice = useRead('approvals.advice', {})
  const prefetch = usePrefetch()
  const list = tab === 'history' ? history : pending
  const rows = tab === 'pending' || tab === 'history' ? list.rows : []
  const index = useMemo(() => rows.findIndex(({ id }) => id === approvalId), [rows, approvalId])

  useEffect(() => {
    prefetch(rows[index + 1]?.id)
    prefetch(rows[index - 1]?.id)
  }, [rows, index, prefetch])

  const select = (approval: ApprovalSummary) =>
    void navigate({
      to: '/approvals/$approvalId',
      params: { approvalId: approval.id },
      search: { tab: chosen },
      replace: approvalId !== undefined,
      resetScroll: false,
    })
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + by))]
    if (next === undefined) return
    select(next)
    // From here on Enter opens the detail, whatever had the focus before.
    document.querySelector<HTMLElement>('#approval-list [role="grid"]')?.focus({ preventScroll: true })
  }
  useShortcuts([
    { keys: 'j', label: 'Next request', group: 'Approvals', run: () => move(1) },
    { keys: 'k', label: 'Previous request', group: 'Approvals', run: () => move(-1) },
  ])

  return (
    <>
      <PageHeader
        title="Approvals"
        note={
          pending.total === null ? undefined : (
            <span>
              <span className="num" role="status">
                {plural(pending.total, 'act')} {pending.total === 1 ? 'waits' : 'wait'}
              </span>
              , denied when nobody decides in time · <Updated atMs={pending.read.dataUpdatedAt} />
            </span>
          )
        }
      />
      <Tabs<Tab>
        label="Approvals"
        items={[
          { id: 'pending', label: 'Pending', count: pending.total ?? undefined },
          { id: 'history', label: 'History' },
          { id: 'grants', label: 'Standing grants', count: grants.data?.length },
          { id: 'advice', label: 'Advice', count: advice.data?.length },
        ]}
        selected={tab}
        onSelect={(id) =>
          void navigate({ to: '/approvals', search: { tab: id === 'pending' ? undefined : id }, replace: true })
        }
      >
        {tab === 'grants' ? (
          <GrantsPanel />
        ) : tab === 'advice' ? (
          <AdvicePanel read={advice} />
        ) : (
          <QueuePanel
            key={tab}
            kind={tab}
            list={list}
            selectedId={approvalId ?? null}
            onSelect={select}
            footer={
              list.total !== null && list.total > rows.length
                ? `${formatCount(list.total - rows.length)} more ${tab === 'pending' ? 'wait behind these' : 'are older'}.`
                : null
            }
          />
        )}
      </Tabs>
    </>
  )
}
