import { inspect } from 'node:util'
import type { Json } from '@contract'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createManualClock } from './clock'
import { createEvents } from './events'
import { stableStringify } from './json'
import { asRuntimeError, messageOf, RuntimeError, toWireError } from './runtime-error'
import { createSecretValue } from './secret-value'

const CANARY = 'canary-4711'

describe('createSecretValue', () => {
  const secret = createSecretValue(CANARY)

  it.each([
    ['String()', String(secret)],
    ['a template', `${secret}`],
    ['adding to a text', ['', secret].join('')],
    ['JSON', JSON.stringify({ secret }).replace('{"secret":"', '').replace('"}', '')],
    ['inspect', inspect(secret)],
    ['inspect, hidden parts too', inspect(secret, { showHidden: true, depth: null })],
    ['inspect of what holds it', inspect({ secret }).replace('{ secret: ', '').replace(' }', '')],
  ])('says [redacted] through %s', (_how, shown) => {
    expect(shown).toBe('[redacted]')
  })

  it('gives its text only when exposed', () => {
    expect(secret.expose()).toBe(CANARY)
    expect(createSecretValue('é').sizeBytes).toBe(2)
    expect(Object.isFrozen(secret)).toBe(true)
    expect(JSON.stringify(Object.entries(secret))).not.toContain(CANARY)
  })
})

describe('createManualClock', () => {
  it('stands still until told, then runs what is due in order of time', () => {
    const clock = createManualClock(1000)
    const ran: string[] = []
    clock.after(20, () => ran.push(`b at ${clock.nowMs()}`))
    clock.after(10, () => {
      ran.push(`a at ${clock.nowMs()}`)
      clock.after(5, () => ran.push(`c at ${clock.nowMs()}`))
    })
    const callOff = clock.after(15, () => ran.push('never'))
    expect(clock.nowMs()).toBe(1000)
    clock.advance(9)
    expect(ran).toEqual([])
    callOff()
    clock.advance(11)
    expect(ran).toEqual(['a at 1010', 'c at 1015', 'b at 1020'])
    expect(clock.monotonicMs()).toBe(20)
  })
})

describe('createEvents', () => {
  it('tells every listener until it leaves, also when one of them fails', () => {
    const failed = vi.fn()
    const events = createEvents(failed)
    const heard: unknown[] = []
    events.subscribe(() => {
      throw new Error('listener')
    })
    const leave = events.subscribe((event) => heard.push(event))
    events.publish('audit.appended', { seq: 1 })
    leave()
    events.publish('audit.appended', { seq: 2 })
    expect(heard).toEqual([{ topic: 'audit.appended', payload: { seq: 1 } }])
    expect(failed).toHaveBeenCalledTimes(2)
  })
})

describe('errors', () => {
  it('cross a boundary with code, message, next step and details of ours', () => {
    const error = new RuntimeError('POLICY_001', 'No.', { details: { rule: 'x' }, cause: new Error(CANARY) })
    expect(toWireError(error)).toEqual({
      code: 'POLICY_001',
      message: 'No.',
      nextStep: error.nextStep,
      retryable: false,
      details: { rule: 'x' },
    })
    expect(JSON.stringify(toWireError(error))).not.toContain(CANARY)
    expect(new RuntimeError('MCP_001', 'x', { nextStep: 'Do this.' }).nextStep).toBe('Do this.')
  })

  it.each([
    ['an error', new Error(CANARY, { cause: CANARY })],
    ['an error that looks like ours', Object.assign(new Error(CANARY), { code: 'POLICY_001', details: { x: CANARY } })],
    ['a text', CANARY],
    ['an object', { code: 'POLICY_001', message: CANARY, toString: (): string => CANARY }],
    ['nothing', undefined],
  ])('cross a boundary without any of the content of %s that is not ours', (_what, thrown) => {
    const wire = toWireError(thrown)
    expect(wire).toMatchObject({ code: 'INTERNAL_001', retryable: true })
    expect(JSON.stringify(wire)).not.toContain(CANARY)
  })

  it('keep ours as they are when wrapped, and tell of foreign ones only for a back-end', () => {
    const ours = new RuntimeError('MCP_001', 'Ours.')
    expect(asRuntimeError(ours, 'STORE_001', 'x')).toBe(ours)
    const foreign = new Error('disk full')
    expect(asRuntimeError(foreign, 'STORE_001', 'Not written')).toMatchObject({
      code: 'STORE_001',
      message: 'Not written: disk full',
      cause: foreign,
    })
    expect(asRuntimeError(foreign, 'INTERNAL_001', 'Not done').message).toBe('Not done.')
    expect(asRuntimeError(foreign, 'SEC_001', 'Refused').message).toBe('Refused.')
    expect(messageOf('text')).toBe('text')
  })
})

describe('stableStringify', () => {
  const shuffle = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffle)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, item]) => [key, shuffle(item)]),
    )
  }

  it('gives one text for every order of the keys, and that text is the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = stableStringify(value as Json)
        expect(stableStringify(shuffle(value) as Json)).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('tells different values apart', () => {
    expect(stableStringify({ b: 1, a: [2, { d: null, c: 'x' }] })).toBe('{"a":[2,{"c":"x","d":null}],"b":1}')
    expect(stableStringify({ a: '1' })).not.toBe(stableStringify({ a: 1 }))
    expect(stableStringify([1, 2])).not.toBe(stableStringify([2, 1]))
  })
})
