import { describe, expect, it } from 'vitest'
import { sampleOf } from './stats'

const cpu = (totalNs: number, machineNs: number) => ({
  cpu_usage: { total_usage: totalNs },
  system_cpu_usage: machineNs,
  online_cpus: 2,
})

describe('a sample', () => {
  it('is percent of one core and memory without the cache that can go', () => {
    const message = {
      cpu_stats: cpu(1_500_000_000, 12_000_000_000),
      precpu_stats: cpu(1_000_000_000, 10_000_000_000),
      memory_stats: { usage: 50_000, limit: 100_000, stats: { total_inactive_file: 20_000 } },
      pids_stats: { current: 7 },
    }
    expect(sampleOf(message, 5)).toEqual({
      atMs: 5,
      cpuPercent: 50,
      memoryBytes: 30_000,
      memoryLimitBytes: 100_000,
      pids: 7,
      source: 'docker stats',
    })
    const v2 = { ...message, memory_stats: { usage: 50_000, stats: { inactive_file: 10_000 } } }
    expect(sampleOf(v2, 5)).toMatchObject({ memoryBytes: 40_000, memoryLimitBytes: null })
  })

  it('has no percent before there are two', () => {
    const first = {
      cpu_stats: cpu(1, 1),
      precpu_stats: { cpu_usage: { total_usage: 0 } },
      memory_stats: { usage: 1 },
    }
    expect(sampleOf(first, 0)).toMatchObject({ cpuPercent: null, pids: null })
    const still = { ...first, precpu_stats: cpu(1, 1) }
    expect(sampleOf(still, 0)).toMatchObject({ cpuPercent: null })
  })

  it('is not made of a message without figures', () => {
    const ended = { cpu_stats: { cpu_usage: { total_usage: 0 } }, precpu_stats: {}, memory_stats: {} }
    expect(sampleOf(ended, 0)).toBeUndefined()
    expect(sampleOf('{"cpu', 0)).toBeUndefined()
    expect(sampleOf(null, 0)).toBeUndefined()
  })
})
