import { type AddressTest, parseAddressTest } from './address'
import { type Glob, parseGlob } from './glob'
import { canonicalNetworkGlob } from './network'
import { bitsOf, type Query } from './query'
import { fileGlob, type Platform } from './resource-name'
import { createLocalTime, inWindow, type LocalTime } from './time-window'
import type { PolicyRequest, ResourceType, Rule, TimeWindow } from './types'

/** One thing that must hold for a rule to fit, and how to say what was wanted and what was there. */
export interface Condition {
  readonly key: string
  readonly wanted: string
  holds(query: Query): boolean
  actual(query: Query): string
}

/** A rule made ready to be asked. */
export interface CompiledRule {
  readonly rule: Rule
  /** Bits of what it speaks of; a type mask of 0 is every type, a principal mask of 0 every principal. */
  readonly operationMask: number
  readonly typeMask: number
  readonly principalMask: number
  readonly levelMask: number
  /** What the masks do not say. */
  readonly conditions: readonly Condition[]
  /** The masks again, in words, for explanations. */
  readonly masks: readonly Condition[]
  /** Patterns as they are matched, for the index and for hints. */
  readonly globs: { readonly file: readonly Glob[]; readonly network: readonly Glob[]; readonly other: readonly Glob[] }
  readonly agents: readonly Glob[] | null
}

const listed = (values: readonly string[]): string => values.join(', ')
const shown = (values: readonly string[] | undefined): string =>
  values === undefined || values.length === 0 ? '(none)' : listed(values)

const anyFits = (globs: readonly Glob[], text: string): boolean => {
  for (const glob of globs) if (glob.matches(text)) return true
  return false
}

const anyNameFits = (globs: readonly Glob[], names: readonly string[]): boolean => {
  for (const name of names) if (anyFits(globs, name)) return true
  return false
}

/** Stars, dots and colons say nothing of a host: star.dot.star is every address there is. */
const hasLiteralHost = (glob: Glob): boolean => /[^*?.:-]/.test(glob.source.split('/')[0] ?? '')

interface Resources {
  readonly all: readonly Glob[]
  /** Those that can name an address of an inner network. */
  readonly naming: readonly Glob[]
}

const resourceCondition = (rule: Rule, of: (query: Query) => Resources): Condition => ({
  key: 'resources',
  wanted: listed(rule.match.resources),
  holds:
    rule.effect === 'Deny'
      ? (query) => {
          const { all } = of(query)
          for (const { names } of query.asked) if (anyNameFits(all, names)) return true
          return false
        }
      : (query) => {
          const { all, naming } = of(query)
          let first = true
          for (const { names, internal } of query.asked) {
            // A public address behind a name that is allowed is allowed; ranges are for `addresses` to judge.
            const judged = first || query.network === null || (internal && rule.match.addresses === undefined)
            if (judged && !anyNameFits(internal ? naming : all, names)) return false
            first = false
          }
          return true
        },
  actual: (query) =>
    listed(
      query.asked.map(({ names, internal }) => (internal ? `${names[0] ?? ''} (internal address)` : (names[0] ?? ''))),
    ),
})

const attributeCondition = (key: 'roles' | 'labels' | 'capabilities', globTexts: readonly string[]): Condition => {
  const globs = globTexts.map(parseGlob)
  return {
    key,
    wanted: `one of ${listed(globTexts)}`,
    holds: ({ request }) => (request[key] ?? []).some((value) => anyFits(globs, value.normalize('NFC'))),
    actual: ({ request }) => shown(request[key]),
  }
}

const addressCondition = (rule: Rule, texts: readonly string[]): Condition => {
  const tests = texts.map((text): AddressTest => {
    const test = parseAddressTest(text)
    if (test === null) throw new Error(`"${text}" is not a range of addresses.`)
    return test
  })
  return {
    key: 'addresses',
    wanted: `${rule.effect === 'Deny' ? 'any address in' : 'every address in'} ${listed(texts)}`,
    holds: ({ network }) => {
      if (network === null) return false
      const within = (address: readonly number[]): boolean => tests.some((test) => test(address))
      return rule.effect === 'Deny' ? network.addresses.some(within) : network.addresses.every(within)
    },
    actual: ({ network }) =>
      network === null ? '(no connection)' : listed(network.byAddress.map(({ names }) => names[0] ?? '')),
  }
}

const clockText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const timeCondition = (windows: readonly TimeWindow[]): Condition => {
  const zones = windows.map((window) => ({ window, local: createLocalTime(window.zone) }))
  const told = ({ weekday, minute }: LocalTime, zone: string): string => `${weekday} ${clockText(minute)} ${zone}`
  return {
    key: 'times',
    wanted: listed(
      windows.map(
        ({ days, startMinute, endMinute, zone }) =>
          `${days.join(' ')} ${clockText(startMinute)}-${clockText(endMinute)} ${zone}`,
      ),
    ),
    holds: (query) => {
      query.usedTime = true
      return zones.some(({ window, local }) => inWindow(window, local(query.atMs)))
    },
    actual: ({ atMs }) => {
      const [first] = zones
      return first === undefined ? '' : told(first.local(atMs), first.window.zone)
    },
  }
}

const factOf = ({ environment }: PolicyRequest, name: string): string | null =>
  environment !== undefined && Object.hasOwn(environment, name) ? (environment[name] ?? null) : null

const environmentConditions = (wanted: Readonly<Record<string, readonly string[]>>): Condition[] =>
  Object.entries(wanted).map(([name, texts]) => {
    const globs = texts.map(parseGlob)
    return {
      key: `environment.${name}`,
      wanted: listed(texts),
      holds: ({ request }) => {
        const value = factOf(request, name)
        return value !== null && anyFits(globs, value.normalize('NFC'))
      },
      actual: ({ request }) => factOf(request, name) ?? '(not set)',
    }
  })

const maskCondition = (
  key: string,
  wanted: string,
  holds: Condition['holds'],
  actual: Condition['actual'],
): Condition => ({
  key,
  wanted,
  holds,
  actual,
})

/** @throws when a part cannot be compiled; what the caller makes of it depends on the effect */
export const compileRule = (rule: Rule, platform: Platform): CompiledRule => {
  const { match } = rule
  const typeMask = bitsOf('type', match.resourceTypes ?? [])
  const principalMask = bitsOf('principal', match.principals ?? [])
  const operationMask = bitsOf('operation', match.operations)
  const levelMask = bitsOf('level', match.securityLevels ?? [])

  const other = match.resources.map(parseGlob)
  const rewritten = (rewrite: (text: string) => string): readonly Glob[] =>
    match.resources.map((text, at) => {
      const plain = other[at]
      const changed = rewrite(text)
      return plain?.source === changed ? plain : parseGlob(changed)
    })
  const speaksOf = (type: ResourceType): boolean => match.resourceTypes?.includes(type) ?? true
  const globs = {
    file: speaksOf('File') ? rewritten((text) => fileGlob(text, platform)) : [],
    network: speaksOf('Network') ? rewritten(canonicalNetworkGlob) : [],
    other,
  }
  const resources = {
    File: { all: globs.file, naming: globs.file },
    Network: { all: globs.network, naming: globs.network.filter(hasLiteralHost) },
    other: { all: globs.other, naming: globs.other },
  }
  const agents = match.agents === undefined ? null : match.agents.map(parseGlob)
  const conditions: Condition[] = []
  if (agents !== null)
    conditions.push({
      key: 'agents',
      wanted: listed(match.agents ?? []),
      holds: ({ request, agentName }) => request.principal === 'agent' && anyFits(agents, agentName),
      actual: ({ request, agentName }) => (request.principal === 'agent' ? agentName : `(${request.principal})`),
    })
  conditions.push(
    resourceCondition(rule, ({ request: { resourceType } }) =>
      resourceType === 'File' ? resources.File : resourceType === 'Network' ? resources.Network : resources.other,
    ),
  )
  if (match.tools !== undefined) {
    const tools = match.tools.map(parseGlob)
    conditions.push({
      key: 'tools',
      wanted: listed(match.tools),
      holds: ({ tool }) => tool !== null && anyFits(tools, tool),
      actual: ({ tool }) => tool ?? '(no tool)',
    })
  }
  for (const key of ['roles', 'labels', 'capabilities'] as const) {
    const wanted = match[key]
    if (wanted !== undefined) conditions.push(attributeCondition(key, wanted))
  }
  if (match.environment !== undefined) conditions.push(...environmentConditions(match.environment))
  if (match.addresses !== undefined) conditions.push(addressCondition(rule, match.addresses))
  // Last, so that a rule which fails anyway does not make the decision depend on the time.
  if (match.times !== undefined) conditions.push(timeCondition(match.times))

  const masks: Condition[] = [
    maskCondition(
      'operations',
      listed(match.operations),
      ({ operationIndex }) => (operationMask & (1 << operationIndex)) !== 0,
      ({ request }) => request.operation,
    ),
  ]
  if (match.resourceTypes !== undefined)
    masks.push(
      maskCondition(
        'resource_type',
        listed(match.resourceTypes),
        ({ typeIndex }) => (typeMask & (1 << typeIndex)) !== 0,
        ({ request }) => request.resourceType,
      ),
    )
  if (match.principals !== undefined)
    masks.push(
      maskCondition(
        'principals',
        listed(match.principals),
        ({ principalBit }) => (principalMask & principalBit) !== 0,
        ({ request }) => request.principal,
      ),
    )
  if (match.securityLevels !== undefined)
    masks.push(
      maskCondition(
        'security_tier',
        listed(match.securityLevels),
        ({ levelBit }) => (levelMask & levelBit) !== 0,
        ({ request }) => request.securityLevel ?? '(not known)',
      ),
    )
  return {
    rule,
    operationMask,
    typeMask,
    principalMask,
    levelMask,
    conditions,
    masks,
    globs,
    agents,
  }
}

/** Whether what the masks say holds: the cheap half. */
export const masksHold = (compiled: CompiledRule, query: Query): boolean =>
  (compiled.principalMask === 0 || (compiled.principalMask & query.principalBit) !== 0) &&
  (compiled.levelMask === 0 || (compiled.levelMask & query.levelBit) !== 0)

export const conditionsHold = (compiled: CompiledRule, query: Query): boolean => {
  for (const condition of compiled.conditions) if (!condition.holds(query)) return false
  return true
}
