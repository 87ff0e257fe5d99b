import type { Breaker } from '@contract'
import { useState } from 'react'
import { useNow } from '@/lib/clock'
import { formatCountdown } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { Age, Button, type Column, EmptyState, Loaded, StatusBadge, UntrustedText, VirtualTable } from '@/ui'
import { BREAKER_LOOKS, BREAKER_NAMES, byUrgency, nextProbeWords, windowWords } from './breaker-words'
import { ProbeDialog } from './ProbeDialog'

function NextProbe({ breaker }: { readonly breaker: Breaker }) {
  const now = useNow()
  return <span className="num text-text-2">{nextProbeWords(breaker, now, formatCountdown)}</span>
}

const columnsFor = (onProbe: (breaker: Breaker) => void): readonly Column<Breaker>[] => [
  {
    id: 'state',
    title: 'State',
    track: '7rem',
    cell: (row) => <StatusBadge look={BREAKER_LOOKS[row.state]} />,
  },
  {
    id: 'name',
    title: 'Guards',
    track: 'minmax(12rem,1fr)',
    cell: (row) => (
      <span>
        <span className="text-text-3">{BREAKER_NAMES[row.kind]} </span>
        <span className="font-medium">{row.name}</span>
      </span>
    ),
  },
  {
    id: 'failures',
    title: 'Failures',
    track: '9rem',
    cell: (row) => (
      <span className="num" title={`${row.successes} went well in the same time`}>
        {row.failures} of {row.threshold} <span className="text-text-3">in {windowWords(row.windowMs)}</span>
      </span>
    ),
  },
  { id: 'next', title: 'Next try', track: '8rem', cell: (row) => <NextProbe breaker={row} /> },
  {
    id: 'trips',
    title: 'Opened',
    track: '4.5rem',
    align: 'end',
    cell: (row) => <span className="num">{row.trips}</span>,
  },
  {
    id: 'error',
    title: 'Last failure',
    track: 'minmax(0,1.4fr)',
    cell: (row) =>
      row.lastError === null ? (
        <span className="text-text-3">none</span>
      ) : (
        <span>
          <span className="font-mono text-xs text-text-3">{row.lastError.code}</span>{' '}
          <UntrustedText text={row.lastError.message} /> <Age atMs={row.lastError.atMs} className="num text-text-3" />
        </span>
      ),
  },
  {
    id: 'act',
    title: 'Act',
    hideTitle: true,
    track: '5rem',
    align: 'end',
    cell: (row) =>
      row.state === 'closed' ? null : (
        <Button size="small" aria-label={`Try ${row.name} now`} onPress={() => onProbe(row)}>
          Try now
        </Button>
      ),
  },
]

/** What is not tried for now because it failed too often of late, and when it will be. */
export function BreakersTab() {
  const read = useRead('breakers.list', {})
  const [selected, setSelected] = useState<string | null>(null)
  const [probed, setProbed] = useState<Breaker | null>(null)
  const [columns] = useState(() => columnsFor(setProbed))
  return (
    <Loaded read={read}>
      {(breakers) => (
        <>
          {breakers.length === 0 ? (
            <EmptyState title="Nothing has failed yet">
              Each back-end, tool and endpoint gets a breaker with its first call. It opens when calls fail again and
              again, so that no more are sent until one that is let through goes well.
            </EmptyState>
          ) : (
            <VirtualTable
              label="Breakers"
              rows={byUrgency(breakers)}
              columns={columns}
              rowKey={(row) => row.id}
              selectedKey={selected}
              onSelect={(row) => setSelected(row.id)}
              onOpen={(row) => (row.state === 'closed' ? undefined : setProbed(row))}
            />
          )}
          {probed !== null && <ProbeDialog breaker={probed} onClose={() => setProbed(null)} />}
        </>
      )}
    </Loaded>
  )
}
