import type { When } from '@contract'
import { type Calendar, calendarOf } from './calendar'
import type { Zone } from './zone'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** How many times a day has that is as long as any other. */
const timesOfPlainDay = ({ pattern }: Calendar): number =>
  pattern === null ? 0 : pattern.hours.length * pattern.minutes.length * pattern.seconds.length

/** The instant at which a local day begins, also where midnight does not exist. */
const beginOf = (zone: Zone, localMs: number): number =>
  zone.instantsOf(localMs)[0] ?? zone.gapEndFor(localMs) ?? localMs

/** The times of a day on which the offset changes, by the day that they are run on. */
const countChangedDay = (calendar: Calendar, dayMs: number, add: (localMs: number, count: number) => void): void => {
  const { zone, pattern } = calendar
  if (pattern === null) return
  const { seconds, minutes, hours } = pattern
  if (pattern.kind === 'passing') {
    const endMs = beginOf(zone, dayMs + DAY_MS)
    const change = zone.changeNear(beginOf(zone, dayMs))
    const offsetAt = (at: number): number =>
      change === null ? zone.offsetMs(at) : at < change.atMs ? change.beforeMs : change.afterMs
    for (let at = beginOf(zone, dayMs); at < endMs; at += MINUTE_MS)
      if (minutes.includes(new Date(at + offsetAt(at)).getUTCMinutes())) add(dayMs, seconds.length)
    return
  }
  const ends = new Set<number>()
  for (const hour of hours)
    for (const minute of minutes) {
      const local = dayMs + hour * HOUR_MS + minute * MINUTE_MS
      const end = zone.gapEndFor(local)
      if (end === null) add(dayMs, seconds.length)
      else ends.add(end)
    }
  for (const end of ends) {
    const local = new Date(zone.localMs(end))
    const due = hours.includes(local.getUTCHours()) && minutes.includes(local.getUTCMinutes()) && seconds[0] === 0
    if (!due) add(Math.floor(local.getTime() / DAY_MS) * DAY_MS, 1)
  }
}

/**
 * How often a pattern is due on each day of a month there; days without a time are left out.
 * Counted, not listed: a pattern of every second has 86 400 times a day.
 * @throws SCHED_003
 */
export const monthOf = (
  when: When,
  { year, month }: { year: number; month: number },
): { day: number; count: number }[] => {
  const calendar = calendarOf(when)
  const firstMs = Date.UTC(year, month - 1, 1)
  const endMs = Date.UTC(year, month, 1)
  const counts = new Map<number, number>()
  const add = (localMs: number, count: number): void => {
    if (localMs < firstMs || localMs >= endMs) return
    const day = new Date(localMs).getUTCDate()
    counts.set(day, (counts.get(day) ?? 0) + count)
  }
  if (when.kind === 'once') add(calendar.zone.localMs(when.atMs), 1)
  else
    for (const dayMs of calendar.days(firstMs - DAY_MS, endMs)) {
      const plain = beginOf(calendar.zone, dayMs + DAY_MS) - beginOf(calendar.zone, dayMs) === DAY_MS
      if (plain) add(dayMs, timesOfPlainDay(calendar))
      else countChangedDay(calendar, dayMs, add)
    }
  return [...counts].map(([day, count]) => ({ day, count })).sort((a, b) => a.day - b.day)
}
