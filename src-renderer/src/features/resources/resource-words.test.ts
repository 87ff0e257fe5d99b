import type { Allocation, ResourceOverview } from '@contract'
import { describe, expect, it } from 'vitest'
import { enforcementWords, formatAmount, meterOf, standingOf } from './resource-words'

const GIB = 2 ** 30
const usage = { atMs: 0, memoryBytes: GIB, cpuMillis: 250, diskIoMbps: null, networkIoMbps: null, pids: 1 }
const amounts = (memoryBytes: number) => ({ memoryBytes, cpuMillis: 0, diskIoMbps: 0, networkIoMbps: 0 })
const overview = (granted: number) =>
  ({
    totals: amounts(10 * GIB),
    reserved: amounts(2 * GIB),
    granted: amounts(granted),
    used: usage,
  }) as ResourceOverview

describe('an amount', () => {
  it.each([
    ['memory', 1_610_612_736, '1.5 GiB'],
    ['cpu', 1_000, '1 core'],
    ['cpu', 450, '0.45 cores'],
    ['disk', 12.345, '12.3 MB/s'],
    ['network', 0, '0 MB/s'],
  ] as const)('of %s %d reads %s', (kind, amount, words) => {
    expect(formatAmount(kind, amount)).toBe(words)
  })
})

describe('a meter', () => {
  it('has every figure in words, and shares of the total', () => {
    expect(meterOf('memory', overview(4 * GIB))).toEqual({
      usedShare: 0.1,
      grantedShare: 0.4,
      reservedShare: 0.2,
      ofGrantable: 0.5,
      sentence: 'Memory: 4 GiB granted of 8 GiB that may be, used 1 GiB, reserved 2 GiB, total 10 GiB',
    })
  })

  it('says more than all when more was granted than there is, and its bar ends at the end', () => {
    expect(meterOf('memory', overview(16 * GIB))).toMatchObject({ grantedShare: 1, ofGrantable: 2 })
  })

  it('does not fail at nothing', () => {
    expect(meterOf('disk', overview(0))).toMatchObject({ usedShare: 0, grantedShare: 0, ofGrantable: 0 })
  })
})

describe('how limits are kept', () => {
  it('is said for all kinds, equal ones together', () => {
    expect(enforcementWords({ memory: 'kernel', cpu: 'kernel', disk: 'kernel', network: 'kernel' })).toBe(
      'all held by the kernel',
    )
    expect(enforcementWords({ memory: 'monitor', cpu: 'monitor', disk: 'kernel', network: 'none' })).toBe(
      'held by the kernel: disk rate; watched: memory, processors; not enforced: network rate',
    )
  })
})

describe('how a run stands', () => {
  it.each([
    [{ violationsInARow: 2, throttled: true }, 'Over grant, 2 of 5, throttled'],
    [{ violationsInARow: 1, throttled: false }, 'Over grant, 1 of 5'],
    [{ violationsInARow: 0, throttled: true }, 'Throttled'],
    [{ violationsInARow: 0, throttled: false }, 'Within its grant'],
    [{ violationsInARow: 0, throttled: false, used: null }, 'Not measured yet'],
  ])('%o reads %s', (change, word) => {
    expect(standingOf({ used: usage, ...change } as Allocation, 5).word).toBe(word)
  })
})
