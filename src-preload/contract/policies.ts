/** The access policy: one YAML file, default deny. */
import { z } from 'zod'
import { AtMs, Json, Nothing, Sha256 } from './common'
import { command, query, topic } from './define'
import { WireError } from './errors'

export const PolicyEffect = z.enum(['Allow', 'Limit', 'RequireApproval', 'Deny'])
export type PolicyEffect = z.infer<typeof PolicyEffect>

/** What is wrong, or looks wrong, in a policy text, and where. Lines and columns count from 1; the end is exclusive. */
export const PolicyProblem = z.strictObject({
  /** A text with an error never takes effect; a warning is for the person to judge. */
  severity: z.enum(['error', 'warning']),
  /** Which check found it, such as `rule.shadowed`; docs/policies.md lists them. */
  code: z.string(),
  message: z.string(),
  line: z.number().int().positive(),
  column: z.number().int().positive(),
  endLine: z.number().int().positive(),
  endColumn: z.number().int().positive(),
})
export type PolicyProblem = z.infer<typeof PolicyProblem>

export const PolicyRuleSummary = z.strictObject({
  name: z.string(),
  priority: z.number(),
  /** A rule in `audit` never decides; what it would have done is reported. */
  mode: z.enum(['enforce', 'audit']),
  effect: PolicyEffect,
  conditions: z.array(z.string()),
  resources: z.array(z.string()),
  operations: z.array(z.string()),
  /** What a person reads when the rule decides. */
  reason: z.string().nullable(),
  /** builtin rules ship with the product; file rules come from the policy file. */
  origin: z.enum(['builtin', 'file']),
})
export type PolicyRuleSummary = z.infer<typeof PolicyRuleSummary>

export const PolicySet = z.strictObject({
  /** The file's text as it is on disk. */
  text: z.string(),
  /** SHA-256 of that text. */
  textHash: Sha256,
  /** SHA-256 of the text whose rules are in force. */
  setHash: Sha256,
  /** The rules in force: those of the last good file. */
  rules: z.array(PolicyRuleSummary),
  loadedAtMs: AtMs,
  /** Why the file on disk is not in force, when it is not. */
  error: WireError.nullable(),
  /** Everything that was found in the file on disk, errors first. */
  problems: z.array(PolicyProblem),
})
export type PolicySet = z.infer<typeof PolicySet>

/** Kinds of things that a rule can be about. */
export const POLICY_RESOURCE_TYPES = [
  'File',
  'Network',
  'Database',
  'API',
  'Command',
  'Environment',
  'Tool',
  'Server',
  'Secret',
  'Memory',
  'Knowledge',
  'Message',
  'Agent',
  'Run',
  'Policy',
  'Approval',
  'Review',
  'Audit',
  'Settings',
  'Schedule',
  'Compute',
] as const

export const POLICY_OPERATIONS = [
  'Read',
  'Write',
  'Execute',
  'Create',
  'Modify',
  'Delete',
  'List',
  'Connect',
  'Send',
  'Receive',
  'Subscribe',
  'Delegate',
  'Export',
  'Allocate',
  'Preempt',
] as const

const Texts = z.array(z.string().max(1024)).max(100)

/** Something that could be asked for. */
export const PolicyQuestion = z.strictObject({
  principal: z.enum(['operator', 'cli', 'agent', 'engine']),
  /** Empty for others than agents. */
  agentName: z.string().max(200),
  /** How strong the walls around an agent are: tier 0 to 3. */
  securityLevel: z.enum(['none', 'standard', 'high', 'maximum']).nullable(),
  resourceType: z.enum(POLICY_RESOURCE_TYPES),
  resource: z.string().max(4096),
  operation: z.enum(POLICY_OPERATIONS),
  roles: Texts.exactOptional(),
  labels: Texts.exactOptional(),
  capabilities: Texts.exactOptional(),
  tool: z.string().max(400).exactOptional(),
  environment: z.record(z.string().max(100), z.string().max(1024)).exactOptional(),
  /** Network: what the host stands for. */
  addresses: Texts.exactOptional(),
  /** File: where the path leads once links are followed. */
  realPath: z.string().max(4096).exactOptional(),
})
export type PolicyQuestion = z.infer<typeof PolicyQuestion>

const PolicyText = z.string().max(1_048_576)

/** Which rules are meant: those in force, a text that is not saved, or a version of the past. */
export const PolicyWhich = z.union([
  z.literal('active'),
  z.strictObject({ text: PolicyText }),
  z.strictObject({ hash: Sha256 }),
])
export type PolicyWhich = z.infer<typeof PolicyWhich>

const Answer = z.strictObject({ effect: PolicyEffect, rule: z.string().nullable() })

export const PolicyExplanation = z.strictObject({
  decision: Answer.extend({
    reason: z.string(),
    /** All enforced rules that fit, in the order of their weight. */
    matched: z.array(z.string()),
    limits: z.array(z.strictObject({ rule: z.string(), limit: Json })),
    obligations: z.strictObject({ redact: z.array(z.string()), audit: z.enum(['basic', 'full']) }),
    /** Rules in mode `audit` that fit, and what they would have said. */
    wouldHave: z.array(z.strictObject({ rule: z.string(), effect: PolicyEffect })),
    errors: z.array(z.strictObject({ rule: z.string(), message: z.string() })),
    setHash: z.string(),
  }),
  /** The names under which the thing was looked up; empty when it was refused before any rule was asked. */
  names: z.array(z.string()),
  /** Rules that did not fit, the nearest first. */
  nearMisses: z.array(
    z.strictObject({
      rule: z.string(),
      effect: PolicyEffect,
      mode: z.enum(['enforce', 'audit']),
      failed: z.array(z.strictObject({ key: z.string(), wanted: z.string(), actual: z.string() })),
    }),
  ),
  /** How many did not fit, those not listed included. */
  missed: z.number().int(),
})
export type PolicyExplanation = z.infer<typeof PolicyExplanation>

export const PolicyInspection = z.strictObject({
  /** Why the text would be refused, or null. */
  error: WireError.nullable(),
  problems: z.array(PolicyProblem),
  /** The tests that stand in the text, each with what really came out. */
  tests: z.array(
    z.strictObject({
      name: z.string(),
      ok: z.boolean(),
      decision: Answer.extend({ reason: z.string() }),
      problem: PolicyProblem.nullable(),
    }),
  ),
})
export type PolicyInspection = z.infer<typeof PolicyInspection>

export const PolicyReplay = z.strictObject({
  /** Decisions of the audit trail that were asked again. */
  replayed: z.number().int(),
  /** What would be answered differently: changes of the effect first, the most frequent first. */
  changes: z.array(
    z.strictObject({
      request: PolicyQuestion,
      before: Answer,
      after: Answer.extend({ reason: z.string() }),
      count: z.number().int(),
      lastAtMs: AtMs,
      direction: z.enum(['looser', 'stricter', 'same effect']),
    }),
  ),
})
export type PolicyReplay = z.infer<typeof PolicyReplay>

export const PolicyVersion = z.strictObject({
  seq: z.number().int(),
  hash: Sha256,
  atMs: AtMs,
  origin: z.enum(['file', 'console', 'rollback']),
  /** Who saved it; null for a file that was found. */
  by: z.string().nullable(),
  rules: z.number().int(),
  bytes: z.number().int(),
})
export type PolicyVersion = z.infer<typeof PolicyVersion>

export const policyCalls = {
  /** Everything that can be said of a text: problems with line and column, and its own tests. Changes nothing. */
  'policies.inspect': query('policies.read', z.strictObject({ text: PolicyText }), PolicyInspection),
  /** Any question against any rules: the decision, why, and what the other rules would have needed. Changes nothing. */
  'policies.explain': query(
    'policies.read',
    z.strictObject({ request: PolicyQuestion, which: PolicyWhich.default('active'), atMs: AtMs.optional() }),
    PolicyExplanation,
  ),
  /** What these rules would have answered to the last decisions of the audit trail. Changes nothing. */
  'policies.replay': query(
    'policies.read',
    z.strictObject({ which: PolicyWhich, last: z.number().int().min(1).max(5000) }),
    PolicyReplay,
  ),
  /** What was in force, newest first. */
  'policies.history': query(
    'policies.read',
    z.strictObject({ limit: z.number().int().min(1).max(500) }),
    z.array(PolicyVersion),
  ),
  'policies.version': query('policies.read', z.strictObject({ hash: Sha256 }), z.strictObject({ text: z.string() })),
  /** Put the text of a version back; refused with POLICY_003 when the file is not the one that was shown. */
  'policies.rollback': command('policies.write', z.strictObject({ baseHash: Sha256, hash: Sha256 }), PolicySet),
  'policies.get': query('policies.read', Nothing, PolicySet),
  /** Checks the text; changes nothing. */
  'policies.check': query(
    'policies.read',
    z.strictObject({ text: z.string().max(1_048_576) }),
    z.strictObject({ error: WireError.nullable() }),
  ),
  'policies.save': command(
    'policies.write',
    z.strictObject({ baseHash: Sha256, text: z.string().max(1_048_576) }),
    PolicySet,
  ),
} as const

export const policyTopics = {
  'policies.changed': topic(Nothing),
} as const
