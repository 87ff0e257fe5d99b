import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config'
import { createManualClock } from '../core'
import { readCgroupLimits } from './cgroup'
import { createMachine, type Machine } from './machine'
import { createMachineUse } from './machine-use'
import { totalsOf } from './totals'

const reader = (files: Record<string, string>) => (path: string) => files[path]
const config = (toml: string) => loadConfig({ path: 'x.toml', env: {}, readFile: () => `[resource]\n${toml}` }).resource

describe('the limits of our own control group', () => {
  it('are the least on the way up, under version 2', () => {
    const files = {
      '/proc/self/cgroup': '0::/user.slice/app\n',
      '/sys/fs/cgroup/user.slice/memory.max': '4096\n',
      '/sys/fs/cgroup/user.slice/app/memory.max': 'max\n',
      '/sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/user.slice/app/cpu.max': '150000 100000\n',
    }
    expect(readCgroupLimits(reader(files))).toEqual({ memoryBytes: 4096, cpuMillis: 1_500 })
  })

  it('are read under version 1, where the largest number and −1 stand for none', () => {
    const files = {
      '/proc/self/cgroup': '4:memory:/box\n2:cpu,cpuacct:/box\n0::/\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/memory/box/memory.limit_in_bytes': '1073741824\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000\n',
    }
    expect(readCgroupLimits(reader(files))).toEqual({ memoryBytes: 1_073_741_824, cpuMillis: 500 })
  })

  it('are none where nothing is told', () => {
    expect(readCgroupLimits(reader({}))).toEqual({ memoryBytes: null, cpuMillis: null })
  })
})

describe('the totals', () => {
  const machine = { memoryBytes: 8e9, cpuMillis: 4_000, linkBitsPerSecond: null } as Machine

  it('are those of the machine, assumed where it does not tell', () => {
    expect(totalsOf(config(''), machine)).toEqual({
      amounts: { memoryBytes: 8e9, cpuMillis: 4_000, diskIoMbps: 1_000, networkIoMbps: 125 },
      source: { memory: 'machine', cpu: 'machine', disk: 'assumed', network: 'assumed' },
    })
    expect(totalsOf(config(''), { ...machine, linkBitsPerSecond: 10e9 })).toMatchObject({
      amounts: { networkIoMbps: 1_192 },
      source: { network: 'machine' },
    })
  })

  it('are those that were configured', () => {
    const toml = 'total_memory = 1000\ntotal_cpu_cores = 2\ntotal_disk_io = 3\ntotal_network_io = 4'
    expect(totalsOf(config(toml), machine)).toEqual({
      amounts: { memoryBytes: 1_000, cpuMillis: 2_000, diskIoMbps: 3, networkIoMbps: 4 },
      source: { memory: 'configured', cpu: 'configured', disk: 'configured', network: 'configured' },
    })
  })

  it('of a control group are less than those of the machine', () => {
    const whole = createMachine({ memoryBytes: null, cpuMillis: null })
    const held = createMachine({ memoryBytes: 1_024, cpuMillis: 50 })
    expect([held.memoryBytes, held.cpuMillis]).toEqual([1_024, 50])
    expect(whole.memoryBytes).toBeGreaterThan(1_024)
    expect(whole.usedMemoryBytes()).toBeGreaterThan(0)
  })
})

describe('the use of the machine', () => {
  const setUp = () => {
    const clock = createManualClock()
    let readings = 0
    let changes = 0
    const use = createMachineUse({
      machine: {
        usedMemoryBytes: () => 7,
        cpuTimes: () => {
          readings += 1
          // Each second, half a second of each of two cores.
          return { busyMs: clock.monotonicMs(), allMs: clock.monotonicMs() * 2, cores: 2 }
        },
      },
      clock,
      busyEveryMs: 30_000,
      onMeasured: () => {
        changes += 1
      },
    })
    return { clock, use, readings: () => readings, changes: () => changes }
  }

  it('is measured each second while somebody looks, and then no more (resources R9)', () => {
    const { clock, use, readings, changes } = setUp()
    expect(use.look()).toMatchObject({ memoryBytes: 7, cpuMillis: null })
    clock.advance(1_000)
    expect(use.look()).toMatchObject({ cpuMillis: 1_000 })
    expect(changes()).toBe(1)
    clock.advance(60_000)
    expect(readings()).toBe(7)
    clock.advance(600_000)
    expect(readings()).toBe(7)
  })

  it('says nothing about a stretch that is too long to mean now', () => {
    const { clock, use } = setUp()
    use.look()
    clock.advance(600_000)
    expect(use.look()).toMatchObject({ cpuMillis: null })
  })

  it('is measured rarely while runs are under way and nobody looks', () => {
    const { clock, use, readings, changes } = setUp()
    use.setBusy(true)
    clock.advance(90_000)
    expect([readings(), changes()]).toEqual([3, 0])
    use.setBusy(false)
    clock.advance(90_000)
    expect(readings()).toBe(3)
  })
})
