import { AGENT_STATES } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACTIONS, isLegal, TRANSITIONS } from './transitions'

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

  it('offers stop exactly where Terminating may follow', () => {
    for (const from of AGENT_STATES)
      expect((ACTIONS[from] as readonly string[]).includes('stop'), from).toBe(isLegal(from, 'Terminating'))
  })

  it('offers resume only when suspended, and run only where a run can begin', () => {
    for (const from of AGENT_STATES) {
      expect((ACTIONS[from] as readonly string[]).includes('resume'), from).toBe(from === 'Suspended')
      expect((ACTIONS[from] as readonly string[]).includes('run'), from).toBe(
        ['Created', 'Ready', 'Completed', 'Failed'].includes(from),
      )
    }
  })
})
