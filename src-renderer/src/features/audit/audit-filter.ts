import type { AuditFilter, CallInput } from '@contract'
import type { AuditRange, AuditSearch } from '@/lib/search'

export type Filter = CallInput<'audit.list'>['filter']

/** From the quietest to the loudest. */
export const SEVERITIES = ['info', 'notice', 'warning', 'error', 'critical'] as const satisfies readonly NonNullable<
  AuditFilter['severities']
>[number][]

const MINUTE_MS = 60_000

const RANGE_MS = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '24h': 1440 * MINUTE_MS,
  '7d': 10_080 * MINUTE_MS,
} as const satisfies Record<Exclude<AuditRange, 'custom'>, number>

export const RANGE_WORDS = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  custom: 'From and to',
} as const satisfies Record<AuditRange, string>

const given = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }

/** The time that a range means, begun at a whole minute so that the same question stays the same for a while. */
const timesOf = (search: AuditSearch, nowMs: number): Pick<Filter, 'fromMs' | 'beforeMs'> => {
  if (search.range === undefined) return {}
  if (search.range === 'custom') return { ...given('fromMs', search.since), ...given('beforeMs', search.until) }
  return { fromMs: Math.floor((nowMs - RANGE_MS[search.range]) / MINUTE_MS) * MINUTE_MS }
}

/** What the engine is asked for by an address. */
export const filterOf = (search: AuditSearch, nowMs: number): Filter => ({
  ...given('correlationId', search.correlationId),
  ...given('outcome', search.outcome),
  ...(search.severity === undefined ? {} : { severities: SEVERITIES.slice(SEVERITIES.indexOf(search.severity)) }),
  ...given('actorKind', search.actor),
  ...given('agentId', search.agent),
  ...given('action', search.action),
  ...given('text', search.text),
  ...timesOf(search, nowMs),
})

/** True when anything narrows the list. */
export const isFiltered = (filter: Filter): boolean => Object.keys(filter).length > 0
