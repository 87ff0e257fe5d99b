import type { Schedule } from '@contract'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Pause, Play, SkipForward, X } from 'lucide-react'
import { useState } from 'react'
import { formatCount, formatDateTime } from '@/lib/format'
import { useRead } from '@/lib/queries'
import type { ScheduleTab } from '@/lib/search'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, IconButton, Loaded, Notice, SkeletonBlock, StatusBadge, Tabs, UntrustedText } from '@/ui'
import { DefinitionTab } from './DefinitionTab'
import { HistoryTab } from './HistoryTab'
import { SCHEDULE_LOOKS } from './looks'
import { RemoveDialog } from './RemoveDialog'
import { ScheduleDialog } from './ScheduleDialog'
import { TimesTab } from './TimesTab'
import { Until } from './Until'
import { type ScheduleActs, useScheduleActs } from './use-schedule-acts'
import { useComing } from './WhenPreview'

const TABS: readonly { readonly id: ScheduleTab; readonly label: string }[] = [
  { id: 'times', label: 'Times' },
  { id: 'history', label: 'History' },
  { id: 'definition', label: 'Definition' },
]

interface HeaderProps {
  readonly schedule: Schedule
  readonly acts: ScheduleActs
  readonly onRemove: () => void
  readonly onClose: () => void
}

function Counts({ schedule }: { readonly schedule: Schedule }) {
  const { succeeded, failed, skipped } = schedule.runs
  return (
    <span className="num">
      {formatCount(succeeded)} succeeded,{' '}
      <span className={failed > 0 ? 'text-bad' : undefined}>{formatCount(failed)} failed</span>, {formatCount(skipped)}{' '}
      skipped
      {schedule.running > 0 && <span className="text-run">, {formatCount(schedule.running)} running</span>}
    </span>
  )
}

function Header({ schedule, acts, onRemove, onClose }: HeaderProps) {
  const { definition, status, statusReason, nextAtMs } = schedule
  const { description } = useComing(definition.when, schedule.createdAtMs, 1)
  return (
    <header className="shrink-0 px-4 pt-3 pb-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 truncate text-lg font-semibold tracking-[-0.01em]">{definition.name}</h1>
        <span data-status={status} className="inline-flex font-medium">
          <StatusBadge look={SCHEDULE_LOOKS[status]} />
        </span>
        <div className="ml-auto flex items-center gap-2">
          <Button icon={<Play size={14} aria-hidden />} busy={acts.busy} onPress={() => void acts.runNow()}>
            Run now
          </Button>
          {acts.canPause && (
            <Button icon={<Pause size={14} aria-hidden />} busy={acts.busy} onPress={() => void acts.pause()}>
              Pause
            </Button>
          )}
          {status === 'paused' && (
            <Button
              variant="primary"
              icon={<SkipForward size={14} aria-hidden />}
              busy={acts.busy}
              onPress={() => void acts.resume()}
            >
              Resume
            </Button>
          )}
          <Button variant="danger-quiet" onPress={onRemove}>
            Remove
          </Button>
          <IconButton label="Close" keyHint="Esc" onPress={onClose}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      </div>
      <p className="mt-1" data-testid="schedule-words">
        {description ?? <span className="text-text-3">…</span>}
      </p>
      {status === 'dead-letter' ? (
        <div className="mt-2">
          <Notice
            tone="bad"
            role="alert"
            title="Set aside as a dead letter: it is not run any more."
            action={
              <Button variant="primary" busy={acts.busy} onPress={() => void acts.resume()}>
                Revive
              </Button>
            }
          >
            <UntrustedText text={statusReason ?? ''} className="font-sans! text-sm!" />
          </Notice>
        </div>
      ) : (
        status === 'paused' &&
        statusReason !== null && (
          <p className="mt-1 text-text-2">
            <UntrustedText text={statusReason} className="font-sans! text-sm!" />
          </p>
        )
      )}
      <p className="mt-1 flex flex-wrap items-center gap-x-3 text-xs text-text-3">
        <span>
          runs{' '}
          <Link
            to="/agents/$agentId"
            params={{ agentId: definition.agentId }}
            className="text-accent underline underline-offset-2"
          >
            {schedule.agentName}
          </Link>
        </span>
        {nextAtMs !== null && (
          <span>
            next <Until atMs={nextAtMs} className="text-text-2" />,{' '}
            <span className="num">{formatDateTime(nextAtMs)}</span> here
          </span>
        )}
        <Counts schedule={schedule} />
        {schedule.failuresInARow > 0 && status === 'active' && (
          <span className="num text-wait">
            {schedule.failuresInARow} of {definition.deadLetterAfter} failures in a row
          </span>
        )}
      </p>
    </header>
  )
}

/** One schedule: when it runs, what came of it, what can be done. */
export function ScheduleDetailPage() {
  const navigate = useNavigate()
  const { scheduleId } = useParams({ from: '/schedules/$scheduleId' })
  const search = useSearch({ from: '/schedules' })
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null)
  const read = useRead('schedules.get', { id: scheduleId })
  const acts = useScheduleActs(read.data)
  const tab = search.tab ?? 'times'
  const leave = () => void navigate({ to: '/schedules', search: { ...search, tab: undefined } })
  const show = (id: ScheduleTab) =>
    void navigate({ to: '.', search: { ...search, tab: id === 'times' ? undefined : id }, replace: true })
  useShortcuts([
    { keys: 'Escape', label: 'Close the schedule', group: 'Schedules', run: leave },
    { keys: 'shift+Enter', label: 'Run the schedule now', group: 'Schedules', run: () => void acts.runNow() },
    {
      keys: 'p',
      label: 'Pause or resume the schedule',
      group: 'Schedules',
      run: () => void (acts.canPause ? acts.pause() : acts.resume()),
    },
    { keys: 'e', label: 'Edit the schedule', group: 'Schedules', run: () => setOpen('edit') },
    ...TABS.map((item, index) => ({
      keys: String(index + 1),
      label: `Show ${item.label}`,
      group: 'Schedules',
      run: () => show(item.id),
    })),
  ])
  return (
    <Loaded read={read} skeleton={<SkeletonBlock />}>
      {(schedule) => (
        <>
          <Header schedule={schedule} acts={acts} onRemove={() => setOpen('remove')} onClose={leave} />
          <Tabs label="Schedule" items={TABS} selected={tab} onSelect={show}>
            {tab === 'times' && <TimesTab key={`${schedule.id} ${schedule.version}`} schedule={schedule} />}
            {tab === 'history' && <HistoryTab key={schedule.id} schedule={schedule} />}
            {tab === 'definition' && <DefinitionTab schedule={schedule} onEdit={() => setOpen('edit')} />}
          </Tabs>
          {open === 'edit' && (
            <ScheduleDialog schedule={schedule} onClose={() => setOpen(null)} onSaved={() => setOpen(null)} />
          )}
          {open === 'remove' && (
            <RemoveDialog
              schedule={schedule}
              onClose={() => setOpen(null)}
              onRemoved={() => {
                setOpen(null)
                leave()
              }}
            />
          )}
        </>
      )}
    </Loaded>
  )
}
