import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core'
import { type Check, type CheckResult, pass } from './check'
import { createDoctor } from './doctor'

const check = (id: string, run: Check['run']): Check => ({ id, title: id.toUpperCase(), run })
const never = (): Promise<CheckResult> => new Promise<CheckResult>(() => undefined)

describe('createDoctor', () => {
  it('reports every check in the order given, with null where there is no command', async () => {
    const clock = createManualClock(1_000)
    const doctor = createDoctor({
      clock,
      checks: [
        check('first', async () => pass('fine')),
        check('second', async () => ({ status: 'fail', cause: 'broken', fix: 'mend', command: 'mend it' })),
      ],
    })
    expect(await doctor.run()).toEqual({
      ranAtMs: 1_000,
      checks: [
        { id: 'first', title: 'FIRST', status: 'pass', cause: 'fine', fix: '', command: null },
        { id: 'second', title: 'SECOND', status: 'fail', cause: 'broken', fix: 'mend', command: 'mend it' },
      ],
    })
  })

  it('makes a failure of a check that rejects, and of one that throws at once', async () => {
    const doctor = createDoctor({
      clock: createManualClock(),
      checks: [
        check('rejects', () => Promise.reject(new Error('no socket'))),
        check('throws', () => {
          throw new Error('at once')
        }),
        check('works', async () => pass('fine')),
      ],
    })
    const { checks } = await doctor.run()
    expect(checks.map(({ status }) => status)).toEqual(['fail', 'fail', 'pass'])
    expect(checks[0]?.cause).toContain('no socket')
    expect(checks[1]?.cause).toContain('at once')
  })

  it('gives up a check that hangs, aborts it, and still reports the others', async () => {
    const clock = createManualClock()
    let seen: AbortSignal | undefined
    const doctor = createDoctor({
      clock,
      timeLimitMs: 5_000,
      checks: [
        check('hangs', (signal) => {
          seen = signal
          return never()
        }),
        check('works', async () => pass('fine')),
      ],
    })
    const report = doctor.run()
    // One turn of the event loop: the check that works has ended, the other one waits.
    await setImmediate()
    clock.advance(4_999)
    expect(seen?.aborted).toBe(false)
    clock.advance(1)
    const { checks } = await report
    expect(seen?.aborted).toBe(true)
    expect(checks.map(({ status }) => status)).toEqual(['fail', 'pass'])
    expect(checks[0]?.cause).toBe('The check did not end within 5 seconds.')
  })

  it('shares one look between callers, and looks anew afterwards', async () => {
    let looks = 0
    const doctor = createDoctor({
      clock: createManualClock(),
      checks: [
        check('counts', async () => {
          looks += 1
          return pass(String(looks))
        }),
      ],
    })
    const [one, two] = await Promise.all([doctor.run(), doctor.run()])
    expect(one).toBe(two)
    expect((await doctor.run()).checks[0]?.cause).toBe('2')
  })
})
