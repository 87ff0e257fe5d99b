import type { AuditRecord } from '@contract'
import { ArrowUp } from 'lucide-react'
import { useMemo, useState } from 'react'
import { plural } from '@/lib/format'
import { useNarrow } from '@/lib/use-narrow'
import { Button, EmptyState, ErrorNotice, ErrorState, SkeletonRows, VirtualTable } from '@/ui'
import { BESIDE, NARROW, WIDE } from './audit-columns'
import type { AuditPages } from './use-audit-pages'

export interface RecordListProps {
  readonly pages: AuditPages
  readonly filtered: boolean
  /** A record is shown beside the list. */
  readonly beside: boolean
  readonly selectedSeq: number | undefined
  readonly onSelect: (record: AuditRecord) => void
  readonly onClear: () => void
}

/** What is new stays above the reader who has scrolled down, and is counted instead. */
const useHeldBack = (records: readonly AuditRecord[]) => {
  const [topSeq, setTopSeq] = useState<number | null>(null)
  const shown = useMemo(
    () => (topSeq === null ? records : records.filter(({ seq }) => seq <= topSeq)),
    [records, topSeq],
  )
  const newest = records[0]?.seq ?? null
  return {
    shown,
    held: records.length - shown.length,
    onTop: (atTop: boolean) => setTopSeq((before) => (atTop ? null : (before ?? newest))),
  }
}

/** The records that match, newest first. */
export function RecordList({ pages, filtered, beside, selectedSeq, onSelect, onClear }: RecordListProps) {
  const narrow = useNarrow()
  const { shown, held, onTop } = useHeldBack(pages.records)
  if (pages.error !== null) return <ErrorState error={pages.error} onRetry={pages.retry} />
  if (pages.total === null) return <SkeletonRows rows={14} />
  if (pages.records.length === 0)
    return filtered ? (
      <EmptyState title="No record matches" action={<Button onPress={onClear}>Show all records</Button>}>
        The trail has records, but none like this.
      </EmptyState>
    ) : (
      <EmptyState title="Nothing recorded yet">
        Every act of a person, an agent or the engine is recorded here.
      </EmptyState>
    )
  return (
    <>
      {pages.tailError !== null && (
        <ErrorNotice
          error={pages.tailError}
          action={
            <Button size="small" onPress={pages.retry}>
              Retry
            </Button>
          }
        />
      )}
      {held > 0 && (
        <Button
          size="small"
          variant="primary"
          className="absolute top-10 left-1/2 z-20 -translate-x-1/2"
          icon={<ArrowUp size={12} aria-hidden />}
          onPress={() => {
            onTop(true)
            document.querySelector('[aria-label="Audit records"]')?.parentElement?.scrollTo({ top: 0 })
          }}
        >
          {plural(held, 'new record')}
        </Button>
      )}
      <VirtualTable
        label="Audit records"
        rows={shown}
        columns={beside ? BESIDE : narrow ? NARROW : WIDE}
        rowKey={(record) => String(record.seq)}
        selectedKey={selectedSeq === undefined ? null : String(selectedSeq)}
        onSelect={onSelect}
        onEnd={pages.loadMore}
        onTop={onTop}
        footer={pages.loadingMore ? <p className="px-4 py-2 text-xs text-text-3">Loading older records</p> : undefined}
      />
    </>
  )
}
