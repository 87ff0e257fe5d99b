import type { Allocation, ResourceKind, ResourceOverview } from '@contract'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { formatDateTime } from '@/lib/format'
import { useNarrow } from '@/lib/use-narrow'
import { type Column, StatusBadge, VirtualTable } from '@/ui'
import { amountOf, enforcementWords, formatAmount, formatBare, KIND_NAMES, standingOf, usedOf } from './resource-words'

const ROW_PX = 32
/** So many rows are seen at once; further ones by scrolling. */
const ROWS_SHOWN = 10

const amounts = (kind: ResourceKind, track: string): Column<Allocation> => ({
  id: kind,
  title: KIND_NAMES[kind],
  track,
  cell: (row) => (
    <span className="num">
      {formatBare(kind, row.used === null ? null : usedOf(kind, row.used))}
      <span className="text-text-3"> of {formatAmount(kind, amountOf(kind, row.granted))}</span>
    </span>
  ),
})

const columnsFor = (isNarrow: boolean, stopAfter: number): readonly Column<Allocation>[] => [
  {
    id: 'agent',
    title: 'Agent',
    track: 'minmax(7rem,1fr)',
    cell: (row) => (
      <span className="font-medium" title={`since ${formatDateTime(row.sinceMs)}`}>
        {row.agentName}
      </span>
    ),
  },
  {
    id: 'backend',
    title: 'On',
    track: '7rem',
    cell: (row) => <span className="font-mono text-xs">{row.backend}</span>,
  },
  amounts('memory', '9rem'),
  amounts('cpu', '9rem'),
  ...(isNarrow ? [] : [amounts('disk', '8rem'), amounts('network', '8.5rem')]),
  {
    id: 'standing',
    title: 'Standing',
    track: 'minmax(12rem,1fr)',
    cell: (row) => {
      const look = standingOf(row, stopAfter)
      return (
        <span title={look.word}>
          <StatusBadge look={look} />
        </span>
      )
    },
  },
  {
    id: 'kept',
    title: 'Limits',
    track: 'minmax(5rem,1fr)',
    cell: (row) => (
      <span className="text-text-2" title={[enforcementWords(row.enforcement), ...row.notEnforced].join('\n')}>
        {enforcementWords(row.enforcement)}
      </span>
    ),
  },
]

export interface GrantsTableProps {
  readonly overview: ResourceOverview
  readonly selectedAgentId: string | undefined
  /** Choosing the chosen one again chooses none. */
  readonly onSelect: (agentId: string) => void
}

/** Each run that holds resources: what it was granted, what it uses, and how its limits are kept. */
export function GrantsTable({ overview, selectedAgentId, onSelect }: GrantsTableProps) {
  const navigate = useNavigate()
  const isNarrow = useNarrow()
  const { allocations, stopAfterViolations } = overview
  const columns = useMemo(() => columnsFor(isNarrow, stopAfterViolations), [isNarrow, stopAfterViolations])
  const rows = useMemo(
    () => [...allocations].sort((a, b) => b.violationsInARow - a.violationsInARow || b.sinceMs - a.sinceMs),
    [allocations],
  )
  if (rows.length === 0)
    return <p className="border-b border-line px-4 py-3 text-text-3">No run holds resources right now.</p>
  return (
    <div className="flex shrink-0 overflow-hidden" style={{ height: (Math.min(rows.length, ROWS_SHOWN) + 1) * ROW_PX }}>
      <VirtualTable
        label="Runs with a grant"
        rows={rows}
        columns={columns}
        rowKey={(row) => row.executionId}
        rowHeight={ROW_PX}
        selectedKey={rows.find((row) => row.agentId === selectedAgentId)?.executionId ?? null}
        onSelect={(row) => onSelect(row.agentId)}
        onOpen={(row) => void navigate({ to: '/agents/$agentId', params: { agentId: row.agentId }, search: {} })}
      />
    </div>
  )
}
