import type { Schedule } from '@contract'
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import clsx from 'clsx'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { useNarrow } from '@/lib/use-narrow'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, EmptyState, ErrorNotice, Loaded, PageHeader, TextInput, Updated, VirtualTable } from '@/ui'
import { ScheduleDialog } from './ScheduleDialog'
import { COMPACT_COLUMNS, columnsFor } from './schedule-columns'

const matches = ({ definition, agentName }: Schedule, needle: string): boolean =>
  `${definition.name} ${agentName} ${definition.when.zone} ${definition.when.kind === 'cron' ? definition.when.pattern : 'once'}`
    .toLowerCase()
    .includes(needle)

/** All schedules; one that is chosen opens beside the list. */
export function SchedulesPage() {
  const navigate = useNavigate()
  const search = useSearch({ from: '/schedules' })
  const { scheduleId } = useParams({ strict: false })
  const narrow = useNarrow()
  const [creating, setCreating] = useState(false)
  const read = useRead('schedules.list', {})
  const open = scheduleId !== undefined
  const needle = (search.q ?? '').trim().toLowerCase()
  const rows = (read.data ?? []).filter((schedule) => matches(schedule, needle))
  const deadLetters = (read.data ?? []).filter(({ status }) => status === 'dead-letter').length

  const show = (id: string) =>
    void navigate({
      to: '/schedules/$scheduleId',
      params: { scheduleId: id },
      search,
      replace: open,
      resetScroll: false,
    })
  const move = (by: number) => {
    const index = rows.findIndex(({ id }) => id === scheduleId)
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + by))]
    if (next === undefined) return
    show(next.id)
    document.querySelector<HTMLElement>('#schedule-list [role="grid"]')?.focus({ preventScroll: true })
  }
  useShortcuts([
    { keys: 'j', label: 'Next schedule', group: 'Schedules', run: () => move(1) },
    { keys: 'k', label: 'Previous schedule', group: 'Schedules', run: () => move(-1) },
    { keys: 'n', label: 'New schedule', group: 'Schedules', run: () => setCreating(true) },
    {
      keys: '/',
      label: 'Filter schedules',
      group: 'Schedules',
      run: () => document.getElementById('schedule-filter')?.focus(),
    },
  ])
  const newButton = (
    <Button variant="primary" icon={<Plus size={14} aria-hidden />} onPress={() => setCreating(true)}>
      New schedule
    </Button>
  )
  return (
    <div className="flex min-h-0 flex-1">
      <section
        id="schedule-list"
        aria-label="Schedule list"
        className={clsx(
          'flex min-h-0 flex-col',
          open ? 'w-72 shrink-0 border-r border-line wide:w-88' : 'min-w-0 flex-1',
        )}
      >
        <PageHeader
          title="Schedules"
          note={
            open || read.data === undefined ? undefined : (
              <>
                {plural(read.data.length, 'schedule')}
                {deadLetters > 0 && <span className="text-bad">, {plural(deadLetters, 'dead letter')}</span>} ·{' '}
                <Updated atMs={read.dataUpdatedAt} />
              </>
            )
          }
        >
          {read.data?.length !== 0 && newButton}
        </PageHeader>
        <Loaded read={read}>
          {(all) =>
            all.length === 0 ? (
              <EmptyState title="No schedules yet" action={newButton}>
                A schedule runs an agent by the calendar, and keeps what came of each time.
              </EmptyState>
            ) : (
              <>
                {read.error !== null && <ErrorNotice error={read.error} />}
                <div className="flex h-10 shrink-0 items-center border-b border-line px-4">
                  <TextInput
                    id="schedule-filter"
                    aria-label="Filter schedules"
                    placeholder="Filter by name, agent, pattern or zone"
                    value={search.q ?? ''}
                    onChange={(event) =>
                      void navigate({
                        to: '.',
                        search: { ...search, q: event.target.value === '' ? undefined : event.target.value },
                        replace: true,
                      })
                    }
                    className="max-w-72"
                  />
                </div>
                {rows.length === 0 ? (
                  <EmptyState
                    title="No schedule matches"
                    action={
                      <Button
                        onPress={() => void navigate({ to: '.', search: { ...search, q: undefined }, replace: true })}
                      >
                        Clear the filter
                      </Button>
                    }
                  >
                    None of {plural(all.length, 'schedule')} has this in its name, agent, pattern or zone.
                  </EmptyState>
                ) : (
                  <VirtualTable
                    label="Schedules"
                    rows={rows}
                    columns={open ? COMPACT_COLUMNS : columnsFor(narrow)}
                    rowKey={({ id }) => id}
                    selectedKey={scheduleId ?? null}
                    onSelect={({ id }) => show(id)}
                    onOpen={() => document.getElementById('schedule-detail')?.focus()}
                  />
                )}
              </>
            )
          }
        </Loaded>
      </section>
      {open && (
        <section
          id="schedule-detail"
          aria-label="Schedule"
          tabIndex={-1}
          className="flex min-h-0 min-w-0 flex-1 flex-col outline-none"
        >
          <Outlet />
        </section>
      )}
      {creating && (
        <ScheduleDialog
          schedule={null}
          onClose={() => setCreating(false)}
          onSaved={({ id }) => {
            setCreating(false)
            show(id)
          }}
        />
      )}
    </div>
  )
}
