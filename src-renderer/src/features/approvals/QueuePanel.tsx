import type { ApprovalSummary } from '@contract'
import { Outlet } from '@tanstack/react-router'
import { useMemo } from 'react'
import { plural } from '@/lib/format'
import { Button, CONSEQUENCE_LOOKS, EmptyState, Loaded, VirtualTable } from '@/ui'
import { HISTORY_COLUMNS, pendingColumns } from './approval-columns'
import type { ApprovalList } from './use-approvals'

/** Where the eye and the focus go after a decision. */
export const focusDetail = (): void => document.getElementById('approval-detail')?.focus()

const bandOf = (approval: ApprovalSummary): string => `band ${CONSEQUENCE_LOOKS[approval.consequence].band}`

export interface QueuePanelProps {
  readonly kind: 'pending' | 'history'
  readonly list: ApprovalList
  readonly selectedId: string | null
  readonly onSelect: (approval: ApprovalSummary) => void
  readonly footer: string | null
}

/** The list at the left; the request that is looked at beside it. */
export function QueuePanel({ kind, list, selectedId, onSelect, footer }: QueuePanelProps) {
  const columns = useMemo(
    () => (kind === 'pending' ? pendingColumns(list.aheadMs) : HISTORY_COLUMNS),
    [kind, list.aheadMs],
  )
  const [first] = list.rows
  return (
    <div className="flex min-h-0 flex-1">
      <section
        id="approval-list"
        aria-label={kind === 'pending' ? 'Queue' : 'History'}
        className="flex min-h-0 w-80 shrink-0 flex-col border-r border-line wide:w-96"
      >
        <Loaded read={list.read}>
          {() =>
            first === undefined ? (
              kind === 'pending' ? (
                <EmptyState title="Nothing waits for you">
                  When a rule asks for a person, the act is held here until you decide or its time is up.
                </EmptyState>
              ) : (
                <EmptyState title="Nothing decided yet">
                  What is approved, denied or timed out is kept here with its reason.
                </EmptyState>
              )
            ) : (
              <VirtualTable
                label={kind === 'pending' ? 'Pending approvals' : 'Decided approvals'}
                rows={list.rows}
                columns={columns}
                rowKey={(approval) => approval.id}
                selectedKey={selectedId}
                onSelect={onSelect}
                onOpen={focusDetail}
                rowHeight={48}
                rowClass={bandOf}
                showHeader={false}
                footer={footer === null ? undefined : <p className="num px-4 py-2 text-xs text-text-3">{footer}</p>}
              />
            )
          }
        </Loaded>
      </section>
      <section
        id="approval-detail"
        aria-label="Request"
        tabIndex={-1}
        className="flex min-h-0 min-w-0 flex-1 flex-col outline-none"
      >
        {selectedId !== null ? (
          <Outlet />
        ) : kind === 'pending' && first !== undefined ? (
          <EmptyState
            title={`${plural(list.total ?? list.rows.length, 'act')} to decide`}
            action={
              <Button variant="primary" keyHint="J" onPress={() => onSelect(first)}>
                Start with the first
              </Button>
            }
          >
            Each is held until you decide. You see all of it before you choose, and what you approve is exactly what is
            done.
          </EmptyState>
        ) : first !== undefined ? (
          <EmptyState title="Choose a request">What was asked, who decided, why, and what came of it.</EmptyState>
        ) : null}
      </section>
    </div>
  )
}
