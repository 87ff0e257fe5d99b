import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ended, splitLines } from './split-lines'

const collect = async (chunks: readonly (string | Buffer)[]): Promise<string[]> => {
  const stream = new PassThrough()
  const lines: string[] = []
  splitLines(stream, (more) => lines.push(...more))
  for (const chunk of chunks) stream.write(chunk)
  const end = ended(stream)
  stream.end()
  await end
  return lines
}

describe('splitting output into lines', () => {
  it('joins what came in pieces and keeps a last line without an end', async () => {
    expect(await collect(['one\ntw', 'o\r\nthr', 'ee'])).toEqual(['one', 'two', 'three'])
  })

  it('keeps a character whose bytes came apart', async () => {
    const bytes = Buffer.from('€\n')
    expect(await collect([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['€'])
  })

  it('hands on output without line ends in bounded pieces and loses none of it', async () => {
    const lines = await collect(['x'.repeat(50_000), 'x'.repeat(50_000), 'x'.repeat(50_000)])
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.join('')).toBe('x'.repeat(150_000))
  })
})
