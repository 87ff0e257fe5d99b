import type { Schedule, ScheduleRun } from '@contract'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { formatDateTime, formatDuration, plural, shortId } from '@/lib/format'
import { useNarrow } from '@/lib/use-narrow'
import {
  type Column,
  EmptyState,
  END_CAUSES,
  ErrorState,
  EXECUTION_LOOKS,
  Select,
  SkeletonRows,
  StatusBadge,
  UntrustedText,
  VirtualTable,
} from '@/ui'
import { RUN_LOOKS, RUN_STATE_ORDER, TRIGGERS } from './looks'
import { useHistory } from './use-history'

const COLUMNS: readonly Column<ScheduleRun>[] = [
  { id: 'state', title: 'Result', track: '7rem', cell: (run) => <StatusBadge look={RUN_LOOKS[run.state]} /> },
  {
    id: 'due',
    title: 'Due',
    track: '9.5rem',
    cell: (run) => <span className="num">{formatDateTime(run.dueAtMs)}</span>,
  },
  {
    id: 'trigger',
    title: 'Due by',
    track: '7rem',
    cell: (run) => <span className="text-text-2">{TRIGGERS[run.trigger]}</span>,
  },
  {
    id: 'attempts',
    title: 'Attempts',
    track: '4.5rem',
    align: 'end',
    cell: (run) => <span className="num">{run.attempts.length}</span>,
  },
  {
    id: 'took',
    title: 'Ended after',
    track: '6rem',
    align: 'end',
    cell: (run) => (
      <span className="num text-text-2">
        {run.endedAtMs === null || run.attempts.length === 0
          ? ''
          : formatDuration(Math.max(0, run.endedAtMs - run.dueAtMs))}
      </span>
    ),
  },
  {
    id: 'reason',
    title: 'Reason',
    track: 'minmax(8rem,1fr)',
    cell: (run) => (
      <span className="text-text-2">
        {run.reason !== null && <UntrustedText text={run.reason} className="font-sans! text-sm!" />}
      </span>
    ),
  },
]

const NARROW_COLUMNS = COLUMNS.filter(({ id }) => id !== 'trigger')

/** One time in full: each attempt leads to its run. */
function RunDetail({ run, schedule }: { readonly run: ScheduleRun; readonly schedule: Schedule }) {
  return (
    <section
      aria-label="Attempts"
      className="flex max-h-56 shrink-0 flex-col gap-2 overflow-y-auto border-t border-line-strong px-4 py-3"
    >
      <p className="flex flex-wrap items-baseline gap-x-3">
        <StatusBadge look={RUN_LOOKS[run.state]} className="font-medium" />
        <span className="num">due {formatDateTime(run.dueAtMs)}</span>
        <span className="text-text-3">by {TRIGGERS[run.trigger]}</span>
        {run.code !== null && <span className="font-mono text-xs text-text-3">{run.code}</span>}
      </p>
      {run.reason !== null && (
        <p>
          <UntrustedText text={run.reason} className="font-sans! text-sm!" />
        </p>
      )}
      {run.attempts.length === 0 ? (
        <p className="text-text-3">No run was started for it.</p>
      ) : (
        <ol className="flex flex-col">
          {run.attempts.map((attempt, index) => (
            <li key={attempt.executionId} className="flex min-h-7 flex-wrap items-center gap-x-3">
              <span className="num w-20 text-text-3">attempt {index + 1}</span>
              <StatusBadge look={EXECUTION_LOOKS[attempt.state]} className="w-24" />
              <span className="num text-text-2">{formatDateTime(attempt.startedAtMs)}</span>
              <span className="text-text-2">{attempt.endCause === null ? '' : END_CAUSES[attempt.endCause]}</span>
              <Link
                to="/agents/$agentId"
                params={{ agentId: schedule.definition.agentId }}
                search={{ tab: 'runs', run: attempt.executionId }}
                aria-label={`Open the run of attempt ${index + 1}`}
                className="font-mono text-xs text-accent underline underline-offset-2"
              >
                {shortId(attempt.executionId)}
              </Link>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** What came of each time, newest first. */
export function HistoryTab({ schedule }: { readonly schedule: Schedule }) {
  const [state, setState] = useState<ScheduleRun['state'] | undefined>(undefined)
  const [selected, setSelected] = useState<number | null>(null)
  const history = useHistory(schedule.id, state)
  const narrow = useNarrow()
  if (history.error !== null) return <ErrorState error={history.error} onRetry={history.retry} />
  if (history.runs === null) return <SkeletonRows />
  const { runs } = history
  const chosen = runs.find((run) => run.seq === selected) ?? runs[0]
  return (
    <>
      <div className="flex h-10 shrink-0 items-center gap-3 border-b border-line px-4">
        <Select
          aria-label="Result"
          className="w-40!"
          value={state ?? ''}
          onChange={(event) => {
            setState(RUN_STATE_ORDER.find((candidate) => candidate === event.target.value))
            setSelected(null)
          }}
        >
          <option value="">All results</option>
          {RUN_STATE_ORDER.map((candidate) => (
            <option key={candidate} value={candidate}>
              {RUN_LOOKS[candidate].word}
            </option>
          ))}
        </Select>
        <span className="num truncate text-xs text-text-3">
          the last {plural(schedule.definition.keepRuns, 'ended run')} are kept
        </span>
      </div>
      {chosen === undefined ? (
        <EmptyState title={state === undefined ? 'No time has come yet' : 'No time with this result'}>
          {state === undefined
            ? 'What comes of each time is listed here, with its attempts.'
            : 'Choose all results to see the others.'}
        </EmptyState>
      ) : (
        <>
          <VirtualTable
            label="Schedule history"
            rows={runs}
            columns={narrow ? NARROW_COLUMNS : COLUMNS}
            rowKey={(run) => String(run.seq)}
            selectedKey={String(chosen.seq)}
            onSelect={(run) => setSelected(run.seq)}
            onEnd={history.loadMore}
          />
          <RunDetail run={chosen} schedule={schedule} />
        </>
      )}
    </>
  )
}
