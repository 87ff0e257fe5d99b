import type { When } from '@contract'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../core'
import { calendarOf } from './calendar'
import { monthOf } from './month'
import { previewOf } from './preview'
import { zoneNames } from './zone'

const cron = (pattern: string, zone = 'UTC'): When => ({ kind: 'cron', pattern, zone })
const preview = (when: When, from: string, count: number) =>
  previewOf(when, { count, fromMs: Date.parse(from), clock: systemClock })

describe('the next times', () => {
  it('are told as they are read there, with the offset, and with the pattern in words', async () => {
    const { times, description } = await preview(cron('0 9 * * *', 'America/New_York'), '2026-06-01T00:00:00Z', 2)
    expect(times).toEqual([
      { atMs: Date.parse('2026-06-01T13:00:00Z'), local: '2026-06-01 09:00:00', offset: '-04:00', note: null },
      { atMs: Date.parse('2026-06-02T13:00:00Z'), local: '2026-06-02 09:00:00', offset: '-04:00', note: null },
    ])
    expect(description).toBe('At 09:00 every day (America/New_York).')
  })

  it.each([
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29 03:00:00',
      '+02:00',
      'Times from 02:00 to 03:00 do not exist on this day; they are run at 03:00.',
    ],
    [
      '30 1 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29 01:30:00',
      '+01:00',
      'The clock is put forward by 1 hour at 02:00, after this time.',
    ],
    [
      '0 9 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29 09:00:00',
      '+02:00',
      'The clock is put forward by 1 hour at 02:00, before this time.',
    ],
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25 02:30:00',
      '+02:00',
      '02:30 comes twice on this day; it is run the first time only.',
    ],
    [
      '0 9 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25 09:00:00',
      '+01:00',
      'The clock is put back by 1 hour at 03:00, before this time.',
    ],
    [
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T00:00:00Z',
      '2026-04-05 01:45:00',
      '+11:00',
      '01:45 comes twice on this day; it is run the first time only.',
    ],
    [
      '0 9 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T12:00:00Z',
      '2026-10-04 09:00:00',
      '+11:00',
      'The clock is put forward by 30 minutes at 02:00, before this time.',
    ],
  ])('%s in %s after %s: %s %s, %s', async (pattern, zone, from, local, offset, note) => {
    const { times } = await preview(cron(pattern, zone), from, 1)
    expect(times).toMatchObject([{ local, offset, note }])
  })

  it('of every hour say which pass through a repeated hour they belong to', async () => {
    const { times } = await preview(cron('30 * * * *', 'Europe/Berlin'), '2026-10-25T00:00:00Z', 2)
    expect(times).toMatchObject([
      { local: '2026-10-25 02:30:00', offset: '+02:00', note: '02:30 comes twice on this day; this is the first.' },
      { local: '2026-10-25 02:30:00', offset: '+01:00', note: '02:30 comes twice on this day; this is the second.' },
    ])
  })

  it('end where the pattern ends', async () => {
    expect((await preview(cron('0 0 0 1 1 * 2027'), '2026-06-01T00:00:00Z', 10)).times).toHaveLength(1)
  })

  it('leave the thread to others while many are reckoned', async () => {
    let readings = 0
    let turns = 0
    const watch = (): void => {
      turns += 1
      if (turns < 1000) setImmediate(watch)
    }
    setImmediate(watch)
    // Each time takes three milliseconds on this clock, so that every second one ends a slice.
    const clock = { monotonicMs: () => (readings += 3) }
    await previewOf(cron('17 3 * * 1', 'Europe/Berlin'), { count: 100, fromMs: 0, clock })
    expect(turns).toBeGreaterThan(30)
  })
})

describe('a month', () => {
  /** Found by listing every time. */
  const counted = (when: When, year: number, month: number): { day: number; count: number }[] => {
    const calendar = calendarOf(when)
    const days = new Map<number, number>()
    for (let at = calendar.next(Date.UTC(year, month - 1, 1) - 50 * 3_600_000); at !== null; at = calendar.next(at)) {
      const local = new Date(calendar.zone.localMs(at))
      if (local.getTime() >= Date.UTC(year, month, 1) + 50 * 3_600_000) break
      if (local.getUTCMonth() !== month - 1 || local.getUTCFullYear() !== year) continue
      days.set(local.getUTCDate(), (days.get(local.getUTCDate()) ?? 0) + 1)
    }
    return [...days].map(([day, count]) => ({ day, count })).sort((a, b) => a.day - b.day)
  }

  it.each([
    ['30 2 * * *', 'Europe/Berlin', 2026, 3],
    ['30 2 * * *', 'Europe/Berlin', 2026, 10],
    ['*/20 1-4 * * *', 'Europe/Berlin', 2026, 3],
    ['*/20 1-4 * * *', 'Europe/Berlin', 2026, 10],
    ['*/10 * * * *', 'Europe/Berlin', 2026, 3],
    ['*/10 * * * *', 'Europe/Berlin', 2026, 10],
    ['*/10 * * * *', 'Australia/Lord_Howe', 2026, 4],
    ['*/10 1,2 * * *', 'Australia/Lord_Howe', 2026, 10],
    ['15 0 * * *', 'America/Havana', 2026, 3],
    ['0 9 1,15 * MON', 'UTC', 2026, 11],
    ['0 9 L * *', 'UTC', 2028, 2],
    ['0 9 * * *', 'Pacific/Apia', 2011, 12],
  ])('%s in %s, %i-%i: as many a day as a list has', (pattern, zone, year, month) => {
    const when = cron(pattern, zone)
    expect(monthOf(when, { year, month })).toEqual(counted(when, year, month))
  })

  it('of every second is counted, not listed', () => {
    const days = monthOf(cron('* * * * * *', 'Europe/Berlin'), { year: 2026, month: 10 })
    expect(days).toHaveLength(31)
    expect(days[0]).toEqual({ day: 1, count: 86_400 })
    expect(days[24]).toEqual({ day: 25, count: 90_000 })
  })

  it('of one point in time has that day', () => {
    const when: When = { kind: 'once', atMs: Date.parse('2026-12-31T23:30:00Z'), zone: 'Europe/Berlin' }
    expect(monthOf(when, { year: 2027, month: 1 })).toEqual([{ day: 1, count: 1 }])
    expect(monthOf(when, { year: 2026, month: 12 })).toEqual([])
  })
})

it('the zones are those of this machine, UTC among them', () => {
  const names = zoneNames()
  expect(names.length).toBeGreaterThan(300)
  expect(names).toEqual(expect.arrayContaining(['UTC', 'Europe/Berlin', 'Australia/Lord_Howe']))
})
