import { type TimeWindow, WEEKDAYS, type Weekday } from './types'

export interface LocalTime {
  readonly weekday: Weekday
  /** From midnight, 0 to 1439. */
  readonly minute: number
}

/** Whether the runtime knows this IANA name. */
export const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** Weekday and minute in a zone. Asking the zone data costs microseconds, so the answer is kept for its minute. */
export const createLocalTime = (zone: string): ((atMs: number) => LocalTime) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  let keptMinute = Number.NaN
  let kept: LocalTime = { weekday: 'Mon', minute: 0 }
  return (atMs) => {
    const epochMinute = Math.floor(atMs / 60_000)
    if (epochMinute === keptMinute) return kept
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
    const weekday = WEEKDAYS.find((day) => day === parts.get('weekday'))
    const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'))
    if (weekday === undefined || !Number.isInteger(minute)) throw new Error(`The time in ${zone} cannot be told.`)
    kept = { weekday, minute }
    keptMinute = epochMinute
    return kept
  }
}

/** The day before. */
const before = (day: Weekday): Weekday => WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? day

export const inWindow = (window: TimeWindow, { weekday, minute }: LocalTime): boolean => {
  const { days, startMinute, endMinute } = window
  if (startMinute < endMinute) return days.includes(weekday) && minute >= startMinute && minute < endMinute
  return (days.includes(weekday) && minute >= startMinute) || (days.includes(before(weekday)) && minute < endMinute)
}
