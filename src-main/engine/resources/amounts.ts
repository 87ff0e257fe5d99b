import { type Amounts, RESOURCE_KINDS, type ResourceKind, type ResourceLimits, type Usage } from '@contract'

/** What is called a megabyte in limits and rates: 2^20 bytes, as the kernel's throttles are given it. */
export const MIB = 1024 * 1024

/** Where each kind stands in amounts and in usage. */
export const FIELD_OF = {
  memory: 'memoryBytes',
  cpu: 'cpuMillis',
  disk: 'diskIoMbps',
  network: 'networkIoMbps',
} as const satisfies Record<ResourceKind, keyof Amounts & keyof Usage>

export const NOTHING: Amounts = { memoryBytes: 0, cpuMillis: 0, diskIoMbps: 0, networkIoMbps: 0 }

/**
 * What a run with these limits has to be granted, in whole numbers: bytes, thousandths of a core, MB/s. A part of a
 * thousandth of a core counts as one, so that a grant is never less than what its sandbox lets through.
 */
export const amountsOf = (limits: ResourceLimits): Amounts => ({
  memoryBytes: limits.memoryMb * MIB,
  // A product such as 1.1 × 1000 comes out a hair too large; that is no further thousandth.
  cpuMillis: Math.ceil(Number((limits.cpuCores * 1000).toFixed(6))),
  diskIoMbps: limits.diskIoMbps,
  networkIoMbps: limits.networkIoMbps,
})

export const plus = (a: Amounts, b: Amounts): Amounts => ({
  memoryBytes: a.memoryBytes + b.memoryBytes,
  cpuMillis: a.cpuMillis + b.cpuMillis,
  diskIoMbps: a.diskIoMbps + b.diskIoMbps,
  networkIoMbps: a.networkIoMbps + b.networkIoMbps,
})

export const minus = (a: Amounts, b: Amounts): Amounts => ({
  memoryBytes: a.memoryBytes - b.memoryBytes,
  cpuMillis: a.cpuMillis - b.cpuMillis,
  diskIoMbps: a.diskIoMbps - b.diskIoMbps,
  networkIoMbps: a.networkIoMbps - b.networkIoMbps,
})

/** Less than nothing is nothing: after totals were lowered below what is granted. */
export const atLeastNothing = (a: Amounts): Amounts => ({
  memoryBytes: Math.max(0, a.memoryBytes),
  cpuMillis: Math.max(0, a.cpuMillis),
  diskIoMbps: Math.max(0, a.diskIoMbps),
  networkIoMbps: Math.max(0, a.networkIoMbps),
})

/** The kinds of which `asked` is more than `free`. */
export const exceeding = (asked: Amounts, free: Amounts): ResourceKind[] =>
  RESOURCE_KINDS.filter((kind) => asked[FIELD_OF[kind]] > free[FIELD_OF[kind]])

export const areEqual = (a: Amounts, b: Amounts): boolean =>
  RESOURCE_KINDS.every((kind) => a[FIELD_OF[kind]] === b[FIELD_OF[kind]])

/** The whole numbers at or below. */
export const whole = (a: Amounts): Amounts => ({
  memoryBytes: Math.floor(a.memoryBytes),
  cpuMillis: Math.floor(a.cpuMillis),
  diskIoMbps: Math.floor(a.diskIoMbps),
  networkIoMbps: Math.floor(a.networkIoMbps),
})

/** This share of an amount, rounded up: what is held back is never less than it says. */
export const shareOf = (a: Amounts, percent: number): Amounts => ({
  memoryBytes: Math.ceil((a.memoryBytes * percent) / 100),
  cpuMillis: Math.ceil((a.cpuMillis * percent) / 100),
  diskIoMbps: Math.ceil((a.diskIoMbps * percent) / 100),
  networkIoMbps: Math.ceil((a.networkIoMbps * percent) / 100),
})

const NAMES: Readonly<Record<ResourceKind, string>> = {
  memory: 'memory',
  cpu: 'processor time',
  disk: 'disk rate',
  network: 'network rate',
}

/** An amount of one kind, for a sentence: `memory (256 MiB)`. */
export const inWords = (kind: ResourceKind, amount: number): string => {
  const figure = {
    memory: () => `${Math.round((amount / MIB) * 10) / 10} MiB`,
    cpu: () => `${amount / 1000} cores`,
    disk: () => `${Math.round(amount * 10) / 10} MB/s`,
    network: () => `${Math.round(amount * 10) / 10} MB/s`,
  }[kind]()
  return `${NAMES[kind]} (${figure})`
}

export const nameOf = (kind: ResourceKind): string => NAMES[kind]
