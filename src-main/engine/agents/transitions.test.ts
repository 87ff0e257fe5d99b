import { AGENT_STATES } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACTIONS, actionsOf, isLegal, TRANSITIONS, wayBetween } from './transitions'

const state = fc.constantFrom(...AGENT_STATES)

describe('the state table', () => {
  it('lets a Created agent become Ready only by way of Initializing', () => {
    expect(isLegal('Created', 'Initializing')).toBe(true)
    expect(isLegal('Created', 'Ready')).toBe(false)
  })

  it('has no way out of Terminated, and a way to it from everywhere else', () => {
    expect(TRANSITIONS.Terminated).toEqual([])
    const reaches = (from: (typeof AGENT_STATES)[number], seen = new Set([from])): boolean =>
      from === 'Terminated' ||
      TRANSITIONS[from].some((next) => !seen.has(next) && reaches(next, new Set([...seen, next])))
    for (const from of AGENT_STATES) expect(reaches(from), from).toBe(true)
  })

  it('never lets a state follow itself', () => {
    fc.assert(fc.property(state, (from) => !isLegal(from, from)))
  })

  it('lets only a Ready agent become Unreachable, and offers nothing to start or freeze of an external one', () => {
    expect(AGENT_STATES.filter((from) => isLegal(from, 'Unreachable'))).toEqual(['Ready'])
    for (const from of AGENT_STATES)
      expect(actionsOf(from, 'external').every((action) => action === 'stop' || action === 'edit')).toBe(true)
    expect(actionsOf('Ready', 'persistent')).toContain('run')
  })

  it('finds only legal ways, of legal steps', () => {
    fc.assert(
      fc.property(state, state, fc.subarray([...AGENT_STATES]), (from, to, over) => {
        const way = wayBetween(from, to, over)
        if (way === null) return
        let at = from
        for (const next of way) {
          expect(isLegal(at, next)).toBe(true)
          at = next
        }
        expect(at).toBe(to)
        expect(way.slice(0, -1).every((step) => over.includes(step))).toBe(true)
      }),
    )
    expect(wayBetween('Running', 'Ready', ['Suspended'])).toEqual(['Suspended', 'Ready'])
    expect(wayBetween('Terminated', 'Ready', [...AGENT_STATES])).toBeNull()
  })

  it('offers stop exactly where Terminating may follow', () => {
    for (const from of AGENT_STATES)
      expect((ACTIONS[from] as readonly string[]).includes('stop'), from).toBe(isLegal(from, 'Terminating'))
  })

  it('offers resume only when suspended, and run only where a run can begin', () => {
    for (const from of AGENT_STATES) {
      expect((ACTIONS[from] as readonly string[]).includes('resume'), from).toBe(from === 'Suspended')
      expect((ACTIONS[from] as readonly string[]).includes('run'), from).toBe(
        // One that goes on may be asked for another run, which waits its turn.
        ['Created', 'Initializing', 'Ready', 'Running', 'Waiting', 'Completed', 'Failed'].includes(from),
      )
    }
  })
})
