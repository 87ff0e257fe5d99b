import type { ApprovalSummary } from '@contract'
import { Age, APPROVAL_LOOKS, type Column, ConsequenceBadge, Countdown, StatusBadge, UntrustedText } from '@/ui'

const Lines = ({ approval, end }: { readonly approval: ApprovalSummary; readonly end: React.ReactNode }) => (
  <div className="flex flex-col leading-[18px]">
    <span className="flex items-center gap-2">
      <span className="min-w-0 flex-1 truncate">
        <UntrustedText text={approval.resource} />
      </span>
      <span className="shrink-0 text-xs">{end}</span>
    </span>
    <span className="flex items-center gap-2 text-xs">
      <ConsequenceBadge consequence={approval.consequence} className="w-19 shrink-0" />
      <span className="shrink-0 font-mono text-text-2">{approval.action}</span>
      <span className="min-w-0 flex-1 truncate text-right text-text-3">{approval.who.name}</span>
    </span>
  </div>
)

/** What waits: the thing and its time at the top, grade, act and asker below. */
export const pendingColumns = (aheadMs: number): readonly Column<ApprovalSummary>[] => [
  {
    id: 'act',
    title: 'Act',
    track: 'minmax(0,1fr)',
    cell: (approval) => (
      <Lines approval={approval} end={<Countdown untilMs={approval.deadlineMs} aheadMs={aheadMs} />} />
    ),
  },
]

/** What became of it, in place of the time that is left. */
export const HISTORY_COLUMNS: readonly Column<ApprovalSummary>[] = [
  {
    id: 'act',
    title: 'Act',
    track: 'minmax(0,1fr)',
    cell: (approval) => (
      <Lines
        approval={approval}
        end={
          <span className="flex items-center gap-2">
            <StatusBadge look={APPROVAL_LOOKS[approval.status]} />
            {approval.decision !== null && <Age atMs={approval.decision.atMs} className="num text-text-3" />}
          </span>
        }
      />
    ),
  },
]
