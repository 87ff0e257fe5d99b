import type { When } from '@contract'
import { expect, it } from 'vitest'
import { calendarOf } from './calendar'
import { describeWhen } from './describe'

const words = (pattern: string, zone = 'UTC'): string => {
  const when: When = { kind: 'cron', pattern, zone }
  return describeWhen(when, calendarOf(when))
}

it.each([
  ['* * * * * *', 'Every second (UTC).'],
  ['*/5 * * * * *', 'Every 5 seconds (UTC).'],
  ['* * * * *', 'Every minute (UTC).'],
  ['*/15 * * * *', 'Every 15 minutes (UTC).'],
  ['*/15 9-17 * * 1-5', 'Every 15 minutes, from 09:00 to 17:59, on Monday to Friday (UTC).'],
  ['0 * * * *', 'Every hour, on the hour (UTC).'],
  ['30 * * * *', 'Every hour, at minute 30 (UTC).'],
  ['0 */6 * * *', 'Every 6 hours, on the hour (UTC).'],
  ['30 2 * * *', 'At 02:30 every day (UTC).'],
  ['0 30 2 * * *', 'At 02:30 every day (UTC).'],
  ['15 30 2 * * *', 'At 02:30:15 every day (UTC).'],
  ['0,30 9,17 * * SAT,SUN', 'At 09:00, 09:30, 17:00 and 17:30, on Saturday and Sunday (UTC).'],
  ['0 8 1 * *', 'At 08:00, on day 1 of the month (UTC).'],
  ['0 8 1,15 jan,jul *', 'At 08:00, on days 1 and 15 of the month, in January and July (UTC).'],
  ['0 8 L * *', 'At 08:00, on the last day of the month (UTC).'],
  ['0 8 15W * *', 'At 08:00, on the working day nearest to day 15 of the month (UTC).'],
  ['0 8 * * 5#2', 'At 08:00, on the second Friday of the month (UTC).'],
  ['0 8 * * FRI#L', 'At 08:00, on the last Friday of the month (UTC).'],
  ['0 8 13 * 5', 'At 08:00, on day 13 of the month, and also on Friday (UTC).'],
  ['0 8 13 * +5', 'At 08:00, on day 13 of the month, when that is also on Friday (UTC).'],
  ['0 0 12 29 2 * 2028', 'At 12:00, on day 29 of the month, in February, in 2028 (UTC).'],
  ['0 8 * * 7', 'At 08:00, on Sunday (UTC).'],
  ['*/7 * * * *', 'At minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour (UTC).'],
  ['*/10 1,2,5,9 * * *', 'At minutes 0, 10, 20, 30, 40 and 50 of hours 1, 2, 5 and 9 every day (UTC).'],
  ['@weekly', 'At 00:00, on Sunday (UTC).'],
])('%s reads "%s"', (pattern, text) => {
  expect(words(pattern)).toBe(text)
})

it('names the zone, and one point in time as it is read there', () => {
  expect(words('0 9 * * *', 'Europe/Berlin')).toBe('At 09:00 every day (Europe/Berlin).')
  const when: When = { kind: 'once', atMs: Date.parse('2026-07-01T10:00:00Z'), zone: 'Europe/Berlin' }
  expect(describeWhen(when, calendarOf(when))).toBe('Once, on 2026-07-01 12:00:00 (Europe/Berlin).')
})
