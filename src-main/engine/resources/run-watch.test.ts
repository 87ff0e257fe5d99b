import type { Enforcement, ResourceKind, Usage } from '@contract'
import { describe, expect, it } from 'vitest'
import { createRunWatch, type RunWatchOptions } from './run-watch'
import { NO_USE } from './usage'

const granted = { memoryBytes: 1_000, cpuMillis: 500, diskIoMbps: 10, networkIoMbps: 10 }
const MONITORED: Record<ResourceKind, Enforcement> = {
  memory: 'monitor',
  cpu: 'monitor',
  disk: 'monitor',
  network: 'none',
}
const FINE: Usage = { ...NO_USE, memoryBytes: 1_000, cpuMillis: 500 }
const TOO_MUCH: Usage = { ...NO_USE, memoryBytes: 1_001 }

const setUp = (options: Partial<RunWatchOptions> & { can?: boolean } = {}) => {
  const said: string[] = []
  const stopped: ResourceKind[] = []
  const shares: (number | null)[] = []
  const watch = createRunWatch({
    granted,
    sandbox: {
      enforcement: MONITORED,
      throttle: async (share) => {
        shares.push(share)
        return options.can ?? true
      },
    },
    action: 'Throttle',
    stopAfterViolations: 5,
    onObserved: ({ action, kind, inARow }) => said.push(`${action} ${kind} ${inARow}`),
    onStop: (kind) => stopped.push(kind),
    ...options,
  })
  const feed = async (usage: Usage, times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      watch.sample(usage)
      await Promise.resolve()
      await Promise.resolve()
      await Promise.resolve()
    }
  }
  return { watch, said, stopped, shares, feed }
}

describe('a run beyond its grant (resources R6)', () => {
  it('is throttled at once and stopped once after so many samples in a row', async () => {
    const { watch, said, stopped, shares, feed } = setUp()
    await feed(TOO_MUCH, 1)
    expect(watch.isThrottled()).toBe(true)
    expect(shares).toEqual([0.5])
    await feed(TOO_MUCH, 3)
    expect(stopped).toEqual([])
    await feed(TOO_MUCH, 5)
    expect(stopped).toEqual(['memory'])
    expect(said).toEqual(['throttled memory 1', 'noted memory 2', 'noted memory 4', 'stopped memory 5'])
  })

  it('gets everything back after three clean samples, and starts to count anew', async () => {
    const { watch, said, stopped, shares, feed } = setUp()
    await feed(TOO_MUCH, 4)
    await feed(FINE, 2)
    expect(watch.isThrottled()).toBe(true)
    await feed(FINE, 1)
    expect(watch.isThrottled()).toBe(false)
    expect(shares).toEqual([0.5, null])
    await feed(TOO_MUCH, 4)
    expect(stopped).toEqual([])
    expect(said.at(4)).toBe('throttled memory 1')
    expect(said.at(3)).toBe('released memory 0')
  })

  it('is stopped all the same where it cannot be throttled, and is not said to be throttled', async () => {
    const { watch, said, stopped, shares, feed } = setUp({ can: false })
    await feed(TOO_MUCH, 4)
    expect(watch.isThrottled()).toBe(false)
    expect(shares).toEqual([0.5])
    expect(said).toEqual(['noted memory 1', 'noted memory 2', 'noted memory 4'])
    await feed(TOO_MUCH, 1)
    expect(stopped).toEqual(['memory'])
  })

  it('counts as not throttled when the back-end fails at it', async () => {
    const { watch, said, feed } = setUp({
      sandbox: { enforcement: MONITORED, throttle: () => Promise.reject(new Error('gone')) },
    })
    await feed(TOO_MUCH, 1)
    expect(watch.isThrottled()).toBe(false)
    expect(said).toEqual(['noted memory 1'])
  })

  it('is only noted under LogOnly, ever more rarely', async () => {
    const { said, stopped, shares, feed } = setUp({ action: 'LogOnly' })
    await feed(TOO_MUCH, 100)
    expect(said.map((text) => text.split(' ')[2])).toEqual(['1', '2', '4', '8', '16', '32', '64'])
    expect([stopped, shares]).toEqual([[], []])
  })

  it('is stopped at the first sample under Stop', async () => {
    const { said, stopped, feed } = setUp({ action: 'Stop' })
    await feed(FINE, 3)
    expect(stopped).toEqual([])
    await feed(TOO_MUCH, 2)
    expect([stopped, said]).toEqual([['memory'], ['stopped memory 1']])
  })
})

describe('what is held against a run (resources R5)', () => {
  it('is what nobody else holds and what can be seen', async () => {
    const kernel = setUp({ sandbox: { enforcement: { ...MONITORED, memory: 'kernel' }, throttle: async () => true } })
    await kernel.feed(TOO_MUCH, 9)
    await kernel.feed({ ...FINE, networkIoMbps: 1_000, diskIoMbps: null, cpuMillis: null }, 9)
    expect([kernel.said, kernel.stopped]).toEqual([[], []])
  })

  it('is the kind that is furthest beyond; a rate may be measured a little high, memory not', async () => {
    const { said, feed } = setUp({ action: 'LogOnly' })
    await feed({ ...FINE, cpuMillis: 525, diskIoMbps: 10.5 }, 1)
    expect(said).toEqual([])
    await feed({ ...FINE, memoryBytes: 1_500, cpuMillis: 900, diskIoMbps: 12 }, 1)
    expect(said).toEqual(['noted cpu 1'])
  })
})

it('says nothing any more once it is closed', async () => {
  const { watch, said, stopped, feed } = setUp()
  watch.close()
  await feed(TOO_MUCH, 9)
  expect([said, stopped]).toEqual([[], []])
})
