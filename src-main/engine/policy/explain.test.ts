import { describe, expect, it } from 'vitest'
import { createPolicySet } from './decide'
import { explain } from './explain'
import { rule } from './fixtures/any-rule'
import type { PolicyRequest, Rule } from './types'

const NOW = Date.UTC(2026, 0, 7, 12)
const asked: PolicyRequest = {
  principal: 'agent',
  agentName: 'ada',
  securityLevel: 'standard',
  resourceType: 'Secret',
  resource: 'demo/a',
  operation: 'Read',
}
const why = (rules: readonly Rule[], facts: Partial<PolicyRequest> = {}) =>
  explain(createPolicySet({ rules, text: 'set' }), { ...asked, ...facts }, NOW)

describe('explain', () => {
  it('names what each rule that did not fit wanted and what there was, the nearest first', () => {
    const { nearMisses, missed, names, decision } = why([
      rule({ name: 'far', effect: 'Deny' }, { principals: ['cli'], operations: ['Write'], resources: ['x'] }),
      rule({ name: 'near' }, { agents: ['bob', 'rob'] }),
      rule({ name: 'fits' }),
      rule(
        { name: 'everything', mode: 'audit' },
        {
          operations: ['Delete', 'Write'],
          principals: ['engine'],
          securityLevels: ['high'],
          resourceTypes: ['Tool'],
          agents: ['b*'],
          resources: ['x', 'y/**'],
          tools: ['git.*'],
          roles: ['admin'],
          labels: ['l'],
          capabilities: ['c'],
          environment: { stage: ['prod'] },
          addresses: ['10.0.0.0/8'],
          times: [{ days: ['Mon', 'Tue'], startMinute: 540, endMinute: 1020, zone: 'UTC' }],
        },
      ),
    ])
    expect(decision).toMatchObject({
      effect: 'Allow',
      rule: 'fits',
      matched: ['fits'],
      setHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(names).toEqual(['demo/a'])
    expect(missed).toBe(3)
    expect(nearMisses.map(({ rule: name }) => name)).toEqual(['near', 'far', 'everything'])
    expect(nearMisses[0]).toEqual({
      rule: 'near',
      effect: 'Allow',
      mode: 'enforce',
      failed: [{ key: 'agents', wanted: 'bob, rob', actual: 'ada' }],
    })
    expect(nearMisses[2]?.failed).toEqual([
      { key: 'operations', wanted: 'Delete, Write', actual: 'Read' },
      { key: 'resource_type', wanted: 'Tool', actual: 'Secret' },
      { key: 'principals', wanted: 'engine', actual: 'agent' },
      { key: 'security_tier', wanted: 'high', actual: 'standard' },
      { key: 'agents', wanted: 'b*', actual: 'ada' },
      { key: 'resources', wanted: 'x, y/**', actual: 'demo/a' },
      { key: 'tools', wanted: 'git.*', actual: '(no tool)' },
      { key: 'roles', wanted: 'one of admin', actual: '(none)' },
      { key: 'labels', wanted: 'one of l', actual: '(none)' },
      { key: 'capabilities', wanted: 'one of c', actual: '(none)' },
      { key: 'environment.stage', wanted: 'prod', actual: '(not set)' },
      { key: 'addresses', wanted: 'every address in 10.0.0.0/8', actual: '(no connection)' },
      { key: 'times', wanted: 'Mon Tue 09:00-17:00 UTC', actual: 'Wed 12:00 UTC' },
    ])
  })

  it('shows under which names a connection was looked up, and which of them are internal', () => {
    const web = rule(
      { name: 'web' },
      { resourceTypes: ['Network'], resources: ['*.example/443'], operations: ['Connect'] },
    )
    const { names, nearMisses } = why([web], {
      resourceType: 'Network',
      resource: 'https://a.example/x',
      operation: 'Connect',
      addresses: ['10.0.0.9'],
    })
    expect(names).toEqual(['a.example/443', '10.0.0.9/443'])
    expect(nearMisses[0]?.failed).toEqual([
      { key: 'resources', wanted: '*.example/443', actual: 'a.example/443, 10.0.0.9/443 (internal address)' },
    ])
  })

  it('lists no more than twenty, and says how many there are', () => {
    const many = Array.from({ length: 50 }, (_, at) => rule({ name: `r${at}` }, { resources: ['x'] }))
    const { nearMisses, missed } = why(many)
    expect([nearMisses.length, missed]).toEqual([20, 50])
  })

  it('says that no rule was asked about a name that is not plain', () => {
    expect(why([rule({})], { resource: 'a/../b' })).toMatchObject({
      names: [],
      nearMisses: [],
      decision: { effect: 'Deny' },
    })
  })
})
