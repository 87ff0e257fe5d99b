import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { demux } from './demux'

const frame = (stream: number, payload: Buffer): Buffer => {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

/** A connection that gives `chunks` and counts what has been asked of it. */
const connection = (chunks: readonly Buffer[]) => {
  let given = 0
  const stream = new Duplex({
    read() {
      this.push(chunks[given++] ?? null)
    },
    write: (_chunk, _encoding, done) => done(),
  })
  return { stream, given: () => given }
}

describe('the streams of a container', () => {
  it('come apart as they were put together, however they were cut', async () => {
    const Frame = fc.record({ stream: fc.constantFrom(1, 2), payload: fc.uint8Array({ maxLength: 40 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(Frame, { maxLength: 20 }), fc.integer({ min: 1, max: 17 }), async (frames, cut) => {
        const bytes = Buffer.concat(frames.map(({ stream, payload }) => frame(stream, Buffer.from(payload))))
        const chunks = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, index) =>
          bytes.subarray(index * cut, (index + 1) * cut),
        )
        const { stdout, stderr, ended } = demux(connection(chunks).stream)
        const [out, err] = await Promise.all([stdout.toArray(), stderr.toArray(), ended])
        const sent = (number: number): Buffer =>
          Buffer.concat(frames.filter(({ stream }) => stream === number).map(({ payload }) => Buffer.from(payload)))
        expect(Buffer.concat(out)).toEqual(sent(1))
        expect(Buffer.concat(err)).toEqual(sent(2))
      }),
      { numRuns: 100 },
    )
  })

  it('are read no faster than their reader', async () => {
    const chunks = Array.from({ length: 100 }, () => frame(1, Buffer.alloc(16_384)))
    const source = connection(chunks)
    const { stdout, stderr } = demux(source.stream)
    stderr.resume()
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(source.given()).toBeLessThan(20)
    const all = Buffer.concat(await stdout.toArray())
    expect(all.length).toBe(100 * 16_384)
  })

  it('go on when one reader has gone away', async () => {
    const chunks = [frame(2, Buffer.alloc(65_536)), frame(2, Buffer.alloc(65_536)), frame(1, Buffer.from('end'))]
    const { stdout, stderr } = demux(connection(chunks).stream)
    stderr.destroy()
    expect(Buffer.concat(await stdout.toArray()).toString()).toBe('end')
  })
})
