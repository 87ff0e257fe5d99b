import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core'
import { createLimiter, type Held, type Permit } from './limiter'
import type { AppliedLimit, Limit } from './types'

const limits = (...given: readonly Limit[]): { limits: AppliedLimit[] } => ({
  limits: given.map((limit, at) => ({ rule: `r${at}`, limit })),
})
const setUp = () => {
  const clock = createManualClock()
  return { clock, limiter: createLimiter({ clock }) }
}
const ada = { caller: 'ada' }
const permit = (answer: Permit | Held): Permit => {
  if (!answer.ok) return expect.fail(`held by ${answer.what}`)
  return answer
}

describe('the limiter', () => {
  it('lets a burst through, then one each time a token has grown', () => {
    const { clock, limiter } = setUp()
    const decision = limits({ rate: { requests: 6, perMs: 60_000, burst: 2 } })
    expect([1, 2].map(() => limiter.acquire(decision, ada).ok)).toEqual([true, true])
    expect(limiter.acquire(decision, ada)).toEqual({ ok: false, rule: 'r0', what: 'rate', retryAfterMs: 10_000 })
    clock.advance(9_999)
    expect(limiter.acquire(decision, ada)).toMatchObject({ ok: false, retryAfterMs: 1 })
    clock.advance(1)
    expect(limiter.acquire(decision, ada).ok).toBe(true)
    expect(limiter.acquire(decision, ada).ok).toBe(false)
  })

  it('counts for each caller and each rule alone', () => {
    const { limiter } = setUp()
    const one = limits({ concurrency: 1 })
    expect(limiter.acquire(one, ada).ok).toBe(true)
    expect(limiter.acquire(one, ada).ok).toBe(false)
    expect(limiter.acquire(one, { caller: 'bob' }).ok).toBe(true)
    expect(limiter.acquire({ limits: [{ rule: 'other', limit: { concurrency: 1 } }] }, ada).ok).toBe(true)
  })

  it('gives a place back once, however often it is told', () => {
    const { limiter } = setUp()
    const decision = limits({ concurrency: 2 })
    const first = permit(limiter.acquire(decision, ada))
    permit(limiter.acquire(decision, ada))
    expect(limiter.acquire(decision, ada)).toMatchObject({ ok: false, what: 'concurrency', retryAfterMs: null })
    first.release()
    first.release()
    expect(limiter.acquire(decision, ada).ok).toBe(true)
    expect(limiter.acquire(decision, ada).ok).toBe(false)
  })

  it('counts bytes when they are announced and settles on those that moved', () => {
    const { clock, limiter } = setUp()
    const decision = limits({ bytes: { perRequest: 60, perWindow: { bytes: 100, windowMs: 32_000 } } })
    expect(limiter.acquire(decision, { ...ada, bytes: 61 })).toMatchObject({
      what: 'bytes per request',
      retryAfterMs: null,
    })
    const first = permit(limiter.acquire(decision, { ...ada, bytes: 60 }))
    expect(limiter.acquire(decision, { ...ada, bytes: 60 })).toMatchObject({ ok: false, what: 'bytes per window' })
    first.release({ bytes: 20 })
    const second = permit(limiter.acquire(decision, { ...ada, bytes: 60 }))
    second.release({ bytes: 90 })
    const held = limiter.acquire(decision, ada)
    expect(held).toMatchObject({ ok: false, what: 'bytes per window' })
    clock.advance(held.ok ? 0 : (held.retryAfterMs ?? 0))
    expect(limiter.acquire(decision, { ...ada, bytes: 60 }).ok).toBe(true)
  })

  it('takes from all limits or from none', () => {
    const { limiter } = setUp()
    const rate = { rate: { requests: 1, perMs: 1000, burst: 1 } }
    const full = limits(rate, { concurrency: 1 })
    const running = permit(limiter.acquire({ limits: full.limits.slice(1) }, ada))
    expect(limiter.acquire(full, ada)).toMatchObject({ ok: false, what: 'concurrency' })
    running.release()
    expect(limiter.acquire(full, ada).ok).toBe(true)
  })

  it('starts anew when a limit changes, but keeps count of what is under way', () => {
    const { limiter } = setUp()
    const once = (concurrency: number) => limits({ rate: { requests: 1, perMs: 1000, burst: 1 }, concurrency })
    const first = permit(limiter.acquire(once(2), ada))
    expect(limiter.acquire(once(2), ada).ok).toBe(false)
    expect(limiter.acquire(once(1), ada)).toMatchObject({ what: 'concurrency' })
    first.release()
    expect(limiter.acquire(once(3), ada).ok).toBe(true)
  })

  it('asks nothing of a decision without limits', () => {
    const { limiter } = setUp()
    expect(limiter.acquire({ limits: [] }, ada).ok).toBe(true)
    expect(limiter.size).toBe(0)
  })

  it('never lets more through in any span than the burst and what has grown meanwhile', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (waits, burst) => {
        const { clock, limiter } = setUp()
        const decision = limits({ rate: { requests: 10, perMs: 1000, burst } })
        const passed: number[] = []
        for (const wait of waits) {
          clock.advance(wait)
          if (limiter.acquire(decision, ada).ok) passed.push(clock.monotonicMs())
        }
        for (const [from, start] of passed.entries())
          for (const [to, end] of passed.entries())
            if (to >= from) expect(to - from + 1).toBeLessThanOrEqual(burst + (end - start) / 100 + 1e-9)
      }),
    )
  })

  it('never lets more bytes through in any window than it holds', () => {
    const acts = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 400 }), bytes: fc.integer({ min: 1, max: 60 }) }),
      {
        maxLength: 60,
      },
    )
    fc.assert(
      fc.property(acts, (given) => {
        const { clock, limiter } = setUp()
        const decision = limits({ bytes: { perWindow: { bytes: 100, windowMs: 1000 } } })
        const passed: { at: number; bytes: number }[] = []
        for (const { wait, bytes } of given) {
          clock.advance(wait)
          if (limiter.acquire(decision, { ...ada, bytes }).ok) passed.push({ at: clock.monotonicMs(), bytes })
        }
        for (const { at } of passed) {
          const within = passed.filter((other) => other.at > at - 1000 && other.at <= at)
          expect(within.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(100)
        }
      }),
    )
  })
})
