import type { When } from '@contract'
import { describe, expect, it } from 'vitest'
import { calendarOf } from './calendar'

const cron = (pattern: string, zone = 'UTC'): When => ({ kind: 'cron', pattern, zone })

/** The next times after a point, in UTC without the trailing zeros. */
const nextTimes = (when: When, from: string, count: number): string[] => {
  const calendar = calendarOf(when)
  const times: string[] = []
  let at: number | null = Date.parse(from)
  for (let n = 0; n < count; n += 1) {
    at = calendar.next(at ?? 0)
    if (at === null) break
    times.push(new Date(at).toISOString().slice(0, 19))
  }
  return times
}

describe('five, six and seven fields', () => {
  it('five mean the full minute', () => {
    expect(nextTimes(cron('30 9 * * 1-5'), '2026-11-20T10:00:00Z', 2)).toEqual([
      '2026-11-23T09:30:00',
      '2026-11-24T09:30:00',
    ])
  })
  it('six have seconds first', () => {
    expect(nextTimes(cron('*/20 * * * * *'), '2026-11-20T10:00:05Z', 3)).toEqual([
      '2026-11-20T10:00:20',
      '2026-11-20T10:00:40',
      '2026-11-20T10:01:00',
    ])
  })
  it('seven have the year last, and end with it', () => {
    expect(nextTimes(cron('0 0 12 29 2 * 2028'), '2026-11-20T10:00:00Z', 3)).toEqual(['2028-02-29T12:00:00'])
    expect(nextTimes(cron('0 0 12 29 2 * 2027'), '2026-11-20T10:00:00Z', 3)).toEqual([])
  })
  it('names of months and weekdays, the last day, the nearest weekday and the second Friday', () => {
    expect(nextTimes(cron('0 8 * JAN MON'), '2026-11-20T10:00:00Z', 1)).toEqual(['2027-01-04T08:00:00'])
    expect(nextTimes(cron('0 8 L * *'), '2026-11-20T10:00:00Z', 2)).toEqual([
      '2026-11-30T08:00:00',
      '2026-12-31T08:00:00',
    ])
    expect(nextTimes(cron('0 8 15W * *'), '2026-11-20T10:00:00Z', 1)).toEqual(['2026-12-15T08:00:00'])
    expect(nextTimes(cron('0 8 * * FRI#2'), '2026-11-20T10:00:00Z', 1)).toEqual(['2026-12-11T08:00:00'])
  })
  it('a day and a weekday together mean either, with a plus both', () => {
    expect(nextTimes(cron('0 0 13 * FRI'), '2026-11-20T10:00:00Z', 2)).toEqual([
      '2026-11-27T00:00:00',
      '2026-12-04T00:00:00',
    ])
    expect(nextTimes(cron('0 0 13 * +FRI'), '2026-11-20T10:00:00Z', 1)).toEqual(['2027-08-13T00:00:00'])
  })
  it('what can never be has no next time, and is told quickly', () => {
    expect(nextTimes(cron('0 0 30 2 *'), '2026-11-20T10:00:00Z', 1)).toEqual([])
  })
  it.each([
    ['* * *', /this one has 3/],
    ['* * * * * * * *', /this one has 8/],
    ['2026-01-01T00:00:00', /this one has 1/],
    ['@reboot', /this one has 1/],
    ['61 * * * *', /61/],
    ['x * * * *', /illegal/],
    ['5/10 * * * *', /not allowed/],
    ['0 0 0 1 1 * x', /illegal|invalid/i],
  ])('"%s" is refused with what is wrong', (pattern, message) => {
    expect(() => calendarOf(cron(pattern))).toThrow(
      expect.objectContaining({ code: 'SCHED_003', message: expect.stringMatching(message) }),
    )
  })
  it('a nickname stands for its pattern', () => {
    expect(nextTimes(cron('@daily'), '2026-11-20T10:00:00Z', 1)).toEqual(['2026-11-21T00:00:00'])
  })
  it.each(['Mars/Phobos', '+02:00', '', 'Europe/Berlin; x'])('the zone "%s" is refused', (zone) => {
    expect(() => calendarOf(cron('0 0 * * *', zone))).toThrow(expect.objectContaining({ code: 'SCHED_003' }))
  })
})

describe('schedules C2: a local time that does not exist is run once, when the gap ends', () => {
  it('Europe/Berlin, 29 March 2026: 02:30 is run at 03:00', () => {
    expect(nextTimes(cron('30 2 * * *', 'Europe/Berlin'), '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00',
      '2026-03-29T01:00:00',
      '2026-03-30T00:30:00',
    ])
  })
  it('several in one gap are run together, and join what is due at its end', () => {
    expect(nextTimes(cron('*/20 2,3 * * *', 'Europe/Berlin'), '2026-03-29T00:00:00Z', 4)).toEqual([
      '2026-03-29T01:00:00',
      '2026-03-29T01:20:00',
      '2026-03-29T01:40:00',
      '2026-03-30T00:00:00',
    ])
  })
  it('America/New_York, 8 March 2026: 02:15 is run at 03:00', () => {
    expect(nextTimes(cron('15 2 * * *', 'America/New_York'), '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-08T07:00:00',
      '2026-03-09T06:15:00',
    ])
  })
  it('Australia/Lord_Howe, 4 October 2026: half an hour is missing, so 02:10 is run at 02:30', () => {
    expect(nextTimes(cron('10 2 * * *', 'Australia/Lord_Howe'), '2026-10-03T00:00:00Z', 2)).toEqual([
      '2026-10-03T15:30:00',
      '2026-10-04T15:10:00',
    ])
  })
  it('Pacific/Apia, 30 December 2011: the day that never was is made up for when the next one begins', () => {
    expect(nextTimes(cron('0 9 * * *', 'Pacific/Apia'), '2011-12-29T12:00:00Z', 3)).toEqual([
      '2011-12-29T19:00:00',
      '2011-12-30T10:00:00',
      '2011-12-30T19:00:00',
    ])
  })
})

describe('schedules C2: a local time that exists twice is run the first time only', () => {
  it('Europe/Berlin, 25 October 2026', () => {
    expect(nextTimes(cron('30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00',
      '2026-10-26T01:30:00',
    ])
  })
  it('a list of times too, also when asked from within the second pass', () => {
    const when = cron('*/20 2 * * *', 'Europe/Berlin')
    expect(nextTimes(when, '2026-10-25T00:00:00Z', 3)).toEqual([
      '2026-10-25T00:20:00',
      '2026-10-25T00:40:00',
      '2026-10-26T01:00:00',
    ])
    expect(nextTimes(when, '2026-10-25T01:05:00Z', 1)).toEqual(['2026-10-26T01:00:00'])
    expect(nextTimes(cron('0 3 * * *', 'Europe/Berlin'), '2026-10-25T01:59:59Z', 1)).toEqual(['2026-10-25T02:00:00'])
  })
  it('America/New_York, 1 November 2026', () => {
    expect(nextTimes(cron('30 1 * * *', 'America/New_York'), '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T05:30:00',
      '2026-11-02T06:30:00',
    ])
  })
  it('Australia/Lord_Howe, 5 April 2026: half an hour is repeated', () => {
    expect(nextTimes(cron('45 1 * * *', 'Australia/Lord_Howe'), '2026-04-04T00:00:00Z', 2)).toEqual([
      '2026-04-04T14:45:00',
      '2026-04-05T15:15:00',
    ])
  })
})

describe('schedules C2: a pattern of every hour follows the time that passes', () => {
  it('in spring nothing is run for the hour that is missing', () => {
    expect(nextTimes(cron('*/30 * * * *', 'Europe/Berlin'), '2026-03-29T00:15:00Z', 3)).toEqual([
      '2026-03-29T00:30:00',
      '2026-03-29T01:00:00',
      '2026-03-29T01:30:00',
    ])
  })
  it('in autumn the repeated hour is run through twice', () => {
    expect(nextTimes(cron('*/30 * * * *', 'Europe/Berlin'), '2026-10-25T00:15:00Z', 5)).toEqual([
      '2026-10-25T00:30:00',
      '2026-10-25T01:00:00',
      '2026-10-25T01:30:00',
      '2026-10-25T02:00:00',
      '2026-10-25T02:30:00',
    ])
  })
})

describe('the last time at or before a point', () => {
  const previous = (when: When, at: string): string | null => {
    const found = calendarOf(when).previous(Date.parse(at))
    return found === null ? null : new Date(found).toISOString().slice(0, 19)
  }
  it('includes the point itself', () => {
    expect(previous(cron('0 9 * * *'), '2026-11-20T09:00:00Z')).toBe('2026-11-20T09:00:00')
    expect(previous(cron('0 9 * * *'), '2026-11-20T08:59:59Z')).toBe('2026-11-19T09:00:00')
  })
  it('over the gap and through the repeated hour', () => {
    const when = cron('30 2 * * *', 'Europe/Berlin')
    expect(previous(when, '2026-03-29T05:00:00Z')).toBe('2026-03-29T01:00:00')
    expect(previous(when, '2026-10-25T00:29:00Z')).toBe('2026-10-24T00:30:00')
    expect(previous(when, '2026-10-25T01:10:00Z')).toBe('2026-10-25T00:30:00')
  })
  it('is none before one point in time', () => {
    const when: When = { kind: 'once', atMs: 5000, zone: 'UTC' }
    expect(calendarOf(when).previous(4999)).toBeNull()
    expect(calendarOf(when).previous(5000)).toBe(5000)
    expect(calendarOf(when).next(4999)).toBe(5000)
    expect(calendarOf(when).next(5000)).toBeNull()
  })
})
