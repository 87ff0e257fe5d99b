import { describe, expect, it } from 'vitest'
import { createPolicySet } from './decide'
import { rule } from './fixtures/any-rule'
import { fromRecordedDecision, type RecordedDecision, replay, toRecordedDecision } from './replay'
import type { PolicyRequest, Rule } from './types'

const NOW = Date.UTC(2026, 0, 7, 12)
const asked = (facts: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: 'agent',
  agentName: 'ada',
  securityLevel: 'standard',
  resourceType: 'Secret',
  resource: 'demo/a',
  operation: 'Read',
  ...facts,
})
const setOf = (...rules: Rule[]) => createPolicySet({ rules, text: rules.map(({ name }) => name).join() })
const before = setOf(rule({ name: 'demo' }, { resources: ['demo/**'] }))

const recorded = (request: PolicyRequest, atMs = NOW): RecordedDecision => {
  const read = fromRecordedDecision(toRecordedDecision({ request, atMs }, before.decide(request, atMs)))
  return read ?? expect.fail('The record cannot be read back.')
}

describe('the record of a decision', () => {
  it('reads back as it was written', () => {
    const request = asked({ labels: ['x'], environment: { stage: 'test' }, realPath: '/a', addresses: ['10.0.0.1'] })
    expect(recorded(request)).toEqual({ request, atMs: NOW, effect: 'Allow', rule: 'demo', setHash: before.hash })
  })

  it.each([null, 'text', {}, { request: {} }, { ...recorded(asked()), request: { principal: 'stranger' } }])(
    'of another kind is none: %j',
    (json) => {
      expect(fromRecordedDecision(json)).toBeNull()
    },
  )
})

describe('replay', () => {
  const history = [
    recorded(asked(), NOW),
    recorded(asked(), NOW + 5000),
    recorded(asked({ resource: 'demo/b' })),
    recorded(asked({ resource: 'prod/a' })),
  ]

  it('finds nothing where nothing changes', () => {
    expect(replay(before, history)).toEqual({ replayed: 4, changes: [] })
  })

  it('lists what would be answered otherwise, alike ones together, the most frequent first', () => {
    const after = setOf(
      rule({ name: 'demo' }, { resources: ['demo/**'] }),
      rule({ name: 'ask', effect: 'RequireApproval', priority: 200 }, { resources: ['demo/a'] }),
      rule({ name: 'prod' }, { resources: ['prod/**'] }),
    )
    const { replayed, changes } = replay(after, history)
    expect(replayed).toBe(4)
    expect(changes).toMatchObject([
      {
        request: { resource: 'demo/a' },
        before: { effect: 'Allow', rule: 'demo' },
        after: { effect: 'RequireApproval', rule: 'ask' },
        count: 2,
        lastAtMs: NOW + 5000,
        direction: 'stricter',
      },
      {
        request: { resource: 'prod/a' },
        before: { effect: 'Deny', rule: null },
        after: { rule: 'prod' },
        direction: 'looser',
      },
    ])
  })

  it('names a change of the rule alone last', () => {
    const { changes } = replay(setOf(rule({ name: 'new name' }, { resources: ['demo/**', 'prod/**'] })), history)
    expect(changes.map(({ direction }) => direction)).toEqual(['looser', 'same effect', 'same effect'])
  })

  it('asks each at its own time', () => {
    const times = [{ days: ['Wed'], startMinute: 0, endMinute: 720, zone: 'UTC' }] as const
    const after = setOf(rule({ name: 'demo' }, { resources: ['demo/**'], times }))
    const at = (atMs: number) => replay(after, [recorded(asked(), atMs)]).changes.length
    expect([at(NOW - 1), at(NOW)]).toEqual([0, 1])
  })
})
