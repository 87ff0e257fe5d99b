import type { Violation } from '@contract'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { formatDateTime } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { type Column, EmptyState, Loaded, StatusBadge, VirtualTable } from '@/ui'
import { formatAmount, KIND_NAMES, VIOLATION_LOOKS } from './resource-words'

/** The most that is read at once. */
const SHOWN = 500

const COLUMNS: readonly Column<Violation>[] = [
  {
    id: 'at',
    title: 'When',
    track: '9.5rem',
    cell: (row) => <span className="num text-text-2">{formatDateTime(row.atMs)}</span>,
  },
  {
    id: 'agent',
    title: 'Agent',
    track: 'minmax(8rem,1fr)',
    cell: (row) => <span className="font-medium">{row.agentName}</span>,
  },
  { id: 'kind', title: 'What', track: '7rem', cell: (row) => KIND_NAMES[row.kind] },
  {
    id: 'used',
    title: 'Used',
    track: 'minmax(10rem,1fr)',
    cell: (row) => (
      <span className="num">
        {formatAmount(row.kind, row.used)}
        <span className="text-text-3"> of {formatAmount(row.kind, row.limit)} granted</span>
      </span>
    ),
  },
  {
    id: 'row',
    title: 'In a row',
    track: '4.5rem',
    align: 'end',
    cell: (row) => <span className="num">{row.inARow === 0 ? '' : row.inARow}</span>,
  },
  {
    id: 'action',
    title: 'What was done',
    track: '8rem',
    cell: (row) => <StatusBadge look={VIOLATION_LOOKS[row.action]} />,
  },
]

/** Runs that went beyond their grants, newest first, and what was done about each. */
export function ViolationsTab() {
  const navigate = useNavigate()
  const read = useRead('resources.violations', { limit: SHOWN })
  const [selected, setSelected] = useState<string | null>(null)
  return (
    <Loaded read={read}>
      {(rows) =>
        rows.length === 0 ? (
          <EmptyState title="No run went beyond its grant">
            Where the kernel holds a limit, a run cannot. Where it is watched, a run that uses more is throttled first
            and then stopped, and it is listed here.
          </EmptyState>
        ) : (
          <VirtualTable
            label="Violations"
            rows={rows}
            columns={COLUMNS}
            rowKey={(row) => String(row.seq)}
            selectedKey={selected}
            onSelect={(row) => setSelected(String(row.seq))}
            onOpen={(row) =>
              void navigate({
                to: '/agents/$agentId',
                params: { agentId: row.agentId },
                search: { run: row.executionId },
              })
            }
            footer={
              rows.length === SHOWN && (
                <p className="px-4 py-2 text-xs text-text-3">Only the newest {SHOWN} are shown.</p>
              )
            }
          />
        )
      }
    </Loaded>
  )
}
