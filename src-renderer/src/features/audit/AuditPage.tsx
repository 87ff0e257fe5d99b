import type { AuditExport } from '@contract'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Download, Pause, Play, ShieldCheck } from 'lucide-react'
import { useMemo, useState } from 'react'
import { plural } from '@/lib/format'
import { useCommand, useRead } from '@/lib/queries'
import type { AuditSearch } from '@/lib/search'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, PageHeader, toastError, Updated } from '@/ui'
import { AuditDetail } from './AuditDetail'
import { AuditFilters } from './AuditFilters'
import { type Filter, filterOf, isFiltered } from './audit-filter'
import { ExportNotice } from './ExportNotice'
import { RecordList } from './RecordList'
import { StoryView } from './StoryView'
import { TrailStatus } from './TrailStatus'
import { useAuditPages } from './use-audit-pages'
import { useVerification } from './use-verification'
import { VerifyBanner } from './VerifyBanner'

/** What the address asks for. A span of time such as "last hour" is counted from when it was chosen. */
const useFilter = ({ seq: _seq, paused: _paused, view: _view, ...narrowing }: AuditSearch): Filter => {
  const key = JSON.stringify(narrowing)
  return useMemo(() => filterOf(JSON.parse(key) as AuditSearch, Date.now()), [key])
}

/** The audit trail: filtered in the engine, paged as it is scrolled, new records at the top as they are written. */
export function AuditPage() {
  const navigate = useNavigate()
  const search = useSearch({ from: '/audit' })
  const { seq, correlationId } = search
  const paused = search.paused === true
  const filter = useFilter(search)
  const verification = useVerification()
  const exporting = useCommand('audit.export')
  const [exported, setExported] = useState<AuditExport | null>(null)
  const pages = useAuditPages(filter, !paused)

  const change = (part: Partial<AuditSearch>) =>
    void navigate({ to: '/audit', search: (before) => ({ ...before, ...part }), replace: true })
  const move = (by: number) => {
    const index = pages.records.findIndex((record) => record.seq === seq)
    const next = pages.records[Math.min(pages.records.length - 1, Math.max(0, index + by))]
    if (next !== undefined) change({ seq: next.seq })
  }
  const pause = () => change({ paused: paused ? undefined : true })
  const runExport = async () => {
    const outcome = await exporting.run({})
    if (outcome.ok) setExported(outcome.value)
    else toastError(outcome.error)
  }
  useShortcuts([
    { keys: 'j', label: 'Next record', group: 'Audit', run: () => move(1) },
    { keys: 'k', label: 'Previous record', group: 'Audit', run: () => move(-1) },
    { keys: 'v', label: 'Verify', group: 'Audit', run: verification.run },
    { keys: 'l', label: 'Pause or follow new records', group: 'Audit', run: pause },
    { keys: '/', label: 'Search the trail', group: 'Audit', run: () => document.getElementById('audit-text')?.focus() },
    { keys: 'Escape', label: 'Close the record', group: 'Audit', run: () => change({ seq: undefined }) },
  ])
  // A record that is linked to may be older than what is loaded.
  const listed = pages.records.find((record) => record.seq === seq)
  const alone = useRead(
    'audit.list',
    { filter: {}, beforeSeq: (seq ?? 0) + 1, limit: 1 },
    { enabled: seq !== undefined && listed === undefined && pages.total !== null },
  ).data?.records[0]
  const selected = listed ?? (alone?.seq === seq ? alone : undefined)
  const filtered = isFiltered(filter)
  const story = search.view === 'story' ? correlationId : undefined

  return (
    <>
      <PageHeader
        title="Audit"
        note={
          pages.total === null ? undefined : (
            <span className="num">
              {plural(pages.total, 'record')}
              {filtered && ' match'} · <Updated atMs={pages.updatedAtMs} />
            </span>
          )
        }
      >
        {correlationId !== undefined && (
          <Button onPress={() => change({ view: story === undefined ? 'story' : undefined })}>
            {story === undefined ? 'Tell as a story' : 'Show as a list'}
          </Button>
        )}
        <Button
          icon={paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
          onPress={pause}
          keyHint="L"
        >
          {paused ? 'Follow' : 'Pause'}
        </Button>
        <Button icon={<Download size={14} aria-hidden />} busy={exporting.busy} onPress={() => void runExport()}>
          Export
        </Button>
        <Button
          icon={<ShieldCheck size={14} aria-hidden />}
          busy={verification.busy}
          keyHint="V"
          onPress={verification.run}
        >
          Verify
        </Button>
      </PageHeader>
      <TrailStatus />
      <VerifyBanner
        verification={verification}
        onShow={(bad) => void navigate({ to: '/audit', search: { seq: bad } })}
      />
      {exported !== null && <ExportNotice exported={exported} onClose={() => setExported(null)} />}
      <AuditFilters searching={pages.fetching} />
      <div className="flex min-h-0 flex-1">
        <section aria-label="Records" className="relative flex min-h-0 min-w-0 flex-1 flex-col">
          {story !== undefined ? (
            <StoryView correlationId={story} selectedSeq={seq ?? null} onSelect={(next) => change({ seq: next })} />
          ) : (
            <RecordList
              pages={pages}
              filtered={filtered}
              beside={selected !== undefined}
              selectedSeq={seq}
              onSelect={(record) => change({ seq: record.seq })}
              onClear={() => void navigate({ to: '/audit', search: {} })}
            />
          )}
        </section>
        {selected !== undefined && (
          <AuditDetail
            key={selected.seq}
            record={selected}
            onClose={() => change({ seq: undefined })}
            onCorrelation={(id) =>
              void navigate({ to: '/audit', search: { correlationId: id, seq: selected.seq, view: 'story' } })
            }
          />
        )}
      </div>
    </>
  )
}
