import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Admission, type BreakerRules, type CallOutcome, createBreakerMachine, LONGEST_REST } from './breaker'

const RULES: BreakerRules = { threshold: 3, windowMs: 60_000, restMs: 1_000 }

/** The rules again, in the plainest way: everything that happened is kept, and the state is worked out from it. */
const createModel = ({ threshold, windowMs, restMs }: BreakerRules) => {
  let failures: number[] = []
  let openings: number[] = []
  let probe: { id: number; atMs: number } | null = null
  let wasEnded = -1
  let next = 0
  let state: 'closed' | 'open' | 'half-open' = 'closed'
  let since = 0
  const restMsNow = () => Math.min(restMs * LONGEST_REST, restMs * 2 ** (openings.length - 1))
  const open = (nowMs: number) => {
    state = 'open'
    since = next++
    openings = [...openings, nowMs]
    probe = null
    wasEnded = -1
  }
  const close = () => {
    state = 'closed'
    since = next++
    openings = []
    failures = []
    probe = null
  }
  const restOverAt = () => (wasEnded >= 0 ? wasEnded : (openings.at(-1) ?? 0) + restMsNow())
  const isProbed = (nowMs: number) => probe !== null && nowMs < probe.atMs + restMsNow()
  const fail = (nowMs: number) => {
    failures = [...failures, nowMs]
    if (failures.filter((atMs) => atMs > nowMs - windowMs).length >= threshold) open(nowMs)
  }
  return {
    state: () => state,
    admits: (nowMs: number) =>
      state === 'closed' || (state === 'open' && nowMs >= restOverAt()) || (state === 'half-open' && !isProbed(nowMs)),
    admitted(nowMs: number) {
      if (state === 'closed') return { id: next++, since, isProbe: false }
      state = 'half-open'
      since = next++
      probe = { id: since, atMs: nowMs }
      return { id: since, since, isProbe: true }
    },
    settle(nowMs: number, call: { since: number; isProbe: boolean }, outcome: CallOutcome) {
      if (call.since !== since) return
      if (call.isProbe) probe = null
      if (outcome === 'neither') return
      if (call.isProbe && outcome === 'success') return close()
      if (call.isProbe) {
        failures = [...failures, nowMs]
        return open(nowMs)
      }
      if (outcome === 'failure') fail(nowMs)
    },
    observe(nowMs: number, outcome: CallOutcome) {
      if (outcome === 'neither') return
      if (state === 'closed') return outcome === 'failure' ? fail(nowMs) : undefined
      if (outcome === 'success') return close()
      failures = [...failures, nowMs]
      if (state === 'half-open') open(nowMs)
    },
    endRest(nowMs: number) {
      if (state === 'open' && nowMs < restOverAt()) wasEnded = nowMs
      probe = null
    },
  }
}

/** Mostly failures, so that it opens often. */
const Outcome = fc.constantFrom<CallOutcome>('success', 'failure', 'failure', 'failure', 'neither')
const Step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('call' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('settle' as const), which: fc.nat(), outcome: Outcome }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('observe' as const), outcome: Outcome }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('endRest' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 500, 1_000, 2_000, 16_000, 60_000),
    }),
  },
)

describe('a breaker', () => {
  it('behaves as the plain rules say, whatever happens to it (V3)', () => {
    fc.assert(
      fc.property(fc.array(Step, { maxLength: 120, size: 'max' }), (steps) => {
        const machine = createBreakerMachine(RULES)
        const model = createModel(RULES)
        const open: { admission: Admission; call: { since: number; isProbe: boolean } }[] = []
        let nowMs = 0
        for (const step of steps) {
          if (step.kind === 'wait') nowMs += step.ms
          if (step.kind === 'endRest') {
            machine.endRest(nowMs)
            model.endRest(nowMs)
          }
          if (step.kind === 'observe') {
            machine.observe(nowMs, step.outcome)
            model.observe(nowMs, step.outcome)
          }
          if (step.kind === 'call') {
            const admits = model.admits(nowMs)
            expect(machine.restsUntilMs(nowMs) === null).toBe(admits)
            const admission = machine.admit(nowMs)
            expect(admission !== null).toBe(admits)
            if (admission !== null) open.push({ admission, call: model.admitted(nowMs) })
          }
          if (step.kind === 'settle' && open.length > 0) {
            const [one] = open.splice(step.which % open.length, 1)
            if (one !== undefined) {
              machine.settle(nowMs, one.admission, step.outcome)
              model.settle(nowMs, one.call, step.outcome)
            }
          }
          expect(machine.state).toBe(model.state())
        }
      }),
      { numRuns: 1_000 },
    )
  })

  /** Let a call through, or say that none is. */
  const call = (machine: ReturnType<typeof createBreakerMachine>, nowMs: number, outcome: CallOutcome): boolean => {
    const admission = machine.admit(nowMs)
    if (admission !== null) machine.settle(nowMs, admission, outcome)
    return admission !== null
  }

  it('opens at the threshold within the window, and not when the failures lie farther apart (V3)', () => {
    const near = createBreakerMachine(RULES)
    for (const atMs of [0, 10_000]) call(near, atMs, 'failure')
    expect(near.state).toBe('closed')
    call(near, 20_000, 'failure')
    expect(near).toMatchObject({ state: 'open', trips: 1, openedAtMs: 20_000 })

    const far = createBreakerMachine(RULES)
    for (const atMs of [0, 30_000, 60_000, 90_000, 120_000]) call(far, atMs, 'failure')
    expect(far.state).toBe('closed')
    expect(far.counts(120_000)).toEqual({ failures: 2, successes: 0 })
  })

  it('lets nothing through while it rests, then one at a time (V4)', () => {
    const machine = createBreakerMachine(RULES)
    for (let count = 0; count < 3; count += 1) call(machine, 0, 'failure')
    expect(machine.restsUntilMs(999)).toBe(1_000)
    expect(machine.admit(999)).toBeNull()
    const probe = machine.admit(1_000)
    expect(probe).toMatchObject({ isProbe: true })
    expect(machine.admit(1_000)).toBeNull()
    if (probe !== null) machine.settle(1_001, probe, 'success')
    expect(machine.state).toBe('closed')
    expect(call(machine, 1_001, 'success')).toBe(true)
  })

  it('rests twice as long after each probe that failed, up to sixteen times, and as at first once it was closed (V4)', () => {
    const machine = createBreakerMachine(RULES)
    for (let count = 0; count < 3; count += 1) call(machine, 0, 'failure')
    const rests: number[] = []
    let nowMs = 0
    for (let count = 0; count < 7; count += 1) {
      const untilMs = machine.restsUntilMs(nowMs) ?? 0
      rests.push(untilMs - nowMs)
      nowMs = untilMs
      call(machine, nowMs, 'failure')
    }
    expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000])
    nowMs = machine.restsUntilMs(nowMs) ?? 0
    call(machine, nowMs, 'success')
    for (let count = 0; count < 3; count += 1) call(machine, nowMs, 'failure')
    expect((machine.restsUntilMs(nowMs) ?? 0) - nowMs).toBe(1_000)
  })

  it('is not told anything by a call that was begun before it opened (V3)', () => {
    const machine = createBreakerMachine(RULES)
    const slow = machine.admit(0)
    for (let count = 0; count < 3; count += 1) call(machine, 0, 'failure')
    if (slow !== null) machine.settle(10, slow, 'success')
    expect(machine.state).toBe('open')
  })

  it('does not wait for ever for a probe that never comes back (V4)', () => {
    const machine = createBreakerMachine(RULES)
    for (let count = 0; count < 3; count += 1) call(machine, 0, 'failure')
    const lost = machine.admit(1_000)
    expect(machine.admit(1_999)).toBeNull()
    expect(call(machine, 2_000, 'success')).toBe(true)
    expect(machine.state).toBe('closed')
    if (lost !== null) machine.settle(9_000, lost, 'failure')
    expect(machine.counts(9_000)).toEqual({ failures: 0, successes: 0 })
  })
})
