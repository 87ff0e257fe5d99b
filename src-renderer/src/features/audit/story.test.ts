import type { AuditRecord } from '@contract'
import { describe, expect, it } from 'vitest'
import { laneOf, storyOf } from './story'

const record = (seq: number, action: string, details: AuditRecord['details'] = {}): AuditRecord =>
  ({ seq, atMs: 1000 + seq * 10, action, details }) as AuditRecord

describe('storyOf', () => {
  it('tells in the order of the trail, with the time since the first', () => {
    const steps = storyOf([record(3, 'run.end'), record(1, 'agent.run'), record(2, 'tool.call')])
    expect(steps.map(({ record: { action }, sinceStartMs }) => [action, sinceStartMs])).toEqual([
      ['agent.run', 0],
      ['tool.call', 10],
      ['run.end', 20],
    ])
  })

  it('reads policy, approval, grant and digest from the details', () => {
    const [step] = storyOf([
      record(1, 'tool.call', {
        policy: { effect: 'RequireApproval', rule: 'look' },
        approval: 'p1',
        grant: 'g1',
        digest: 'd1',
      }),
    ])
    expect(step).toMatchObject({
      policy: { effect: 'RequireApproval', rule: 'look' },
      approvalId: 'p1',
      grantId: 'g1',
      digest: 'd1',
    })
  })

  it('says nothing of what is not recorded', () => {
    const [step] = storyOf([record(1, 'tool.call', { policy: ['odd'], approval: 7 })])
    expect(step).toMatchObject({ policy: null, approvalId: null })
    expect(storyOf([])).toEqual([])
  })
})

describe('laneOf', () => {
  it.each([
    ['tool.call', 'tool'],
    ['approval.request', 'approval'],
    ['secret.read', 'secret'],
    ['run.end', 'run'],
    ['bus.send', 'message'],
    ['unheard.of', 'other'],
  ] as const)('puts %s into %s', (action, lane) => {
    expect(laneOf({ action })).toBe(lane)
  })
})
