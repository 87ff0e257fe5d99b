import { Duplex, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../../core'
import { collect } from '../sandbox-fixture'
import type { StreamName } from './demux'
import { sinceOf } from './log-entries'
import { createOutput, type OpenLog } from './output'

interface Entry {
  readonly stream: StreamName
  readonly atNs: number
  readonly text: string
}

const frame = (stream: StreamName, payload: Buffer): Buffer => {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream === 'stdout' ? 1 : 2, 0)
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}
const stampOf = (atNs: number): string => `2026-11-22T10:20:30.${String(atNs).padStart(9, '0')}Z`
const entryOf = ({ stream, atNs, text }: Entry): Buffer => frame(stream, Buffer.from(`${stampOf(atNs)} ${text}`))

/** A container's log as a daemon gives it: from a time on, that time included. */
const logOf = (entries: readonly Entry[], asked: (string | null)[] = []): OpenLog => {
  return async ({ since }) => {
    asked.push(since)
    const wanted = entries.filter(({ atNs }) => since === null || sinceOf(stampOf(atNs)) >= since)
    return Readable.from(wanted.map(entryOf))
  }
}

const attachment = (...frames: readonly Buffer[]): Duplex => {
  const left = [...frames]
  return new Duplex({
    read() {
      this.push(left.shift() ?? null)
    },
    write: (_chunk, _encoding, done) => done(),
  })
}

const lines = (stream: StreamName, ...texts: readonly string[]): Entry[] =>
  texts.map((text, index) => ({ stream, atNs: 1_000 * (index + 1) + (stream === 'stderr' ? 1 : 0), text: `${text}\n` }))

describe('the output of a program', () => {
  it('goes on from the log where the attachment broke, in each stream', async () => {
    const output = createOutput(silentLog)
    const [out, err] = [collect(output.stdout), collect(output.stderr)]
    await output.attached(attachment(frame('stdout', Buffer.from('one\ntw')), frame('stderr', Buffer.from('first\n'))))
    const log = [...lines('stdout', 'one', 'two', 'three'), ...lines('stderr', 'first', 'second')]
    const { ended } = await output.goOn(logOf(log))
    await ended
    await expect.poll(() => [out.text(), err.text()]).toEqual(['one\ntwo\nthree\n', 'first\nsecond\n'])
  })

  it('goes on from the log where the log broke, as often as that happens, also with equal lines', async () => {
    const output = createOutput(silentLog)
    const out = collect(output.stdout)
    const err = collect(output.stderr)
    await output.attached(attachment(frame('stdout', Buffer.from('tick\n'))))
    const all = [...lines('stdout', ...Array<string>(9).fill('tick')), ...lines('stderr', 'once')]
    const asked: (string | null)[] = []
    for (const count of [2, 3, 3, 7, 9]) {
      const { ended } = await output.goOn(logOf([...all.slice(0, count), ...all.slice(9)], asked))
      await ended
    }
    await output.finish(logOf(all, asked))
    await expect.poll(() => [out.text(), err.text()]).toEqual(['tick\n'.repeat(9), 'once\n'])
    // The first time all of it was read; from then on from the last known entry.
    expect(asked.filter((since) => since === null)).toHaveLength(1)
  })

  it('takes entries of the same moment once each', async () => {
    const output = createOutput(silentLog)
    const out = collect(output.stdout)
    const same = (count: number): Entry[] =>
      Array.from({ length: count }, () => ({ stream: 'stdout', atNs: 5, text: 'x\n' }))
    for (const count of [1, 2, 4]) await (await output.goOn(logOf(same(count)))).ended
    await expect.poll(() => out.text()).toBe('x\n'.repeat(4))
  })

  it('takes what comes after a known entry even when the clock of the daemon stepped back', async () => {
    const output = createOutput(silentLog)
    const out = collect(output.stdout)
    const before: Entry[] = [
      { stream: 'stdout', atNs: 500, text: 'a\n' },
      { stream: 'stdout', atNs: 600, text: 'b\n' },
    ]
    await (await output.goOn(logOf(before))).ended
    const stepped: OpenLog = async () =>
      Readable.from([...before, { stream: 'stdout' as const, atNs: 10, text: 'c\n' }].map(entryOf))
    await (await output.goOn(stepped)).ended
    await expect.poll(() => out.text()).toBe('a\nb\nc\n')
  })

  it('hands on nothing of a log that cannot be read, and can be asked again', async () => {
    const output = createOutput(silentLog)
    const out = collect(output.stdout)
    await output.attached(attachment(frame('stdout', Buffer.from('one\n'))))
    const broken: OpenLog = async () => Readable.from([Buffer.from('HTTP/1.1 500 all sorts of nonsense')])
    await expect(output.goOn(broken)).rejects.toThrow('cannot be read')
    await output.finish(logOf(lines('stdout', 'one', 'two')))
    await expect.poll(() => out.text()).toBe('one\ntwo\n')
  })

  it('is read no faster from the log than its reader wants', async () => {
    const output = createOutput(silentLog)
    let given = 0
    async function* flood() {
      for (; given < 100; given += 1) yield frame('stdout', Buffer.from(`${stampOf(given)} ${'x'.repeat(16_000)}\n`))
    }
    const log: OpenLog = async ({ follow }) => (follow ? flood() : Readable.from([]))
    const { ended } = await output.goOn(log)
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(given).toBeLessThan(20)
    output.stdout.resume()
    await ended
    expect(given).toBe(100)
  })
})
