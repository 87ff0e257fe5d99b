import type { MessageHeader } from '@contract'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/app-error'
import { createScan, type Page } from './scan'

const message = (sequence: number): MessageHeader => ({ id: `m${sequence}`, sequence }) as unknown as MessageHeader
const failure = new AppError({ code: 'IPC_004', message: 'no', nextStep: '', retryable: true })

/**
 * An engine with `count` messages, the newest first, that looks at `budget` of them for one answer and knows nothing of
 * what the page keeps.
 */
const engineOf = (count: number, budget: number, fits: (sequence: number) => boolean) => {
  const asked: (string | undefined)[] = []
  const ask = async (before: string | undefined, limit: number): Promise<Page> => {
    asked.push(before)
    const items: MessageHeader[] = []
    let at = before === undefined ? count : Number(before)
    let scanned = 0
    while (at > 0 && scanned < budget && items.length < limit) {
      at -= 1
      scanned += 1
      if (fits(at)) items.push(message(at))
    }
    return { items, scanned, next: at === 0 ? null : String(at), complete: at === 0 || items.length === limit }
  }
  return { ask, asked }
}

const scanOf = (ask: (before: string | undefined, limit: number) => Promise<Page>, pageSize = 10) => {
  const found: number[] = []
  const scan = createScan({
    ask,
    pageSize,
    keep: () => true,
    onFound: (headers) => found.push(...headers.map(({ sequence }) => sequence)),
    onChange: () => undefined,
  })
  return { scan, found }
}

const settled = async (scan: { progress: () => { state: string } }): Promise<void> => {
  while (scan.progress().state === 'looking') await new Promise(setImmediate)
}

describe('looking through messages', () => {
  it('asks on by itself until a page is full', async () => {
    const { ask, asked } = engineOf(1000, 50, (sequence) => sequence % 20 === 0)
    const { scan, found } = scanOf(ask)
    scan.more()
    await settled(scan)
    expect(scan.progress()).toMatchObject({ state: 'full', sparse: true, found: 10 })
    expect(found).toHaveLength(10)
    expect(asked.length).toBe(4)
  })

  it('ends where there is nothing older, and says how much it looked at', async () => {
    const { scan, found } = scanOf(engineOf(330, 100, (sequence) => sequence === 7).ask)
    scan.more()
    await settled(scan)
    expect(scan.progress()).toMatchObject({ state: 'end', looked: 330, found: 1 })
    expect(found).toEqual([7])
    scan.more()
    expect(scan.progress().state).toBe('end')
  })

  it('stops when a person says so, keeps the answer on its way, and goes on from there', async () => {
    const engine = engineOf(300, 100, () => false)
    let release: () => void = () => undefined
    const held = vi.fn(async (before: string | undefined, limit: number) => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return engine.ask(before, limit)
    })
    const { scan } = scanOf(held)
    scan.more()
    scan.stop()
    expect(scan.progress().state).toBe('stopped')
    release()
    await vi.waitFor(() => expect(scan.progress().looked).toBe(100))
    expect(scan.progress().state).toBe('stopped')
    expect(held).toHaveBeenCalledTimes(1)
    scan.more()
    release()
    await vi.waitFor(() => expect(held).toHaveBeenCalledTimes(3))
    release()
    await settled(scan)
    expect(engine.asked).toEqual([undefined, '200', '100'])
    expect(scan.progress()).toMatchObject({ state: 'end', looked: 300 })
  })

  it('goes on once when asked to before the answer to a stopped question came', async () => {
    const { ask, asked } = engineOf(200, 100, () => false)
    const { scan } = scanOf(ask)
    scan.more()
    scan.stop()
    scan.more()
    await settled(scan)
    expect(asked).toEqual([undefined, '100'])
  })

  it('says what went wrong and tries the same place again', async () => {
    const engine = engineOf(30, 10, () => true)
    const ask = vi.fn(engine.ask).mockImplementationOnce(engine.ask).mockRejectedValueOnce(failure)
    const { scan, found } = scanOf(ask, 10)
    scan.more()
    await settled(scan)
    scan.more()
    await settled(scan)
    expect(scan.progress()).toMatchObject({ state: 'failed', error: failure })
    scan.more()
    await settled(scan)
    expect(scan.progress()).toMatchObject({ state: 'full', error: null })
    expect(found).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10])
  })

  it('does not ask for ever when an answer gets nowhere', async () => {
    const ask = vi.fn(async () => ({ items: [], next: 'here', complete: false, scanned: 0 }))
    const { scan } = scanOf(ask)
    scan.more()
    await settled(scan)
    expect(scan.progress().state).toBe('end')
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('finds everything that fits once and in order, whatever the budget and the page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 120 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 20 }),
        async (fits, budget, pageSize) => {
          const { scan, found } = scanOf(engineOf(fits.length, budget, (at) => fits[at] === true).ask, pageSize)
          while (scan.progress().state !== 'end') {
            scan.more()
            await settled(scan)
          }
          const expected = fits.flatMap((fit, at) => (fit ? [at] : [])).reverse()
          expect(found).toEqual(expected)
          expect(scan.progress().looked).toBe(fits.length)
        },
      ),
      { numRuns: 100 },
    )
  })
})
