import type { RuleTest, SimpleRule, TypedRule } from './file-schema'
import {
  type Limit,
  type Match,
  OPERATIONS,
  type PolicyRequest,
  type Rule,
  SECURITY_LEVELS,
  SECURITY_TIERS,
  type SecurityLevel,
  type TimeWindow,
  WEEKDAYS,
} from './types'

const DEFAULT_PRIORITY = 100

/** A name whose addresses a test does not give stands for a public one (RFC 5737). */
export const PUBLIC_ADDRESS = '203.0.113.1'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
}

const scaled = (text: string, units: Readonly<Record<string, number>>): number => {
  const found = /^(\d+)(\D+)$/.exec(text)
  return Number(found?.[1] ?? text) * (units[found?.[2] ?? ''] ?? 1)
}
const msOf = (text: string): number => scaled(text, UNIT_MS)
const bytesOf = (value: number | string): number => (typeof value === 'number' ? value : scaled(value, UNIT_BYTES))
const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

const levelOf = (tier: string): SecurityLevel =>
  SECURITY_LEVELS.find((level, at) => level === tier || SECURITY_TIERS[at] === tier) ?? 'none'

const many = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T]

/** A copy without the members that are not given. */
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }
const given = <T extends object>(members: T): Given<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>

type Shared = Pick<SimpleRule, 'priority' | 'mode' | 'effect' | 'limit' | 'reason' | 'obligations'>

const limitOf = ({ rate, bytes, concurrency }: NonNullable<Shared['limit']>): Limit => ({
  ...(rate === undefined
    ? {}
    : { rate: { requests: rate.requests, perMs: msOf(rate.per), burst: rate.burst ?? rate.requests } }),
  ...(bytes === undefined
    ? {}
    : {
        bytes: {
          ...(bytes.perRequest === undefined ? {} : { perRequest: bytesOf(bytes.perRequest) }),
          ...(bytes.perWindow === undefined || bytes.window === undefined
            ? {}
            : { perWindow: { bytes: bytesOf(bytes.perWindow), windowMs: msOf(bytes.window) } }),
        },
      }),
  ...(concurrency === undefined ? {} : { concurrency }),
})

const toRule = (name: string, match: Match, shared: Shared): Rule => ({
  name: name.trim(),
  priority: shared.priority ?? DEFAULT_PRIORITY,
  mode: shared.mode ?? 'enforce',
  effect: shared.effect,
  match,
  ...(shared.limit === undefined ? {} : { limit: limitOf(shared.limit) }),
  ...(shared.reason === undefined ? {} : { reason: shared.reason }),
  ...(shared.obligations === undefined
    ? {}
    : { obligations: given(shared.obligations) as Required<Rule>['obligations'] }),
  origin: 'file',
})

export const simpleToRule = (parsed: SimpleRule): Rule => {
  const one: NonNullable<SimpleRule['conditions']>[number] = Object.assign({}, ...(parsed.conditions ?? []))
  const match: Match = {
    ...(one.principal === undefined ? {} : { principals: [one.principal] }),
    ...(one.agent_name === undefined ? {} : { agents: [one.agent_name] }),
    ...(one.agent_security_level === undefined ? {} : { securityLevels: [one.agent_security_level] }),
    ...(one.resource_type === undefined ? {} : { resourceTypes: [one.resource_type] }),
    resources: parsed.resources,
    operations: parsed.operations,
  }
  return toRule(parsed.name, match, parsed)
}

const windowOf = (times: NonNullable<TypedRule['match']['times']>[number]): TimeWindow => ({
  days: times.days ?? WEEKDAYS,
  startMinute: minuteOf(times.from),
  endMinute: minuteOf(times.to),
  zone: times.zone,
})

export const typedToRule = (parsed: TypedRule): Rule => {
  const { match } = parsed
  const { agents, roles, labels, capabilities, tools, addresses } = match
  const lists = given({ agents, roles, labels, capabilities, tools, addresses }) as Partial<Match>
  return toRule(
    parsed.id,
    {
      ...lists,
      ...(match.principals === undefined ? {} : { principals: many(match.principals) }),
      ...(match.security_tier === undefined ? {} : { securityLevels: many(match.security_tier).map(levelOf) }),
      ...(match.resource_type === undefined ? {} : { resourceTypes: many(match.resource_type) }),
      resources: match.resources ?? ['**'],
      operations: match.operations ?? OPERATIONS,
      ...(match.times === undefined ? {} : { times: match.times.map(windowOf) }),
      ...(match.environment === undefined
        ? {}
        : {
            environment: Object.fromEntries(
              Object.entries(match.environment).map(([name, values]) => [name, many(values)]),
            ),
          }),
    },
    parsed,
  )
}

/** A test of the file as the request it stands for. */
export const testToRequest = (test: RuleTest) => {
  const { request, expect } = test
  const principal = request.principal ?? 'agent'
  const { roles, labels, capabilities, tool, environment } = request
  const full: PolicyRequest = {
    principal,
    agentName: principal === 'agent' ? (request.agent ?? 'agent') : '',
    securityLevel: principal === 'agent' ? levelOf(request.security_tier ?? 'tier1') : null,
    resourceType: request.resource_type,
    resource: request.resource,
    operation: request.operation,
    ...(given({ roles, labels, capabilities, tool, environment }) as Partial<PolicyRequest>),
    ...(request.resource_type === 'Network' ? { addresses: request.addresses ?? [PUBLIC_ADDRESS] } : {}),
    ...(request.real_path === undefined ? {} : { realPath: request.real_path }),
  }
  return {
    name: test.name,
    request: full,
    atMs: request.at === undefined ? null : Date.parse(request.at),
    expect: { effect: expect.decision, ...(expect.by === undefined ? {} : { by: expect.by }) },
  }
}
