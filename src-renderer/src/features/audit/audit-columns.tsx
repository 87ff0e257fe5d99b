import type { AuditRecord } from '@contract'
import { formatDateTime } from '@/lib/format'
import { type Column, OUTCOME_LOOKS, SEVERITY_LOOKS, StatusBadge, UntrustedText } from '@/ui'

const column = {
  seq: {
    id: 'seq',
    title: 'No.',
    track: '4rem',
    align: 'end',
    cell: (record) => <span className="num text-text-3">{record.seq}</span>,
  },
  time: {
    id: 'time',
    title: 'Time',
    track: '9.25rem',
    cell: (record) => <span className="num text-text-2">{formatDateTime(record.atMs)}</span>,
  },
  severity: {
    id: 'severity',
    title: 'Severity',
    track: '5rem',
    cell: (record) => <StatusBadge look={SEVERITY_LOOKS[record.severity]} />,
  },
  outcome: {
    id: 'outcome',
    title: 'Outcome',
    track: '5.5rem',
    cell: (record) => <StatusBadge look={OUTCOME_LOOKS[record.outcome]} />,
  },
  actor: {
    id: 'actor',
    title: 'Actor',
    track: 'minmax(5rem,0.7fr)',
    cell: (record) => (
      <span>
        {record.actor.kind}{' '}
        <span className="font-mono text-xs text-text-3">
          {record.actor.id === record.actor.kind ? '' : record.actor.id.slice(0, 8)}
        </span>
      </span>
    ),
  },
  action: {
    id: 'action',
    title: 'Action',
    track: 'minmax(7rem,0.8fr)',
    cell: (record) => <span className="font-mono text-xs">{record.action}</span>,
  },
  resource: {
    id: 'resource',
    title: 'Resource',
    track: 'minmax(0,1.2fr)',
    cell: (record) => <UntrustedText text={record.resource} />,
  },
  code: {
    id: 'code',
    title: 'Code',
    track: '6.5rem',
    cell: (record) => <span className="font-mono text-xs text-text-2">{record.code ?? ''}</span>,
  },
  reason: {
    id: 'reason',
    title: 'Reason',
    track: 'minmax(0,1.5fr)',
    cell: (record) => <UntrustedText text={record.reason} className="font-sans! text-sm!" />,
  },
} as const satisfies Record<string, Column<AuditRecord>>

export const WIDE: readonly Column<AuditRecord>[] = Object.values(column)

/** In a narrow window: what the outcome and the reason say already is left out. */
export const NARROW: readonly Column<AuditRecord>[] = WIDE.filter(({ id }) => id !== 'severity' && id !== 'code')

/** Beside the detail of one record. */
export const BESIDE: readonly Column<AuditRecord>[] = [
  column.seq,
  column.time,
  column.outcome,
  column.action,
  column.resource,
]
