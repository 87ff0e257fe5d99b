import type { Schedule } from '@contract'
import { formatCount, formatDateTime } from '@/lib/format'
import { Age, type Column, StatusBadge } from '@/ui'
import { RUN_LOOKS, SCHEDULE_LOOKS } from './looks'
import { Until } from './Until'

const status = (compact: boolean): Column<Schedule> => ({
  id: 'status',
  title: 'State',
  track: compact ? '1.25rem' : '6.5rem',
  hideTitle: compact,
  cell: (schedule) => <StatusBadge look={SCHEDULE_LOOKS[schedule.status]} compact={compact} />,
})

const NAME: Column<Schedule> = {
  id: 'name',
  title: 'Name',
  track: 'minmax(6rem,1.4fr)',
  cell: (schedule) => <span className="font-medium">{schedule.definition.name}</span>,
}

const whenText = ({ when }: Schedule['definition']): string =>
  when.kind === 'cron' ? when.pattern : `once, ${formatDateTime(when.atMs)}`

const next = (track: string, withTime: boolean): Column<Schedule> => ({
  id: 'next',
  title: 'Next',
  track,
  align: 'end',
  cell: ({ nextAtMs }) =>
    nextAtMs === null ? (
      <span className="text-text-3">not planned</span>
    ) : (
      <span className="num">
        <Until atMs={nextAtMs} />
        {withTime && <span className="ml-2 text-text-3">{formatDateTime(nextAtMs).slice(5, 16)}</span>}
      </span>
    ),
})

/** The list while a schedule is open beside it. */
export const COMPACT_COLUMNS: readonly Column<Schedule>[] = [status(true), NAME, next('6rem', false)]

/** The list alone. */
export const columnsFor = (narrow: boolean): readonly Column<Schedule>[] => [
  status(false),
  NAME,
  {
    id: 'agent',
    title: 'Agent',
    track: 'minmax(6rem,1fr)',
    cell: (schedule) => <span className="text-text-2">{schedule.agentName}</span>,
  },
  {
    id: 'when',
    title: 'When',
    track: 'minmax(7rem,1fr)',
    cell: ({ definition }) => <span className="font-mono text-xs">{whenText(definition)}</span>,
  },
  ...(narrow
    ? []
    : [
        {
          id: 'zone',
          title: 'Zone',
          track: 'minmax(6rem,0.8fr)',
          cell: ({ definition }: Schedule) => <span className="text-text-2">{definition.when.zone}</span>,
        },
      ]),
  next('11.5rem', true),
  {
    id: 'last',
    title: 'Last result',
    track: narrow ? '6.5rem' : '10rem',
    cell: ({ lastRun }) =>
      lastRun === null ? (
        <span className="text-text-3">none yet</span>
      ) : (
        <span className="flex items-center gap-2">
          <StatusBadge look={RUN_LOOKS[lastRun.state]} />
          {!narrow && <Age atMs={lastRun.endedAtMs ?? lastRun.dueAtMs} className="num truncate text-text-3" />}
        </span>
      ),
  },
  {
    id: 'succeeded',
    title: 'Succeeded',
    track: '4.5rem',
    align: 'end',
    cell: ({ runs }) => <span className="num">{formatCount(runs.succeeded)}</span>,
  },
  {
    id: 'failed',
    title: 'Failed',
    track: '3.5rem',
    align: 'end',
    cell: ({ runs }) => (
      <span className={runs.failed > 0 ? 'num text-bad' : 'num text-text-3'}>{formatCount(runs.failed)}</span>
    ),
  },
]
