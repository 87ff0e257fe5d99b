import { describe, expect, it } from 'vitest'
import { createSampleReader } from './stats'

const cpu = (totalNs: number, machineNs: number) => ({
  cpu_usage: { total_usage: totalNs },
  system_cpu_usage: machineNs,
  online_cpus: 2,
})

const sampleOf = (message: unknown, atMs: number) => createSampleReader()(message, atMs)

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
      diskBytesPerSecond: null,
      networkBytesPerSecond: null,
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

describe('a rate', () => {
  const block = (read: number, written: number, names = ['Read', 'Write', 'Total'] as const) => ({
    io_service_bytes_recursive: [
      { major: 254, minor: 0, op: names[0], value: read },
      { major: 254, minor: 0, op: names[1], value: written },
      { major: 254, minor: 0, op: names[2], value: read + written },
    ],
  })
  const message = (atSeconds: number, more: object) => ({
    read: `2026-01-01T00:00:0${atSeconds}.500000001Z`,
    cpu_stats: cpu(1, 1),
    memory_stats: { usage: 1 },
    ...more,
  })

  it('is what was read and written between two messages, by the clock of the daemon', () => {
    const read = createSampleReader()
    expect(read(message(0, { blkio_stats: block(1_000, 0) }), 0)).toMatchObject({ diskBytesPerSecond: null })
    expect(read(message(2, { blkio_stats: block(2_000, 5_000) }), 9_999)).toMatchObject({ diskBytesPerSecond: 3_000 })
    expect(read(message(3, { blkio_stats: block(2_000, 5_000) }), 10_000)).toMatchObject({ diskBytesPerSecond: 0 })
  })

  it('adds up all links', () => {
    const read = createSampleReader()
    const networks = (bytes: number) => ({
      networks: { eth0: { rx_bytes: bytes, tx_bytes: 1 }, eth1: { rx_bytes: 2, tx_bytes: bytes } },
    })
    read(message(0, networks(0)), 0)
    expect(read(message(1, networks(500)), 0)).toMatchObject({ networkBytesPerSecond: 1_000 })
  })

  it('is unknown where nothing is told, and when the counters began anew', () => {
    const read = createSampleReader()
    read(message(0, { blkio_stats: { io_service_bytes_recursive: null } }), 0)
    const still = read(message(1, { blkio_stats: { io_service_bytes_recursive: null } }), 0)
    expect(still).toMatchObject({ diskBytesPerSecond: null, networkBytesPerSecond: null })
    expect(read(message(2, { blkio_stats: block(9, 9) }), 0)).toMatchObject({ diskBytesPerSecond: null })
    expect(read(message(3, { blkio_stats: block(1, 1) }), 0)).toMatchObject({ diskBytesPerSecond: null })
  })
})
