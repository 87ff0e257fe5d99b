/** The access policy: one YAML file, default deny. */
import { z } from 'zod'
import { AtMs, Nothing, Sha256 } from './common'
import { command, query, topic } from './define'
import { WireError } from './errors'

export const PolicyRuleSummary = z.strictObject({
  name: z.string(),
  priority: z.number(),
  effect: z.enum(['Allow', 'Deny']),
  conditions: z.array(z.string()),
  resources: z.array(z.string()),
  operations: z.array(z.string()),
  /** builtin rules ship with the product; file rules come from the policy file. */
  origin: z.enum(['builtin', 'file']),
})
export type PolicyRuleSummary = z.infer<typeof PolicyRuleSummary>

export const PolicySet = z.strictObject({
  /** The file's text as it is on disk. */
  text: z.string(),
  /** SHA-256 of that text. */
  textHash: Sha256,
  /** The rules in force: those of the last good file. */
  rules: z.array(PolicyRuleSummary),
  loadedAtMs: AtMs,
  /** Why the file on disk is not in force, when it is not. */
  error: WireError.nullable(),
})
export type PolicySet = z.infer<typeof PolicySet>

export const policyCalls = {
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
