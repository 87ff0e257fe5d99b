import type { Schedule } from '@contract'
import { useMemo, useState } from 'react'
import { formatCount, plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { ErrorNotice } from '@/ui'
import { MonthGrid } from './MonthGrid'
import { type Day, dayTitle, monthOfDay } from './month'
import { TimeRow, useComing } from './WhenPreview'
import { instantOf, isZone, wallText } from './zone-time'

const NEXT = 12
const LISTED = 100

/** The coming times: how many a day has, and which they are. */
export function TimesTab({ schedule }: { readonly schedule: Schedule }) {
  const { when } = schedule.definition
  const [openedAtMs] = useState(() => Date.now())
  const zone = isZone(when.zone) ? when.zone : 'UTC'
  const today: Day = wallText(openedAtMs, zone).slice(0, 10)
  const [day, setDay] = useState<Day>(() => wallText(schedule.nextAtMs ?? openedAtMs, zone).slice(0, 10))
  const [picked, setPicked] = useState(false)
  const month = monthOfDay(day)
  const read = useRead('schedules.month', { when, ...month }, { keepPrevious: true })
  const counts = useMemo(
    () =>
      read.data === undefined || read.isPlaceholderData
        ? null
        : new Map(read.data.days.map(({ day: number, count }) => [number, count])),
    [read.data, read.isPlaceholderData],
  )
  // One before the next time, so that the list changes with it and not with each moment.
  const coming = useComing(when, schedule.nextAtMs === null ? openedAtMs : schedule.nextAtMs - 1, NEXT)
  const dayStartMs = instantOf(day, zone) ?? openedAtMs
  const count = counts?.get(Number(day.slice(8))) ?? 0
  const ofDay = useComing(when, Math.max(0, dayStartMs - 1), Math.min(LISTED, Math.max(1, count)))
  const dayTimes = count === 0 ? [] : ofDay.times.filter((time) => time.local.startsWith(day))
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(15rem,20rem)] overflow-hidden">
      <div className="min-w-0 overflow-y-auto px-4 py-3">
        {read.error !== null && <ErrorNotice error={read.error} />}
        <MonthGrid
          day={day}
          today={today}
          counts={counts}
          onDay={(next) => {
            setDay(next)
            setPicked(true)
          }}
        />
        <p className="mt-2 text-xs text-text-3">
          Days and times are those of {when.zone}. Arrows move by day and week, Page Up and Page Down by month.
        </p>
      </div>
      <div className="flex min-w-0 flex-col gap-4 overflow-y-auto border-l border-line px-4 py-3">
        {picked && (
          <section aria-label="Times of the day">
            <h3 className="section-title mb-1">{dayTitle(day)}</h3>
            {counts !== null && count === 0 ? (
              <p className="text-text-3">No time on this day.</p>
            ) : (
              <ol aria-busy={ofDay.stale}>
                {dayTimes.map((time) => (
                  <TimeRow key={time.atMs} time={time} />
                ))}
              </ol>
            )}
            {count > dayTimes.length && dayTimes.length > 0 && (
              <p className="num mt-1 text-xs text-text-3">
                and {formatCount(count - dayTimes.length)} more of {plural(count, 'time')}
              </p>
            )}
          </section>
        )}
        <section aria-label="Next times">
          <h3 className="section-title mb-1">Next times</h3>
          {schedule.nextAtMs === null && (
            <p className="mb-1 text-xs text-wait">
              {schedule.status === 'completed'
                ? 'It is completed: none of these is run.'
                : 'Not run while it stands still.'}
            </p>
          )}
          {coming.error !== null && <ErrorNotice error={coming.error} />}
          {coming.error === null && coming.times.length === 0 && !coming.stale && (
            <p className="text-text-3">No time will come.</p>
          )}
          <ol aria-label="Next times">
            {coming.times.map((time) => (
              <TimeRow key={time.atMs} time={time} near={schedule.nextAtMs !== null} />
            ))}
          </ol>
        </section>
      </div>
    </div>
  )
}
