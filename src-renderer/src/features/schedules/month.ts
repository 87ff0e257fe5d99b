/** A month of the calendar, 1 to 12. */
export interface Month {
  readonly year: number
  readonly month: number
}

/** One day, as 2026-10-25. */
export type Day = string

const pad = (value: number): string => String(value).padStart(2, '0')

const dayText = (date: Date): Day => `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`

const dateOf = (day: Day): Date => new Date(`${day}T00:00:00Z`)

export const dayOf = ({ year, month }: Month, day: number): Day => `${year}-${pad(month)}-${pad(day)}`

export const monthOfDay = (day: Day): Month => {
  const date = dateOf(day)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 }
}

export const moveMonth = ({ year, month }: Month, by: number): Month => {
  const date = new Date(Date.UTC(year, month - 1 + by, 1))
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 }
}

/** "October 2026". */
export const monthTitle = ({ year, month }: Month): string =>
  `${new Intl.DateTimeFormat('en-US', { month: 'long', timeZone: 'UTC' }).format(Date.UTC(year, month - 1, 1))} ${year}`

/** "Sunday, October 25, 2026". */
export const dayTitle = (day: Day): string =>
  new Intl.DateTimeFormat('en-US', { dateStyle: 'full', timeZone: 'UTC' }).format(dateOf(day))

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

/** The weeks of a month, Monday first; the days of its neighbours are null. */
export const weeksOf = (month: Month): readonly (readonly (Day | null)[])[] => {
  const count = new Date(Date.UTC(month.year, month.month, 0)).getUTCDate()
  const lead = (new Date(Date.UTC(month.year, month.month - 1, 1)).getUTCDay() + 6) % 7
  const cells: (Day | null)[] = [
    ...Array.from({ length: lead }, () => null),
    ...Array.from({ length: count }, (_, index) => dayOf(month, index + 1)),
  ]
  while (cells.length % 7 !== 0) cells.push(null)
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
}

const moved = (day: Day, days: number): Day => {
  const date = dateOf(day)
  date.setUTCDate(date.getUTCDate() + days)
  return dayText(date)
}

const movedMonth = (day: Day, by: number): Day => {
  const target = moveMonth(monthOfDay(day), by)
  const last = new Date(Date.UTC(target.year, target.month, 0)).getUTCDate()
  return dayOf(target, Math.min(dateOf(day).getUTCDate(), last))
}

/** Where a key of the keyboard leads from a day; null for a key that means nothing here. */
export const dayAfterKey = (day: Day, key: string): Day | null => {
  const weekday = (dateOf(day).getUTCDay() + 6) % 7
  switch (key) {
    case 'ArrowLeft':
      return moved(day, -1)
    case 'ArrowRight':
      return moved(day, 1)
    case 'ArrowUp':
      return moved(day, -7)
    case 'ArrowDown':
      return moved(day, 7)
    case 'Home':
      return moved(day, -weekday)
    case 'End':
      return moved(day, 6 - weekday)
    case 'PageUp':
      return movedMonth(day, -1)
    case 'PageDown':
      return movedMonth(day, 1)
    default:
      return null
  }
}

/** A count that fits into a cell: 24, 1.4k, 86k. */
export const shortCount = (count: number): string => {
  if (count < 1000) return String(count)
  return count < 10_000 ? `${(count / 1000).toFixed(1)}k` : `${Math.round(count / 1000)}k`
}
