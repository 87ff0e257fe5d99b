import { Duplex, PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createInput } from './input'

/** A connection that takes what it gets until it is told to hold it back. */
const connection = () => {
  let held: (() => void) | null = null
  const got: string[] = []
  let isHolding = false
  const line = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      if (isHolding) {
        held = done
        return
      }
      got.push(chunk.toString())
      done()
    },
  })
  return {
    line,
    got: () => got.join(''),
    hold() {
      isHolding = true
    },
    isHeld: () => held !== null,
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('the input of a program', () => {
  it('sends again over a new connection what may not have arrived, and waits with the rest', async () => {
    const input = createInput()
    const first = connection()
    input.connect(first.line)
    input.stdin.write('{"id":1}\n')
    input.stdin.write('{"id":2}\n')
    await turn()
    expect(first.got()).toBe('{"id":1}\n{"id":2}\n')
    input.disconnect()
    input.stdin.write('{"id":3}\n')
    input.stdin.write('{"id":4}\n')
    await turn()
    expect(first.got()).toBe('{"id":1}\n{"id":2}\n')
    const second = connection()
    input.connect(second.line)
    await turn()
    expect(second.got()).toBe('\n{"id":1}\n{"id":2}\n{"id":3}\n{"id":4}\n')
  })

  it('sends what was on its way when the connection broke, once more and whole', async () => {
    const input = createInput()
    const first = connection()
    input.connect(first.line)
    first.hold()
    input.stdin.write('{"id":1}\n')
    await turn()
    expect(first.isHeld()).toBe(true)
    first.line.destroy()
    input.disconnect()
    const second = connection()
    input.connect(second.line)
    await turn()
    expect(second.got()).toBe('\n{"id":1}\n')
  })

  it('keeps the newest of what was sent, not all of it', async () => {
    const input = createInput()
    const first = connection()
    input.connect(first.line)
    for (let count = 0; count < 600; count += 1) input.stdin.write(`${String(count).padStart(999)}\n`)
    await new Promise<void>((resolve) => input.stdin.write('last\n', () => resolve()))
    input.disconnect()
    const second = connection()
    input.connect(second.line)
    await turn()
    expect(second.got().length).toBeGreaterThanOrEqual(256 * 1024)
    expect(second.got().length).toBeLessThan(300 * 1024)
    expect(second.got().endsWith(`${String(599).padStart(999)}\nlast\n`)).toBe(true)
  })

  it('holds back its writer while nothing is connected, and ends with it', async () => {
    const input = createInput()
    expect(Array.from({ length: 80 }, () => input.stdin.write(Buffer.alloc(1_024))).at(-1)).toBe(false)
    const line = new PassThrough()
    input.connect(line)
    input.stdin.end()
    const all = await line.toArray()
    expect(Buffer.concat(all).length).toBe(80 * 1_024)
  })
})
