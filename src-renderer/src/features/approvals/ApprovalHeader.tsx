import type { ApprovalSummary } from '@contract'
import clsx from 'clsx'
import { APPROVAL_LOOKS, CONSEQUENCE_LOOKS, ConsequenceBadge, Countdown, StatusBadge, UntrustedText } from '@/ui'

/** Grade, state, time and name of a request; the band is the one of its row. */
export function ApprovalHeader({
  approval,
  aheadMs,
}: {
  readonly approval: ApprovalSummary
  readonly aheadMs: number
}) {
  return (
    <header
      className={clsx('shrink-0 border-b border-line px-4 py-3 band', CONSEQUENCE_LOOKS[approval.consequence].band)}
    >
      <div className="flex items-center gap-4">
        <ConsequenceBadge consequence={approval.consequence} explained className="font-medium" />
        <StatusBadge look={APPROVAL_LOOKS[approval.status]} />
        {approval.deferrals > 0 && <span className="num text-text-3">deferred {approval.deferrals}×</span>}
        {approval.status === 'pending' && (
          <span className="ml-auto text-text-2">
            denied in <Countdown untilMs={approval.deadlineMs} aheadMs={aheadMs} />
          </span>
        )}
      </div>
      <h2 className="mt-1 min-w-0 text-lg font-semibold [overflow-wrap:anywhere]">
        {approval.who.name} <span className="font-normal text-text-2">asks for</span>{' '}
        <span className="font-mono">{approval.action}</span> <span className="font-normal text-text-2">on</span>{' '}
        <UntrustedText text={approval.resource} className="text-lg!" />
      </h2>
    </header>
  )
}
