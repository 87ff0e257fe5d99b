/** The policy file, declared once: what is checked at load, what editors complete, what the published JSON Schema says. */
import { z } from 'zod'
import { parseAddressTest } from './address'
import { isZone } from './time-window'
import {
  AUDIT_LEVELS,
  EFFECTS,
  OPERATIONS,
  PRINCIPALS,
  RESOURCE_TYPES,
  SECURITY_LEVELS,
  SECURITY_TIERS,
  WEEKDAYS,
} from './types'

const MAX_GLOB = 1024
const text = (description: string) => z.string().regex(/\S/, 'must not be empty').describe(description)

/** What is wrong with a pattern, or null. */
export const globFault = (glob: string): string | null => {
  if (glob.length > MAX_GLOB) return `is longer than ${MAX_GLOB} characters`
  if (glob.includes('\0')) return 'holds a NUL; no name that holds one is ever allowed'
  if (/\p{Surrogate}/u.test(glob)) return 'is not well-formed Unicode'
  if (glob.includes('***')) return 'holds three stars in a row; "*" is one part of a name, "**" any number of parts'
  if (glob.split(/[\\/]/).some((part) => part === '.' || part === '..'))
    return 'holds "." or ".." as a part; a name that does is always denied, so this can never fit'
  return null
}

const Glob = text('A pattern: "*" is anything but a slash, "**" is anything, "?" is one character.').check(
  (context) => {
    const fault = globFault(context.value)
    if (fault !== null) context.issues.push({ code: 'custom', input: context.value, message: fault })
  },
)
const Globs = z.array(Glob).min(1)

const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)])

const Duration = z
  .string()
  .regex(/^[1-9]\d{0,8}(ms|s|m|h|d)$/, 'must be a time such as "500ms", "60s", "5m", "1h" or "1d"')
const Bytes = z.union([
  z.number().int().positive(),
  z.string().regex(/^[1-9]\d{0,8}(B|KiB|MiB|GiB|kB|MB|GB)$/, 'must be a size such as 4096, "64KiB" or "10MB"'),
])
const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day such as "09:00"')
const Count = z.number().int().positive().max(1_000_000_000)

const Zone = z
  .string()
  .describe('IANA name of a time zone, such as Europe/Berlin.')
  .refine(isZone, 'is not a time zone; write an IANA name such as "Europe/Berlin" or "UTC"')

const Times = z
  .array(
    z.strictObject({
      days: z.array(z.enum(WEEKDAYS)).min(1).optional().describe('Every day when left out.'),
      from: Clock,
      to: Clock.describe('Not part of the window. Before "from", the window reaches into the next day.'),
      zone: Zone,
    }),
  )
  .min(1)

const AddressText = z
  .string()
  .describe('A range such as 10.0.0.0/8, or a class such as internal, loopback, private, metadata, public.')
  .refine(
    (value) => parseAddressTest(value) !== null,
    'is neither a range such as "10.0.0.0/8" nor a class of addresses',
  )

const SecurityTier = z.enum([...SECURITY_TIERS, ...SECURITY_LEVELS])

const Match = z
  .strictObject({
    principals: oneOrMore(z.enum(PRINCIPALS)).optional().describe('Who asks.'),
    agents: Globs.optional().describe('Names of agents; never fits anyone who is not an agent.'),
    roles: Globs.optional(),
    labels: Globs.optional(),
    capabilities: Globs.optional(),
    security_tier: oneOrMore(SecurityTier).optional().describe('The walls around the asking agent.'),
    resource_type: oneOrMore(z.enum(RESOURCE_TYPES)).optional(),
    resources: Globs.optional().describe('Any resource when left out.'),
    operations: z.array(z.enum(OPERATIONS)).min(1).optional().describe('Any operation when left out.'),
    tools: Globs.optional().describe('Tools, as server.tool, through which the thing is reached.'),
    addresses: z.array(AddressText).min(1).optional().describe('Where a connection leads once its host is resolved.'),
    times: Times.optional(),
    environment: z.record(z.string(), oneOrMore(Glob)).optional(),
  })
  .describe('All that is given must hold; of a list, one entry.')

const LimitShape = z.strictObject({
  rate: z
    .strictObject({
      requests: Count,
      per: Duration,
      burst: Count.optional().describe('As many as "requests" when left out.'),
    })
    .optional(),
  bytes: z
    .strictObject({ perRequest: Bytes.optional(), perWindow: Bytes.optional(), window: Duration.optional() })
    .refine(
      (bytes) => (bytes.perWindow === undefined) === (bytes.window === undefined),
      'needs "perWindow" and "window" together',
    )
    .optional(),
  concurrency: Count.optional(),
})

const shared = {
  priority: z.number().optional().describe('Orders explanations and rules that do not deny. 100 when left out.'),
  mode: z.enum(['enforce', 'audit']).optional().describe('"audit" never decides; what it would have done is reported.'),
  effect: z.enum(EFFECTS),
  limit: LimitShape.optional().describe('With effect Limit, and only then.'),
  reason: text('Shown to the person or agent that the rule answers.').max(500).optional(),
  obligations: z
    .strictObject({
      redact: z.array(text('A field of the arguments, such as arguments.password.')).min(1).optional(),
      audit: z.enum(AUDIT_LEVELS).optional(),
    })
    .optional(),
}

type Issues = { code: 'custom'; input: unknown; path: PropertyKey[]; message: string }[]

const checkLimit = (rule: { effect: string; limit?: object | undefined }, issues: Issues): void => {
  if (rule.effect === 'Limit' && rule.limit === undefined)
    issues.push({ code: 'custom', input: rule, path: ['effect'], message: 'needs "limit" beside it to say how much' })
  if (rule.effect !== 'Limit' && rule.limit !== undefined)
    issues.push({ code: 'custom', input: rule, path: ['limit'], message: 'is only for the effect Limit' })
  if (rule.limit !== undefined && Object.values(rule.limit).every((part) => part === undefined))
    issues.push({ code: 'custom', input: rule, path: ['limit'], message: 'needs "rate", "bytes" or "concurrency"' })
}

const Condition = z
  .strictObject({
    resource_type: z.enum(RESOURCE_TYPES).optional(),
    agent_security_level: z.enum(SECURITY_LEVELS).optional(),
    agent_name: Glob.optional(),
    principal: z.enum(PRINCIPALS).optional(),
  })
  .refine((condition) => Object.keys(condition).length === 1, 'is one key with one value')
  .meta({ minProperties: 1, maxProperties: 1 })

export const SimpleRule = z
  .strictObject({
    name: text('How the rule is called in reasons and in the audit trail.').max(200),
    conditions: z.array(Condition).optional().describe('All of them must hold.'),
    resources: Globs,
    operations: z.array(z.enum(OPERATIONS)).min(1),
    ...shared,
  })
  .check((context) => checkLimit(context.value, context.issues as Issues))
export type SimpleRule = z.infer<typeof SimpleRule>

export const TypedRule = z
  .strictObject({
    id: text('How the rule is called in reasons and in the audit trail.').max(200),
    description: z.string().optional(),
    match: Match,
    ...shared,
  })
  .check((context) => checkLimit(context.value, context.issues as Issues))
export type TypedRule = z.infer<typeof TypedRule>

const RuleTest = z.strictObject({
  name: text('What the test shows.').max(200),
  request: z.strictObject({
    principal: z.enum(PRINCIPALS).optional().describe('"agent" when left out.'),
    agent: z.string().optional(),
    security_tier: SecurityTier.optional().describe('tier1 when left out.'),
    roles: z.array(z.string()).optional(),
    labels: z.array(z.string()).optional(),
    capabilities: z.array(z.string()).optional(),
    resource_type: z.enum(RESOURCE_TYPES),
    resource: z.string(),
    operation: z.enum(OPERATIONS),
    tool: z.string().optional(),
    environment: z.record(z.string(), z.string()).optional(),
    addresses: z.array(z.string()).optional().describe('A public address when left out.'),
    real_path: z.string().optional(),
    at: z.iso.datetime({ offset: true }).optional().describe('When it is asked; the time of loading when left out.'),
  }),
  expect: z.strictObject({
    decision: z.enum(EFFECTS),
    by: z.string().nullable().optional().describe('The rule that decides; null when none does.'),
  }),
})
export type RuleTest = z.infer<typeof RuleTest>

const Version = z.literal('1.0')

/** The outer shape; each policy is checked by the form it has. */
export const PolicyFile = z.strictObject({
  version: Version,
  policies: z.array(z.unknown()),
  tests: z.array(RuleTest).optional(),
})

/** Published as resources/policies/policy.schema.json. */
export const policyFileJsonSchema = (): object => ({
  ...z.toJSONSchema(
    z.strictObject({
      version: Version,
      policies: z.array(z.union([SimpleRule, TypedRule])),
      tests: z
        .array(RuleTest)
        .optional()
        .describe('Checked whenever the file is loaded; one that fails refuses the file.'),
    }),
    { io: 'input' },
  ),
  title: 'Symbi Console access policy',
})
