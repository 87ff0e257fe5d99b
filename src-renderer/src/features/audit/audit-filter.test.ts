import { describe, expect, it } from 'vitest'
import { filterOf, isFiltered } from './audit-filter'

const NOW = 1_700_000_030_000

describe('filterOf', () => {
  it('asks for everything when nothing is chosen', () => {
    expect(filterOf({ seq: 3, paused: true, view: 'story' }, NOW)).toEqual({})
    expect(isFiltered(filterOf({}, NOW))).toBe(false)
  })

  it('means a severity and all that are louder', () => {
    expect(filterOf({ severity: 'warning' }, NOW)).toEqual({ severities: ['warning', 'error', 'critical'] })
  })

  it('counts a span back from now, at a whole minute', () => {
    expect(filterOf({ range: '1h' }, NOW)).toEqual({ fromMs: Math.floor((NOW - 3_600_000) / 60_000) * 60_000 })
  })

  it('takes from and until as they are', () => {
    expect(filterOf({ range: 'custom', since: 5, until: 9 }, NOW)).toEqual({ fromMs: 5, beforeMs: 9 })
    expect(filterOf({ since: 5 }, NOW)).toEqual({})
  })

  it('passes the rest on', () => {
    const filter = filterOf({ actor: 'agent', agent: 'x', action: 'tool.', text: 't', outcome: 'denied' }, NOW)
    expect(filter).toEqual({ actorKind: 'agent', agentId: 'x', action: 'tool.', text: 't', outcome: 'denied' })
    expect(isFiltered(filter)).toBe(true)
  })
})
