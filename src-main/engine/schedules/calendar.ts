import type { When } from '@contract'
import type { Cron } from 'croner'
import { cronOf, type Pattern, parsePattern } from './pattern'
import { type Zone, zoneOf } from './zone'

/** When a schedule is due. Instants are milliseconds since the epoch, in whole seconds for patterns. */
export interface Calendar {
  readonly zone: Zone
  /** Null for one point in time. */
  readonly pattern: Pattern | null
  /** The first due time after `afterMs`; null when none will ever come. */
  next(afterMs: number): number | null
  /** The last due time at or before `atMs`; null when there was none. */
  previous(atMs: number): number | null
  /** The local days of a span, as local midnights, that the pattern allows at all. */
  days(fromLocalMs: number, toLocalMs: number): readonly number[]
}

const SECOND_MS = 1000
const wholeSecond = (ms: number): number => Math.floor(ms / SECOND_MS) * SECOND_MS

const nextOf = (cron: Cron, afterMs: number): number | null =>
  cron.nextRun(new Date(wholeSecond(afterMs)))?.getTime() ?? null

const lastOf = (cron: Cron, atMs: number): number | null =>
  cron.previousRuns(1, new Date(wholeSecond(atMs) + SECOND_MS))[0]?.getTime() ?? null

const daysOf = ({ fields }: Pattern): Calendar['days'] => {
  const cron = cronOf({ ...fields, second: '0', minute: '0', hour: '0' }, 'UTC')
  return (fromLocalMs, toLocalMs) => {
    const days: number[] = []
    for (let at = nextOf(cron, fromLocalMs - SECOND_MS); at !== null && at < toLocalMs; at = nextOf(cron, at))
      days.push(at)
    return days
  }
}

/** A pattern of every hour: the library walks through the time that passes, over each change of the offset. */
const passingCalendar = (pattern: Pattern, zone: Zone): Calendar => {
  const cron = cronOf(pattern.fields, zone.name)
  return {
    zone,
    pattern,
    days: daysOf(pattern),
    next: (afterMs) => nextOf(cron, afterMs),
    previous: (atMs) => lastOf(cron, atMs),
  }
}

/**
 * A pattern that names hours: the library says which local times it means, in a calendar without offsets, and each of
 * them becomes one instant. One that exists twice is run the first time; those in a gap are run together at its end.
 */
const clockCalendar = (pattern: Pattern, zone: Zone): Calendar => {
  const cron = cronOf(pattern.fields, 'UTC')
  const instantOf = (localMs: number): number => zone.instantsOf(localMs)[0] ?? zone.gapEndFor(localMs) ?? localMs
  /** The last local time whose instant is not after this one: in the second pass of a repeated hour, the end of that hour. */
  const reached = (atMs: number): number => {
    const local = zone.localMs(atMs)
    const change = zone.changeNear(atMs)
    return change === null || change.atMs > atMs ? local : Math.max(local, change.atMs + change.beforeMs - SECOND_MS)
  }
  return {
    zone,
    pattern,
    days: daysOf(pattern),
    next(afterMs) {
      let local: number | null = reached(afterMs)
      for (;;) {
        local = nextOf(cron, local)
        if (local === null) return null
        const atMs = instantOf(local)
        if (atMs > afterMs) return atMs
      }
    },
    previous(atMs) {
      let local: number | null = reached(atMs)
      for (;;) {
        local = lastOf(cron, local)
        if (local === null) return null
        const due = instantOf(local)
        if (due <= atMs) return due
        local -= SECOND_MS
      }
    },
  }
}

const onceCalendar = (dueMs: number, zone: Zone): Calendar => ({
  zone,
  pattern: null,
  days: () => [],
  next: (afterMs) => (dueMs > afterMs ? dueMs : null),
  previous: (atMs) => (dueMs <= atMs ? dueMs : null),
})

/** @throws SCHED_003 naming the field that is wrong */
export const calendarOf = (when: When): Calendar => {
  const zone = zoneOf(when.zone)
  if (when.kind === 'once') return onceCalendar(when.atMs, zone)
  const pattern = parsePattern(when.pattern)
  return pattern.kind === 'passing' ? passingCalendar(pattern, zone) : clockCalendar(pattern, zone)
}
