import type { AuditRecord } from '@contract'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ShieldCheck, X } from 'lucide-react'
import { useDeferredValue, useEffect, useState } from 'react'
import { formatCount, formatDateTime, shortId } from '@/lib/format'
import { useShortcuts } from '@/lib/use-shortcuts'
import {
  Button,
  type Column,
  EmptyState,
  ErrorState,
  OUTCOME_LOOKS,
  PageHeader,
  Select,
  SkeletonRows,
  StatusBadge,
  TextInput,
  UntrustedText,
  Updated,
  VirtualTable,
} from '@/ui'
import { AuditDetail } from './AuditDetail'
import { useAuditPages } from './use-audit-pages'
import { useVerification } from './use-verification'
import { VerifyBanner } from './VerifyBanner'

const OUTCOMES = ['success', 'denied', 'failed'] as const

const column = {
  seq: {
    id: 'seq',
    title: 'No.',
    track: '3.5rem',
    align: 'end',
    cell: (record) => <span className="num text-text-3">{record.seq}</span>,
  },
  time: {
    id: 'time',
    title: 'Time',
    track: '9.25rem',
    cell: (record) => <span className="num text-text-2">{formatDateTime(record.atMs)}</span>,
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
    track: '6rem',
    cell: (record) => <span className="font-mono text-xs text-text-2">{record.code ?? ''}</span>,
  },
  reason: {
    id: 'reason',
    title: 'Reason',
    track: 'minmax(0,1.6fr)',
    cell: (record) => <UntrustedText text={record.reason} className="font-sans! text-sm!" />,
  },
} as const satisfies Record<string, Column<AuditRecord>>

const WIDE: readonly Column<AuditRecord>[] = Object.values(column)
const BESIDE: readonly Column<AuditRecord>[] = [column.seq, column.time, column.outcome, column.action, column.resource]

/** The audit trail: filtered in the engine, paged as it is scrolled. */
export function AuditPage() {
  const navigate = useNavigate()
  const search = useSearch({ from: '/audit' })
  const [typed, setTyped] = useState(search.text ?? '')
  const text = useDeferredValue(typed.trim())
  const verification = useVerification()
  const pages = useAuditPages({
    ...(search.correlationId === undefined ? {} : { correlationId: search.correlationId }),
    ...(search.outcome === undefined ? {} : { outcome: search.outcome }),
    ...(search.text === undefined ? {} : { text: search.text }),
  })
  useEffect(() => {
    if (text === (search.text ?? '')) return
    const timer = setTimeout(
      () => void navigate({ to: '/audit', search: { ...search, text: text === '' ? undefined : text }, replace: true }),
      200,
    )
    return () => clearTimeout(timer)
  }, [text, search, navigate])

  const selected = pages.records.find((record) => record.seq === search.seq)
  const select = (seq: number | undefined) => void navigate({ to: '/audit', search: { ...search, seq }, replace: true })
  const move = (by: number) => {
    const index = pages.records.findIndex((record) => record.seq === search.seq)
    const next = pages.records[Math.min(pages.records.length - 1, Math.max(0, index + by))]
    if (next !== undefined) select(next.seq)
  }
  useShortcuts([
    { keys: 'j', label: 'Next record', group: 'Audit', run: () => move(1) },
    { keys: 'k', label: 'Previous record', group: 'Audit', run: () => move(-1) },
    { keys: 'v', label: 'Verify', group: 'Audit', run: verification.run },
    { keys: '/', label: 'Search the trail', group: 'Audit', run: () => document.getElementById('audit-text')?.focus() },
    { keys: 'Escape', label: 'Close the record', group: 'Audit', run: () => select(undefined) },
  ])
  const filtered = search.correlationId !== undefined || search.outcome !== undefined || search.text !== undefined
  const clear = () => {
    setTyped('')
    void navigate({ to: '/audit', search: {} })
  }

  return (
    <>
      <PageHeader
        title="Audit"
        note={
          pages.total === null ? undefined : (
            <span className="num">
              {formatCount(pages.total)} {filtered ? 'records match' : 'records'} · <Updated atMs={pages.updatedAtMs} />
            </span>
          )
        }
      >
        <Button icon={<ShieldCheck size={14} aria-hidden />} busy={verification.busy} onPress={verification.run}>
          Verify
        </Button>
      </PageHeader>
      <VerifyBanner verification={verification} onShow={(seq) => void navigate({ to: '/audit', search: { seq } })} />
      <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4">
        <TextInput
          id="audit-text"
          aria-label="Search the trail"
          placeholder="Action, resource, actor or reason"
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.target.value)}
          className="max-w-80"
        />
        <Select
          aria-label="Outcome"
          className="w-36!"
          value={search.outcome ?? ''}
          onChange={(event) =>
            void navigate({
              to: '/audit',
              search: { ...search, outcome: OUTCOMES.find((outcome) => outcome === event.target.value) },
              replace: true,
            })
          }
        >
          <option value="">All outcomes</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome} value={outcome}>
              {OUTCOME_LOOKS[outcome].word}
            </option>
          ))}
        </Select>
        {search.correlationId !== undefined && (
          <span className="flex h-7 min-w-0 items-center gap-1 rounded-md border border-line-strong pl-2">
            <span className="truncate">
              one correlation id <span className="font-mono text-xs">{shortId(search.correlationId)}</span>
            </span>
            <button
              type="button"
              aria-label="Show all correlation ids"
              onClick={() => void navigate({ to: '/audit', search: { ...search, correlationId: undefined } })}
              className="flex size-6 items-center justify-center rounded-sm text-text-3 hover:bg-hover hover:text-text"
            >
              <X size={14} aria-hidden />
            </button>
          </span>
        )}
        {pages.fetching && <span className="text-xs text-text-3">searching</span>}
      </div>
      <div className="flex min-h-0 flex-1">
        <section aria-label="Records" className="flex min-h-0 min-w-0 flex-1 flex-col">
          {pages.error !== null ? (
            <ErrorState error={pages.error} onRetry={pages.retry} />
          ) : pages.total === null ? (
            <SkeletonRows rows={14} />
          ) : pages.records.length === 0 ? (
            filtered ? (
              <EmptyState title="No record matches" action={<Button onPress={clear}>Clear the filter</Button>}>
                The trail has records, but none like this.
              </EmptyState>
            ) : (
              <EmptyState title="Nothing recorded yet">
                Every act of a person, an agent or the engine is recorded here.
              </EmptyState>
            )
          ) : (
            <VirtualTable
              label="Audit records"
              rows={pages.records}
              columns={selected === undefined ? WIDE : BESIDE}
              rowKey={(record) => String(record.seq)}
              selectedKey={search.seq === undefined ? null : String(search.seq)}
              onSelect={(record) => select(record.seq)}
              onEnd={pages.loadMore}
              footer={
                pages.loadingMore ? <p className="px-4 py-2 text-xs text-text-3">Loading older records</p> : undefined
              }
            />
          )}
        </section>
        {selected !== undefined && (
          <AuditDetail
            record={selected}
            onClose={() => select(undefined)}
            onCorrelation={(correlationId) =>
              void navigate({ to: '/audit', search: { correlationId, seq: selected.seq } })
            }
          />
        )}
      </div>
    </>
  )
}
