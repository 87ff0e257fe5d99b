import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Fragment } from 'react'
import { useRead } from '@/lib/queries'
import { ErrorState, SkeletonBlock } from '@/ui'
import { ApprovalHeader } from './ApprovalHeader'
import { DecisionBar } from './DecisionBar'
import { focusDetail } from './QueuePanel'
import { RequestFacts } from './RequestFacts'
import { equalsOf, nextAfter } from './triage'
import { useApprovals } from './use-approvals'

/** The request that the address names: all of it is on the screen before it can be decided on. */
export function ApprovalDetailPage() {
  const navigate = useNavigate()
  const { approvalId } = useParams({ from: '/approvals/$approvalId' })
  const { tab } = useSearch({ from: '/approvals' })
  const read = useRead('approvals.get', { id: approvalId })
  const pending = useApprovals('pending')
  const approval = read.data
  // What the list knows is shown at once; the rest follows.
  const summary = approval ?? pending.rows.find(({ id }) => id === approvalId)
  if (read.error !== null && approval === undefined && read.error.code !== 'IPC_003')
    return <ErrorState error={read.error} onRetry={() => void read.refetch()} />
  if (summary === undefined) return <SkeletonBlock />

  const goOn = (decided: readonly string[]) => {
    const next = nextAfter(pending.rows, new Set(decided), approvalId)
    void (next === undefined
      ? navigate({ to: '/approvals', search: { tab }, replace: true })
      : navigate({ to: '/approvals/$approvalId', params: { approvalId: next.id }, search: { tab }, replace: true }))
    focusDetail()
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-approval={summary.id} data-status={summary.status}>
      <ApprovalHeader approval={summary} aheadMs={pending.aheadMs} />
      {approval === undefined ? (
        <SkeletonBlock />
      ) : (
        <Fragment key={approval.id}>
          <RequestFacts approval={approval} />
          {approval.status === 'pending' && (
            <DecisionBar
              approval={approval}
              equals={equalsOf(pending.rows, approval)}
              aheadMs={pending.aheadMs}
              onDecided={goOn}
            />
          )}
        </Fragment>
      )}
    </div>
  )
}
