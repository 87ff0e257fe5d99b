import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../core'
import { createDaemonLink } from './daemon-link'

const open = () => {
  const clock = createManualClock()
  let isThere = true
  const pings: number[] = []
  const seen: string[] = []
  const link = createDaemonLink({
    ping: async () => {
      pings.push(clock.monotonicMs())
      if (!isThere) throw new Error('gone')
    },
    clock,
    random: () => 0,
    wordsOf: (error) => String(error),
    onSeen: ({ answered }) => seen.push(answered ? 'answered' : 'failed'),
  })
  return {
    link,
    seen,
    pings,
    set: (there: boolean) => {
      isThere = there
    },
    async pass(ms: number, stepMs = 25) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(stepMs)
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
      }
    },
  }
}

describe('the link to a daemon', () => {
  it('asks every five seconds while somebody watches, and not at all otherwise', async () => {
    const { link, pings, pass } = open()
    await pass(20_000)
    expect(pings).toEqual([])
    const stop = link.watch(() => undefined)
    await pass(15_100)
    expect(pings).toEqual([5_000, 10_000, 15_000].map((ms) => ms + 20_000))
    stop()
    await pass(20_000)
    expect(pings).toHaveLength(3)
  })

  it('tells all once of a loss and once of the return, and asks at growing pauses meanwhile', async () => {
    const { link, pings, seen, set, pass } = open()
    const told: string[] = []
    link.watch((state) => told.push(`a ${state}`))
    link.watch((state) => told.push(`b ${state}`))
    set(false)
    await pass(15_000)
    expect(told).toEqual(['a lost', 'b lost'])
    expect(link.isLost()).toBe(true)
    const pauses = pings.slice(1).map((atMs, index) => atMs - (pings[index] ?? 0))
    expect(pauses.slice(0, 6)).toEqual([125, 250, 500, 1_000, 1_000, 1_000])
    expect(seen.every((one) => one === 'failed')).toBe(true)
    set(true)
    await pass(2_000)
    expect(told).toEqual(['a lost', 'b lost', 'a back', 'b back'])
    expect(seen.at(-1)).toBe('answered')
    expect(seen.filter((one) => one === 'answered')).toHaveLength(1)
    const late: string[] = []
    link.watch((state) => late.push(state))
    expect(late).toEqual([])
  })

  it('tells whoever comes during a loss, and answers who asks at once', async () => {
    const { link, set } = open()
    link.watch(() => undefined)
    set(false)
    expect(await Promise.all([link.check(), link.check()])).toEqual([false, false])
    const late: string[] = []
    link.watch((state, reason) => late.push(`${state}: ${reason}`))
    expect(late).toEqual(['lost: Error: gone'])
    set(true)
    expect(await link.check()).toBe(true)
    expect(late).toEqual(['lost: Error: gone', 'back: Docker answers again.'])
  })
})
