import clsx from 'clsx'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { plural } from '@/lib/format'
import { Button, IconButton } from '@/ui'
import {
  type Day,
  dayAfterKey,
  dayTitle,
  type Month,
  monthOfDay,
  monthTitle,
  moveMonth,
  shortCount,
  WEEKDAYS,
  weeksOf,
} from './month'

export interface MonthGridProps {
  /** The day that is looked at; its month is shown. */
  readonly day: Day
  readonly today: Day
  /** How many times each day of the month has; null while they are reckoned. */
  readonly counts: ReadonlyMap<number, number> | null
  readonly onDay: (day: Day) => void
}

const dayNumber = (day: Day): number => Number(day.slice(8))

/** A month with the number of times of each day. One tab stop: arrows move by day and week, Page Up and Down by month. */
export function MonthGrid({ day, today, counts, onDay }: MonthGridProps) {
  const month: Month = monthOfDay(day)
  const moving = useRef(false)
  const current = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (moving.current && day !== '') current.current?.focus()
    moving.current = false
  }, [day])
  const onKeyDown = (event: KeyboardEvent) => {
    const next = dayAfterKey(day, event.key)
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    moving.current = true
    onDay(next)
  }
  const step = (by: number) => {
    const to = dayAfterKey(day, by < 0 ? 'PageUp' : 'PageDown')
    if (to !== null) onDay(to)
  }
  return (
    <section aria-label="Calendar" className="flex flex-col gap-2">
      <div className="flex items-center gap-1">
        <h2 className="text-md font-semibold" aria-live="polite">
          {monthTitle(month)}
        </h2>
        <div className="ml-auto flex items-center gap-1">
          {day !== today && (
            <Button size="small" onPress={() => onDay(today)}>
              Today
            </Button>
          )}
          <IconButton label={`Back to ${monthTitle(moveMonth(month, -1))}`} onPress={() => step(-1)}>
            <ChevronLeft size={16} aria-hidden />
          </IconButton>
          <IconButton label={`On to ${monthTitle(moveMonth(month, 1))}`} onPress={() => step(1)}>
            <ChevronRight size={16} aria-hidden />
          </IconButton>
        </div>
      </div>
      <table aria-label={monthTitle(month)} aria-busy={counts === null} className="w-full table-fixed border-collapse">
        <thead>
          <tr>
            {WEEKDAYS.map((name) => (
              <th key={name} scope="col" className="pb-1 text-left text-xs font-normal text-text-3">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={onKeyDown}>
          {weeksOf(month).map((week) => (
            <tr key={week.find((date) => date !== null) ?? ''}>
              {week.map((date, index) => {
                if (date === null) return <td key={WEEKDAYS[index]} className="border border-line bg-sunken" />
                const count = counts?.get(dayNumber(date)) ?? 0
                const chosen = date === day
                return (
                  <td key={date} className="h-12 border border-line p-0">
                    <button
                      type="button"
                      ref={chosen ? current : undefined}
                      tabIndex={chosen ? 0 : -1}
                      aria-pressed={chosen}
                      aria-current={date === today ? 'date' : undefined}
                      aria-label={`${dayTitle(date)}, ${count === 0 ? 'no time' : plural(count, 'time')}`}
                      onClick={() => onDay(date)}
                      className={clsx(
                        'flex size-full flex-col justify-between px-1.5 py-1 outline-offset-[-2px] select-none hover:bg-hover',
                        chosen && 'bg-selected',
                      )}
                    >
                      <span
                        className={clsx(
                          'num text-xs leading-4',
                          date === today ? 'font-semibold text-accent' : count === 0 ? 'text-text-3' : 'text-text-2',
                        )}
                      >
                        {dayNumber(date)}
                      </span>
                      {count > 0 && (
                        <span
                          className={clsx('num self-end text-xs leading-4 font-medium', date < today && 'text-text-3')}
                          data-count={count}
                        >
                          {count === 1 ? 'once' : `${shortCount(count)}×`}
                        </span>
                      )}
                    </button>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
