import type { Amounts } from '@contract'

export const NOTHING: Amounts = { memoryBytes: 0, cpuMillis: 0, diskIoMbps: 0, networkIoMbps: 0 }

export const plus = (a: Amounts, b: Amounts): Amounts => ({
  memoryBytes: a.memoryBytes + b.memoryBytes,
  cpuMillis: a.cpuMillis + b.cpuMillis,
  diskIoMbps: a.diskIoMbps + b.diskIoMbps,
  networkIoMbps: a.networkIoMbps + b.networkIoMbps,
})

/** What of `a` is left without `b`, nothing less than none. */
export const without = (a: Amounts, b: Amounts): Amounts => ({
  memoryBytes: Math.max(0, a.memoryBytes - b.memoryBytes),
  cpuMillis: Math.max(0, a.cpuMillis - b.cpuMillis),
  diskIoMbps: Math.max(0, a.diskIoMbps - b.diskIoMbps),
  networkIoMbps: Math.max(0, a.networkIoMbps - b.networkIoMbps),
})

export const sum = (all: Iterable<Amounts>): Amounts => {
  let total = NOTHING
  for (const one of all) total = plus(total, one)
  return total
}

/** Which of it is short, in words: `memory`, `memory and cpu`. */
export const shortOf = (wanted: Amounts, free: Amounts): string => {
  const short = [
    wanted.memoryBytes > free.memoryBytes ? 'memory' : null,
    wanted.cpuMillis > free.cpuMillis ? 'processor time' : null,
    wanted.diskIoMbps > free.diskIoMbps ? 'disk rate' : null,
    wanted.networkIoMbps > free.networkIoMbps ? 'network rate' : null,
  ].filter((name) => name !== null)
  return short.length === 0 ? 'resources' : short.join(' and ')
}
