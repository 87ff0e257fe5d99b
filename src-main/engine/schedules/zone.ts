import { RuntimeError } from '../core'

const SECOND_MS = 1000
const DAY_MS = 86_400_000
/** Days whose offset is kept, about ten years. */
const MOST_DAYS = 4_000

/**
 * A clock on the wall of one zone. "Local" milliseconds are what that clock shows, written down as if it stood in UTC:
 * they compare and count like a calendar, and have no offset of their own.
 */
export interface Zone {
  readonly name: string
  /** Local time less UTC, at an instant. */
  offsetMs(atMs: number): number
  localMs(atMs: number): number
  /** The change of the offset that this instant lies within a day of, when there is one. */
  changeNear(atMs: number): OffsetChange | null
  /** Every instant at which the clock shows this local time: none in spring's gap, two in autumn's repeated hour. */
  instantsOf(localMs: number): readonly number[]
  /** Where a local time that does not exist is made up for: the first instant after the gap that it lies in. */
  gapEndFor(localMs: number): number | null
}

/** The instant from which another offset holds. */
export interface OffsetChange {
  readonly atMs: number
  readonly beforeMs: number
  readonly afterMs: number
}

const invalidZone = (name: string): RuntimeError =>
  new RuntimeError('SCHED_003', `"${name}" is not the name of a time zone.`, {
    details: { field: 'zone' },
    nextStep: 'Choose a name of the IANA list, such as Europe/Berlin or UTC.',
  })

const formatterOf = (name: string): Intl.DateTimeFormat => {
  // Intl takes bare offsets such as +02:00 as well; a schedule wants a place, so that summer time is known.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) throw invalidZone(name)
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw invalidZone(name)
  }
}

const open = (name: string): Zone => {
  const formatter = formatterOf(name)

  const readOffset = (atMs: number): number => {
    const wholeMs = Math.floor(atMs / SECOND_MS) * SECOND_MS
    const parts: Record<string, number> = {}
    for (const { type, value } of formatter.formatToParts(wholeMs)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs
  }

  /** Offsets at the beginning of UTC days. */
  const known = new Map<number, number>()
  const ofDay = (day: number): number => {
    const kept = known.get(day)
    if (kept !== undefined) return kept
    if (known.size >= MOST_DAYS) known.clear()
    const offset = readOffset(day * DAY_MS)
    known.set(day, offset)
    return offset
  }

  /** Asking the formatter is slow, and on nearly all days the offset stays the same. */
  const offsetMs = (atMs: number): number => {
    const day = Math.floor(atMs / DAY_MS)
    const offset = ofDay(day)
    return offset === ofDay(day + 1) ? offset : readOffset(atMs)
  }

  /** The first instant after `fromMs` that has the offset of `toMs`; to the second, as zones are defined. */
  const changeBetween = (fromMs: number, toMs: number): OffsetChange | null => {
    const beforeMs = offsetMs(fromMs)
    const afterMs = offsetMs(toMs)
    if (beforeMs === afterMs) return null
    let low = Math.floor(fromMs / SECOND_MS)
    let high = Math.floor(toMs / SECOND_MS)
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (offsetMs(middle * SECOND_MS) === beforeMs) low = middle
      else high = middle
    }
    return { atMs: high * SECOND_MS, beforeMs, afterMs }
  }

  const changeNear = (atMs: number): OffsetChange | null =>
    changeBetween(atMs - DAY_MS, atMs) ?? changeBetween(atMs, atMs + DAY_MS)

  const candidates = (localMs: number): { first: number; second: number } => {
    const before = offsetMs(localMs - 2 * DAY_MS)
    const after = offsetMs(localMs + 2 * DAY_MS)
    const [first, second] = [localMs - before, localMs - after]
    return { first: Math.min(first, second), second: Math.max(first, second) }
  }

  const shows = (atMs: number, localMs: number): boolean => atMs + offsetMs(atMs) === localMs

  return {
    name,
    offsetMs,
    localMs: (atMs) => atMs + offsetMs(atMs),
    changeNear,

    instantsOf(localMs) {
      const { first, second } = candidates(localMs)
      return [...new Set([first, second])].filter((atMs) => shows(atMs, localMs))
    },

    gapEndFor(localMs) {
      const { first, second } = candidates(localMs)
      if (shows(first, localMs) || shows(second, localMs)) return null
      return changeBetween(first, second)?.atMs ?? null
    },
  }
}

const opened = new Map<string, Zone>()

/** @throws SCHED_003 when this machine knows no such zone */
export const zoneOf = (name: string): Zone => {
  const known = opened.get(name)
  if (known !== undefined) return known
  const zone = open(name)
  opened.set(name, zone)
  return zone
}

/** The names that this machine knows, UTC first. */
export const zoneNames = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')]
