import type { Breaker } from '@contract'
import { formatDuration, formatMinutes } from '@/lib/format'

export const BREAKER_LOOKS = {
  open: { word: 'Open', shape: 'cross', colour: 'text-bad' },
  'half-open': { word: 'Half-open', shape: 'half', colour: 'text-wait' },
  closed: { word: 'Closed', shape: 'check', colour: 'text-ok' },
} as const satisfies Record<Breaker['state'], object>

export const BREAKER_NAMES = {
  backend: 'Back-end',
  tool: 'Tool',
  endpoint: 'Endpoint',
} as const satisfies Record<Breaker['kind'], string>

const ORDER: readonly Breaker['state'][] = ['open', 'half-open', 'closed']

/** What needs attention first, then by name. */
export const byUrgency = (breakers: readonly Breaker[]): readonly Breaker[] =>
  [...breakers].sort(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name),
  )

/** When a call is let through again, in words. */
export const nextProbeWords = (
  { state, nextProbeAtMs }: Breaker,
  nowMs: number,
  countdown: (leftMs: number) => string,
): string => {
  switch (state) {
    case 'closed':
      return 'calls go through'
    case 'half-open':
      return 'one call is out'
    case 'open':
      return nextProbeAtMs === null || nextProbeAtMs <= nowMs
        ? 'with the next call'
        : `in ${countdown(nextProbeAtMs - nowMs)}`
  }
}

const MINUTE_MS = 60_000

/** The window in which failures count: "1 minute", "2.5 s". */
export const windowWords = (windowMs: number): string =>
  windowMs % MINUTE_MS === 0 ? formatMinutes(windowMs / MINUTE_MS) : formatDuration(windowMs)
