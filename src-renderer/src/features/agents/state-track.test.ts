import type { AgentState, Restart, StateChange } from '@contract'
import { describe, expect, it } from 'vitest'
import { spanFor, staysOf, timelineOf, trackOf } from './state-track'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE
const change = (seq: number, to: AgentState, minutesAgo: number): StateChange =>
  ({ seq, to, from: null, atMs: NOW - minutesAgo * MINUTE, reason: to, correlationId: 'c' }) as unknown as StateChange
const restart = (minutesAgo: number): Restart =>
  ({ atMs: NOW - minutesAgo * MINUTE, attempt: 1, outcome: 'started' }) as unknown as Restart

describe('the track of states', () => {
  const changes = [change(3, 'Running', 30), change(1, 'Created', 120), change(2, 'Initializing', 60)]
  const stays = staysOf(changes)

  it('goes through the states in their order, the last one open', () => {
    expect(stays.map(({ state, toMs }) => [state, toMs])).toEqual([
      ['Created', NOW - 60 * MINUTE],
      ['Initializing', NOW - 30 * MINUTE],
      ['Running', null],
    ])
  })

  it('fills the whole width without a gap, from the first change to now', () => {
    const { fromMs, segments } = trackOf(stays, 'all', NOW)
    expect(fromMs).toBe(NOW - 120 * MINUTE)
    expect(segments.map(({ leftPercent, widthPercent }) => [leftPercent, widthPercent])).toEqual([
      [0, 50],
      [50, 25],
      [75, 25],
    ])
  })

  it('cuts what began before the span', () => {
    const { segments } = trackOf(stays, 'hour', NOW + 10 * MINUTE)
    expect(segments.map(({ state }) => state)).toEqual(['Initializing', 'Running'])
    expect(segments[0]).toMatchObject({ leftPercent: 0 })
    expect(segments[0]?.widthPercent).toBeCloseTo(33.33, 1)
  })

  it('looks at the shortest span in which something changed', () => {
    expect(spanFor(stays, NOW)).toBe('hour')
    expect(spanFor(stays, NOW + 600 * MINUTE)).toBe('day')
    expect(spanFor(stays, NOW + 6_000 * MINUTE)).toBe('all')
    expect(spanFor(staysOf([change(1, 'Created', 5)]), NOW)).toBe('all')
  })

  it('tells changes and restarts together, newest first, with how long each state lasted', () => {
    const entries = timelineOf(changes, [restart(45)])
    expect(entries.map((entry) => (entry.kind === 'state' ? entry.change.to : 'restart'))).toEqual([
      'Running',
      'restart',
      'Initializing',
      'Created',
    ])
    expect(entries.flatMap((entry) => (entry.kind === 'state' ? [entry.lastedMs] : []))).toEqual([
      null,
      30 * MINUTE,
      60 * MINUTE,
    ])
  })
})
