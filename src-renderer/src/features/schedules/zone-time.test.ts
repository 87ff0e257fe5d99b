import { expect, it } from 'vitest'
import { instantOf, isZone, wallText } from './zone-time'

it.each([
  ['2026-07-01 09:00', 'Europe/Berlin', '2026-07-01T07:00:00Z'],
  ['2026-12-01T09:00:30', 'America/New_York', '2026-12-01T14:00:30Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00Z'],
  ['2026-10-25 02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
  ['2026-03-29 02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
  ['2026-04-05 01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00Z'],
])('%s in %s is %s', (wall, zone, instant) => {
  expect(new Date(instantOf(wall, zone) ?? 0).toISOString()).toBe(new Date(instant).toISOString())
})

it('what is no date or no zone has no instant', () => {
  expect(instantOf('tomorrow', 'UTC')).toBeNull()
  expect(instantOf('2026-01-01', 'Mars/Phobos')).toBeNull()
  expect(isZone('Mars/Phobos')).toBe(false)
  expect(isZone('UTC')).toBe(true)
})

it('shows what the clock there shows', () => {
  expect(wallText(Date.parse('2026-10-25T01:30:00Z'), 'Europe/Berlin')).toBe('2026-10-25 02:30:00')
})
