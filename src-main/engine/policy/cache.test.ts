import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createManualClock } from '../core'
import { cacheKey, withCache } from './cache'
import { createPolicySet } from './decide'
import { anyRequest, anyRule, rule } from './fixtures/any-rule'
import type { PolicyRequest } from './types'

const NOW = Date.UTC(2026, 0, 7, 12)
const asked: PolicyRequest = {
  principal: 'agent',
  agentName: 'ada',
  securityLevel: 'standard',
  resourceType: 'Secret',
  resource: 'a',
  operation: 'Read',
}

const counted = (rules: Parameters<typeof createPolicySet>[0]['rules'], options = {}) => {
  const clock = createManualClock()
  const set = createPolicySet({ rules, text: '' })
  const decide = vi.fn(set.decide)
  return { clock, decide, cached: withCache({ ...set, decide }, { maxEntries: 2, ttlMs: 1000, clock, ...options }) }
}

describe('the cache', () => {
  it('answers as the set does, at any time and in any order', { timeout: 30_000 }, () => {
    const asks = fc.array(fc.record({ request: anyRequest, hour: fc.integer({ min: 0, max: 23 }) }), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 8 }), asks, (rules, given) => {
        const set = createPolicySet({ rules, text: '' })
        const cached = withCache(set, { maxEntries: 5, ttlMs: 1e9, clock: createManualClock() })
        for (const { request, hour } of [...given, ...given]) {
          const atMs = NOW + hour * 3_600_000
          expect(cached.decide(request, atMs)).toEqual(set.decide(request, atMs))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('keeps an answer for its time, and no longer', () => {
    const { clock, decide, cached } = counted([rule({})])
    expect([cached.decide(asked, NOW), cached.decide({ ...asked }, NOW)].map(({ effect }) => effect)).toEqual([
      'Allow',
      'Allow',
    ])
    expect(decide).toHaveBeenCalledTimes(1)
    clock.advance(1000)
    cached.decide(asked, NOW)
    expect(decide).toHaveBeenCalledTimes(2)
  })

  it('drops the one that was not asked for the longest', () => {
    const { decide, cached } = counted([rule({})])
    for (const resource of ['a', 'b', 'a', 'c', 'a']) cached.decide({ ...asked, resource }, NOW)
    expect(decide).toHaveBeenCalledTimes(3)
    expect(cached.size).toBe(2)
    cached.decide({ ...asked, resource: 'b' }, NOW)
    expect(decide).toHaveBeenCalledTimes(4)
  })

  const times = [{ days: ['Wed'], startMinute: 0, endMinute: 1440, zone: 'UTC' }] as const
  it.each([
    ['the time', rule({}, { times })],
    ['a limit', rule({ effect: 'Limit', limit: { concurrency: 1 } })],
    ['a person', rule({ effect: 'RequireApproval' })],
    ['a rule that fails', rule({}, { addresses: ['no range'] })],
  ])('never keeps an answer in which %s has a part', (_what, given) => {
    const { decide, cached } = counted([given])
    cached.decide(asked, NOW)
    cached.decide(asked, NOW)
    expect(decide).toHaveBeenCalledTimes(2)
    expect(cached.size).toBe(0)
  })

  it('keeps nothing when it is told to', () => {
    const { decide, cached } = counted([rule({})], { ttlMs: 0 })
    cached.decide(asked, NOW)
    cached.decide(asked, NOW)
    expect(decide).toHaveBeenCalledTimes(2)
  })

  it('tells apart any two requests that differ', () => {
    const canonical = (request: PolicyRequest) =>
      JSON.stringify(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)))
    const any = fc.oneof(
      anyRequest,
      fc.record({
        ...Object.fromEntries(Object.entries(asked).map(([key, value]) => [key, fc.constant(value)])),
        agentName: fc.constantFrom('a', 'a1:b', '1:a'),
        resource: fc.constantFrom('1:b', 'b', ''),
        labels: fc.array(fc.constantFrom('x', '1:x', 'x]', ''), { maxLength: 2 }),
        roles: fc.array(fc.constantFrom('x', '1:x', 'x]', ''), { maxLength: 2 }),
        environment: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('', 'a', 'b'), { maxKeys: 2 }),
      }) as unknown as fc.Arbitrary<PolicyRequest>,
    )
    fc.assert(
      fc.property(any, any, (a, b) => {
        const sorted = (request: PolicyRequest) =>
          canonical({
            ...request,
            ...(request.environment === undefined
              ? {}
              : { environment: Object.fromEntries(Object.entries(request.environment).sort()) }),
          })
        expect(cacheKey(a) === cacheKey(b)).toBe(sorted(a) === sorted(b))
      }),
      { numRuns: 2000 },
    )
  })
})
