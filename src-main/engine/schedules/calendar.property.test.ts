import fc from 'fast-check'
import { expect, it } from 'vitest'
import { calendarOf } from './calendar'

const MINUTE_MS = 60_000
const DAYS_WALKED = 4

/** One generated field: as written, and the values it stands for; null for every value. */
interface Field {
  readonly text: string
  readonly values: ReadonlySet<number> | null
}

const range = (from: number, to: number, step = 1): Set<number> => {
  const values = new Set<number>()
  for (let at = from; at <= to; at += step) values.add(at)
  return values
}

const fieldOf = (min: number, max: number): fc.Arbitrary<Field> => {
  const one = fc.integer({ min, max })
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant<Field>({ text: '*', values: null }) },
    { weight: 3, arbitrary: one.map((value): Field => ({ text: `${value}`, values: new Set([value]) })) },
    {
      weight: 2,
      arbitrary: fc
        .uniqueArray(one, { minLength: 2, maxLength: 4 })
        .map((list): Field => ({ text: list.join(','), values: new Set(list) })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(one, one).map(
        ([a, b]): Field => ({
          text: `${Math.min(a, b)}-${Math.max(a, b)}`,
          values: range(Math.min(a, b), Math.max(a, b)),
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 2, max: Math.floor((max - min + 1) / 2) })
        .map((step): Field => ({ text: `*/${step}`, values: range(min, max, step) })),
    },
  )
}

interface GeneratedPattern {
  readonly minute: Field
  readonly hour: Field
  readonly day: Field
  readonly month: Field
  readonly weekday: Field
}

const patterns: fc.Arbitrary<GeneratedPattern> = fc.record({
  minute: fieldOf(0, 59),
  hour: fieldOf(0, 23),
  day: fieldOf(1, 31),
  month: fc.constant<Field>({ text: '*', values: null }),
  weekday: fieldOf(0, 6),
})

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'Europe/Dublin',
  'America/New_York',
  'America/Havana',
  'America/St_Johns',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Chatham',
)

/** Days on which some zone of the list changes its offset, and any day at all. */
const starts = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        '2026-03-08',
        '2026-03-29',
        '2026-10-25',
        '2026-11-01',
        '2026-04-05',
        '2026-10-04',
        '2026-09-06',
        '2026-04-04',
        '2026-02-15',
        '2026-03-22',
        '2026-04-24',
        '2026-10-29',
      ),
      fc.integer({ min: -2880, max: 720 }),
    )
    .map(([day, minutes]) => Date.parse(`${day}T00:00:00Z`) + minutes * MINUTE_MS),
  fc
    .integer({ min: Date.parse('2024-01-01') / MINUTE_MS, max: Date.parse('2030-01-01') / MINUTE_MS })
    .map((minutes) => minutes * MINUTE_MS),
)

interface Wall {
  readonly key: number
  readonly minute: number
  readonly hour: number
  readonly day: number
  readonly weekday: number
}

const wallClock = (zone: string) => {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  return (atMs: number): Wall => {
    const text = format.format(atMs)
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = text.split(/\D+/).map(Number)
    const key = Date.UTC(year, month - 1, day, hour, minute) / MINUTE_MS
    return { key, minute, hour, day, weekday: new Date(key * MINUTE_MS).getUTCDay() }
  }
}

/** Walks minute by minute and looks at the clock on the wall. */
const walk = (pattern: GeneratedPattern, zone: string, fromMs: number): number[] => {
  const wall = wallClock(zone)
  const has = (field: Field, value: number): boolean => field.values === null || field.values.has(value)
  const ofKey = (key: number): Wall => {
    const at = new Date(key * MINUTE_MS)
    return { key, minute: at.getUTCMinutes(), hour: at.getUTCHours(), day: at.getUTCDate(), weekday: at.getUTCDay() }
  }
  const matches = ({ minute, hour, day, weekday }: Wall): boolean => {
    const byDay = has(pattern.day, day)
    const byWeekday = has(pattern.weekday, weekday)
    const either = pattern.day.values !== null && pattern.weekday.values !== null
    return has(pattern.minute, minute) && has(pattern.hour, hour) && (either ? byDay || byWeekday : byDay && byWeekday)
  }
  const everyHour = pattern.hour.values === null || pattern.hour.values.size === 24
  const found: number[] = []
  let highest = wall(fromMs - 1441 * MINUTE_MS).key
  for (let at = fromMs - 1440 * MINUTE_MS; at <= fromMs + DAYS_WALKED * 1440 * MINUTE_MS; at += MINUTE_MS) {
    const now = wall(at)
    let due: boolean
    if (everyHour) due = matches(now)
    else {
      // Minutes that the clock shows for the first time: usually one, none while it repeats, many after a gap.
      due = false
      for (let key = highest + 1; key <= now.key; key += 1) due ||= matches(ofKey(key))
    }
    highest = Math.max(highest, now.key)
    if (due && at > fromMs) found.push(at)
  }
  return found
}

it('schedules C1: times strictly grow and are those that a walk along the clock on the wall finds', () => {
  fc.assert(
    fc.property(patterns, zones, starts, (pattern, zone, fromMs) => {
      const text = [pattern.minute, pattern.hour, pattern.day, pattern.month, pattern.weekday]
        .map((field) => field.text)
        .join(' ')
      const calendar = calendarOf({ kind: 'cron', pattern: text, zone })
      const untilMs = fromMs + DAYS_WALKED * 1440 * MINUTE_MS
      const times: number[] = []
      let at = calendar.next(fromMs)
      while (at !== null && at <= untilMs && times.length < 300) {
        expect(at).toBeGreaterThan(times.at(-1) ?? fromMs)
        times.push(at)
        at = calendar.next(at)
      }
      const iso = (list: number[]) => list.map((ms) => new Date(ms).toISOString())
      expect(iso(times)).toEqual(iso(walk(pattern, zone, fromMs).slice(0, 300)))
      // Backwards the same times come, also from between them.
      for (const [index, time] of times.entries()) {
        if (index % 7 !== 0) continue
        expect(calendar.previous(time)).toBe(time)
        if (index > 0) expect(calendar.previous(time - 1)).toBe(times[index - 1])
      }
    }),
    { numRuns: 100 },
  )
}, 60_000)
