import type { AgentId, ScheduleDefinition } from '@contract'
import { describe, expect, it } from 'vitest'
import { definitionOf, draftIssues, draftOf, emptyDraft, whenOf } from './schedule-draft'

const NOW = Date.parse('2026-11-20T10:00:00Z')

const DEFINITION: ScheduleDefinition = {
  name: 'nightly',
  agentId: '00000000-0000-7000-8000-0000000000aa' as AgentId,
  when: { kind: 'cron', pattern: '0 2 * * *', zone: 'Europe/Berlin' },
  input: { deep: [1, null, 'x'] },
  priority: 'high',
  jitterMs: 1500,
  catchUp: 'one',
  maxConcurrent: 2,
  maxRetries: 3,
  retryDelayMs: 250,
  deadLetterAfter: 4,
  keepRuns: 10,
}

describe('the draft of a schedule', () => {
  it('gives back what it was opened with', () => {
    expect(definitionOf(draftOf(DEFINITION, NOW))).toEqual(DEFINITION)
    const once: ScheduleDefinition = {
      ...DEFINITION,
      when: { kind: 'once', atMs: Date.parse('2026-12-24T17:30:15Z'), zone: 'America/New_York' },
      input: null,
      priority: null,
    }
    expect(definitionOf(draftOf(once, NOW))).toEqual(once)
  })

  it('of a new one lacks a name and an agent, and says so', () => {
    expect(Object.keys(draftIssues(emptyDraft(NOW)))).toEqual(['name', 'agentId'])
    expect(draftIssues({ ...emptyDraft(NOW, 'x'), name: 'a' })).toEqual({})
    expect(draftIssues({ ...emptyDraft(NOW, 'x'), name: 'a', input: '{' })).toHaveProperty('input')
  })

  it('has no time while none can be told', () => {
    const draft = emptyDraft(NOW)
    expect(whenOf(draft)).toMatchObject({ kind: 'cron', pattern: '0 9 * * 1-5' })
    expect(whenOf({ ...draft, pattern: ' ' })).toBeNull()
    expect(whenOf({ ...draft, kind: 'once', at: '' })).toBeNull()
    expect(whenOf({ ...draft, kind: 'once', at: '2026-12-24T18:00', zone: 'UTC' })).toEqual({
      kind: 'once',
      atMs: Date.parse('2026-12-24T18:00:00Z'),
      zone: 'UTC',
    })
  })
})
