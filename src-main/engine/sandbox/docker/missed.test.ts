import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { missedFrom } from './missed'

const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''))

/** The lines of a program: each has a number of its own, as a message has its id. */
const Lines = fc
  .array(fc.string({ maxLength: 30, unit: fc.constantFrom('a', 'b', '"', ' ', 'é', '\r') }), {
    maxLength: 40,
    size: 'max',
  })
  .map((texts) => texts.map((text, index) => `{"id":${index + 1},"text":"${text}"}`))

describe('what of a log was not handed on', () => {
  it('is all after what was handed on, wherever the daemon stopped handing it on', () => {
    fc.assert(
      fc.property(Lines, fc.nat(), (lines, cut) => {
        const log = bytesOf(lines)
        const bytes = cut % (log.length + 1)
        expect(missedFrom(log, { bytes, tail: log.subarray(0, bytes) })).toBe(bytes)
      }),
    )
  })

  it('is found by the tail of what was handed on when the log has lost its beginning', () => {
    fc.assert(
      fc.property(Lines, fc.nat(), fc.nat(), fc.integer({ min: 40, max: 200 }), (lines, cut, lostLines, tailLength) => {
        const whole = bytesOf(lines)
        const bytes = cut % (whole.length + 1)
        const tail = whole.subarray(Math.max(0, bytes - tailLength), bytes)
        // A line that was handed on is still there, whole in the tail too.
        const complete = whole.subarray(0, bytes).toString('latin1').split('\n').length - 1
        const lost = complete === 0 ? 0 : lostLines % complete
        fc.pre(complete > 0 && tail.toString('latin1').split('\n').length > 2)
        const log = bytesOf(lines.slice(lost))
        const offset = whole.length - log.length
        expect(missedFrom(log, { bytes, tail })).toBe(bytes - offset)
      }),
    )
  })

  it('is what came later when the daemon was killed before it logged what it had handed on', () => {
    fc.assert(
      fc.property(Lines, Lines, fc.nat(), (before, later, unlogged) => {
        const taken = bytesOf(before)
        const logged = before.slice(0, before.length - (unlogged % (before.length + 1)))
        const next = later.map((line, index) => line.replace(/^\{"id":\d+/, `{"id":${1_000 + index}`))
        const log = bytesOf([...logged, ...next])
        const from = missedFrom(log, { bytes: taken.length, tail: taken })
        expect(log.subarray(from).toString()).toBe(bytesOf(next).toString())
      }),
    )
  })

  it('completes a line whose beginning was handed on and never logged', () => {
    const taken = Buffer.from('{"id":1}\n{"id":2,"te')
    const log = Buffer.from('{"id":1}\nxt":"late"}\n')
    const from = missedFrom(log, { bytes: taken.length, tail: taken })
    expect(taken.toString() + log.subarray(from)).toBe('{"id":1}\n{"id":2,"text":"late"}\n')
  })

  it('is exact for equal lines while the log is whole', () => {
    const line = (count: number) => Buffer.from('tick\n'.repeat(count))
    expect(missedFrom(line(8), { bytes: 25, tail: line(5) })).toBe(25)
    expect(missedFrom(line(5), { bytes: 25, tail: line(5) })).toBe(25)
  })

  it('is the whole log when nothing was handed on, and when nothing of it is known', () => {
    const log = bytesOf(['a', 'b'])
    expect(missedFrom(log, { bytes: 0, tail: Buffer.alloc(0) })).toBe(0)
    expect(missedFrom(log, { bytes: 5_000, tail: bytesOf(['x', 'y']) })).toBe(0)
    expect(missedFrom(Buffer.alloc(0), { bytes: 4, tail: bytesOf(['a', 'b']) })).toBe(0)
  })
})
