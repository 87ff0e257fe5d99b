import type { Allocation, Amounts, Enforcement, ResourceKind, ResourceOverview, Usage, Violation } from '@contract'
import { formatBytes } from '@/lib/format'

export const KINDS = ['memory', 'cpu', 'disk', 'network'] as const satisfies readonly ResourceKind[]

export const KIND_NAMES = {
  memory: 'Memory',
  cpu: 'Processors',
  disk: 'Disk rate',
  network: 'Network rate',
} as const satisfies Record<ResourceKind, string>

const FIELDS = {
  memory: 'memoryBytes',
  cpu: 'cpuMillis',
  disk: 'diskIoMbps',
  network: 'networkIoMbps',
} as const satisfies Record<ResourceKind, keyof Amounts & keyof Usage>

export const amountOf = (kind: ResourceKind, amounts: Amounts): number => amounts[FIELDS[kind]]
export const usedOf = (kind: ResourceKind, usage: Usage): number | null => usage[FIELDS[kind]]

const trimmed = (value: number): string => String(Number(value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)))

/** An amount of one kind with its unit: "1.5 GiB", "0.5 cores", "50 MB/s". */
export const formatAmount = (kind: ResourceKind, amount: number): string => {
  switch (kind) {
    case 'memory':
      return formatBytes(amount)
    case 'cpu':
      return amount === 1_000 ? '1 core' : `${trimmed(amount / 1000)} cores`
    case 'disk':
    case 'network':
      return `${trimmed(amount)} MB/s`
  }
}

/** The same before an amount of the same kind, which has the unit: "0.35" before "of 0.5 cores". */
export const formatBare = (kind: ResourceKind, used: number | null): string =>
  used === null ? 'not told' : kind === 'memory' ? formatBytes(used) : trimmed(kind === 'cpu' ? used / 1000 : used)

/** The same, where nothing may be known: "not told". */
export const formatUsed = (kind: ResourceKind, used: number | null): string =>
  used === null ? 'not told' : formatAmount(kind, used)

export const SOURCE_WORDS = {
  machine: 'of this machine',
  configured: 'as configured',
  assumed: 'assumed: a machine does not tell',
} as const satisfies Record<ResourceOverview['source'][ResourceKind], string>

export const ENFORCEMENT_WORDS = {
  kernel: 'held by the kernel',
  monitor: 'watched',
  none: 'not enforced',
} as const satisfies Record<Enforcement, string>

/** How the limits of a run are kept, equal ones together: "Held by the kernel: memory, processors. Watched: disk rate." */
export const enforcementWords = (enforcement: Allocation['enforcement']): string =>
  (['kernel', 'monitor', 'none'] as const)
    .map((how) => ({ how, kinds: KINDS.filter((kind) => enforcement[kind] === how) }))
    .filter(({ kinds }) => kinds.length > 0)
    .map(({ how, kinds }) =>
      kinds.length === KINDS.length
        ? `all ${ENFORCEMENT_WORDS[how]}`
        : `${ENFORCEMENT_WORDS[how]}: ${kinds.map((kind) => KIND_NAMES[kind].toLowerCase()).join(', ')}`,
    )
    .join('; ')

/** How a run stands to its grant, gravest first. */
export const standingOf = (
  { used, throttled, violationsInARow }: Allocation,
  stopAfter: number,
): { word: string; shape: 'cross' | 'bars' | 'check' | 'dotted'; colour: string } => {
  if (violationsInARow > 0)
    return {
      word: `Over grant, ${violationsInARow} of ${stopAfter}${throttled ? ', throttled' : ''}`,
      shape: 'cross',
      colour: 'text-bad',
    }
  if (throttled) return { word: 'Throttled', shape: 'bars', colour: 'text-wait' }
  if (used === null) return { word: 'Not measured yet', shape: 'dotted', colour: 'text-text-3' }
  return { word: 'Within its grant', shape: 'check', colour: 'text-ok' }
}

export const VIOLATION_LOOKS = {
  noted: { word: 'Noted', shape: 'triangle', colour: 'text-wait' },
  throttled: { word: 'Throttled', shape: 'bars', colour: 'text-wait' },
  released: { word: 'Released', shape: 'check', colour: 'text-ok' },
  stopped: { word: 'Stopped', shape: 'cross', colour: 'text-bad' },
} as const satisfies Record<Violation['action'], object>

export interface MeterParts {
  /** Shares of the total, 0 to 1, for the bar: each part from the left, never more than the whole. */
  readonly usedShare: number
  readonly grantedShare: number
  readonly reservedShare: number
  /** Granted share of what may be granted; above 1 when more was granted than there is. */
  readonly ofGrantable: number
  /** Everything in one sentence, for those who do not see the bar. */
  readonly sentence: string
}

const within = (share: number): number => (Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0)

export const meterOf = (kind: ResourceKind, overview: ResourceOverview): MeterParts => {
  const total = amountOf(kind, overview.totals)
  const reserved = amountOf(kind, overview.reserved)
  const granted = amountOf(kind, overview.granted)
  const used = usedOf(kind, overview.used)
  const grantable = total - reserved
  return {
    usedShare: within((used ?? 0) / total),
    grantedShare: within(granted / total),
    reservedShare: within(reserved / total),
    ofGrantable: granted === 0 ? 0 : grantable <= 0 ? 1 : granted / grantable,
    sentence: [
      `${KIND_NAMES[kind]}: ${formatAmount(kind, granted)} granted of ${formatAmount(kind, grantable)} that may be`,
      `used ${formatUsed(kind, used)}`,
      `reserved ${formatAmount(kind, reserved)}`,
      `total ${formatAmount(kind, total)}`,
    ].join(', '),
  }
}
