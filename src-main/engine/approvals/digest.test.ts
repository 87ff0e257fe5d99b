import type { CorrelationId, Json } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../core'
import { anyText } from '../testing/any-text'
import { digestOf } from './digest'
import { masked } from './masked'
import type { Act } from './types'

const act = (facts: Partial<Act> = {}): Act => ({
  caller: { kind: 'operator', id: 'ada', scopes: new Set() },
  correlationId: '00000000-0000-7000-8000-000000000001' as CorrelationId,
  tier: null,
  action: 'tool.call',
  resourceType: 'Tool',
  resource: 'files.read',
  operation: 'Execute',
  consequence: 'change',
  arguments: { path: '/a', deep: true },
  sealed: null,
  ...facts,
})

describe('the digest of an act', () => {
  it('is the same whatever the order of keys and whichever the request', () => {
    const other = act({ correlationId: '00000000-0000-7000-8000-000000000002' as CorrelationId })
    expect(digestOf(act({ arguments: { deep: true, path: '/a' } }))).toBe(digestOf(act()))
    expect(digestOf(other)).toBe(digestOf(act()))
  })

  it.each<[string, Partial<Act>]>([
    ['who', { caller: { kind: 'operator', id: 'eve', scopes: new Set() } }],
    ['the kind of who', { caller: { kind: 'cli', id: 'ada', scopes: new Set() } }],
    ['the walls', { tier: 'tier1' }],
    ['the action', { action: 'tool.other' }],
    ['the kind of resource', { resourceType: 'File' }],
    ['the resource', { resource: 'files.write' }],
    ['the operation', { operation: 'Read' }],
    ['the consequence', { consequence: 'destroy' }],
    ['an argument', { arguments: { path: '/b', deep: true } }],
    ['a type in the arguments', { arguments: { path: '/a', deep: 'true' } }],
    ['what is sealed', { sealed: 'x' }],
  ])('changes with %s', (_what, facts) => {
    expect(digestOf(act(facts))).not.toBe(digestOf(act()))
  })

  it('tells any two acts apart, wherever a text ends and the next begins', () => {
    const text = anyText({ maxLength: 12 })
    const texts = fc.record({ action: text, resource: text, operation: text, sealed: fc.option(text) })
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(digestOf(act(a)) === digestOf(act(b))).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: 300 },
    )
  })
})

describe('what is shown of the arguments', () => {
  const show = (value: Json, redact: readonly string[]) =>
    masked(value, 'arguments', { redact, redactor: createRedactor() })

  it('leaves out the fields that a rule names, in lists too, and nothing else', () => {
    const args = { path: '/a', rows: [{ pin: 1, n: 2 }, { pin: 3 }], pin: 4 }
    expect(show(args, ['arguments.rows.*.pin'])).toEqual({
      path: '/a',
      rows: [{ pin: '[redacted]', n: 2 }, { pin: '[redacted]' }],
      pin: 4,
    })
    expect(show(args, ['result.pin', 'arguments.none.at.all'])).toEqual(args)
    expect(show(args, ['arguments'])).toBe('[redacted]')
  })

  it('masks what is known to be secret or named like one', () => {
    const redactor = createRedactor()
    redactor.track('canary-4711')
    expect(masked({ note: 'it is canary-4711', apiKey: 'x' }, 'arguments', { redact: [], redactor })).toEqual({
      note: 'it is [redacted]',
      apiKey: '[redacted]',
    })
  })
})
