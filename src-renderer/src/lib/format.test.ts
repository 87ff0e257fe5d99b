import { describe, expect, it } from 'vitest'
import {
  formatAge,
  formatBytes,
  formatClockMs,
  formatCount,
  formatCountdown,
  formatDateTime,
  formatDuration,
  formatMinutes,
  formatPercent,
  plural,
  shortId,
} from './format'

describe('format', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [52_428_800, '50 MiB'],
    [268_435_456, '256 MiB'],
    [1_610_612_736, '1.5 GiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it.each([
    [0.42, '0.4 ms'],
    [9.96, '10.0 ms'],
    [850, '850 ms'],
    [4260, '4.2 s'],
    [59_999, '59.9 s'],
    [192_000, '3 min 12 s'],
    [7_260_000, '2 h 1 min'],
    [180_000_000, '2 d 2 h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it.each([
    [0, 'now'],
    [1999, 'now'],
    [12_000, '12 s ago'],
    [180_000, '3 min ago'],
    [7_200_000, '2 h ago'],
    [432_000_000, '5 d ago'],
    [-5000, 'now'],
  ])('writes an age of %d ms as %s', (ageMs, text) => {
    expect(formatAge(1_000_000_000 - ageMs, 1_000_000_000)).toBe(text)
  })

  it('writes local times with every digit in place', () => {
    const at = new Date(2026, 0, 2, 3, 4, 5, 6).getTime()
    expect(formatDateTime(at)).toBe('2026-01-02 03:04:05')
    expect(formatClockMs(at)).toBe('03:04:05.006')
  })

  it('groups thousands, counts in words and shortens ids', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567')
    expect(formatPercent(12.345)).toBe('12.3 %')
    expect(formatPercent(140.2)).toBe('140 %')
    expect(plural(1, 'agent')).toBe('1 agent')
    expect(plural(0, 'agent')).toBe('0 agents')
    expect(plural(2, 'entry', 'entries')).toBe('2 entries')
    expect(shortId('0190a1b2-7c3a-7000-8000-00000000beef')).toBe('0190a1b2…beef')
    expect(shortId('local')).toBe('local')
  })

  it.each([
    [272_000, '4:32'],
    [271_001, '4:32'],
    [9000, '0:09'],
    [1, '0:01'],
    [0, '0:00'],
    [-5000, '0:00'],
    [3_700_000, '1:01:40'],
  ])('counts %d ms down as %s', (ms, text) => {
    expect(formatCountdown(ms)).toBe(text)
  })

  it.each([
    [1, '1 minute'],
    [15, '15 minutes'],
    [60, '1 hour'],
    [90, '90 minutes'],
    [480, '8 hours'],
    [1440, '1 day'],
    [43_200, '30 days'],
  ])('says %d minutes as %s', (minutes, text) => {
    expect(formatMinutes(minutes)).toBe(text)
  })
})
