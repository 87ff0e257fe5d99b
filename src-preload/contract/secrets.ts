/** Secrets: the list never carries a value; a value crosses only as the answer of `secrets.reveal`. */
import { z } from 'zod'
import { AtMs, Nothing, Reason } from './common'
import { command, query, topic } from './define'

/** Segments of letters, digits, dots, dashes and underscores, joined by slashes; no segment of dots only. */
export const SecretName = z
  .string()
  .max(200)
  .regex(
    /^(?!\.+(?:\/|$))[A-Za-z0-9._-]+(?:\/(?!\.+(?:\/|$))[A-Za-z0-9._-]+)*$/,
    'Use letters, digits, dots, dashes and slashes, like app/api-key.',
  )

export const SecretSummary = z.strictObject({
  name: z.string(),
  description: z.string(),
  createdAtMs: AtMs,
  /** Length of the value in bytes, so that an empty paste is seen. */
  sizeBytes: z.number().int(),
})
export type SecretSummary = z.infer<typeof SecretSummary>

export const KeyStoreStatus = z.strictObject({
  /** Where the master key lives. */
  backend: z.enum(['keyring', 'file', 'none-yet']),
  /** False for the file: anyone who reads the data folder reads the secrets. */
  protectedBySystem: z.boolean(),
  /** What to know about it, in a sentence. */
  note: z.string(),
})
export type KeyStoreStatus = z.infer<typeof KeyStoreStatus>

export const secretCalls = {
  'secrets.list': query('secrets.list', Nothing, z.array(SecretSummary)),
  'secrets.keyStore': query('secrets.list', Nothing, KeyStoreStatus),
  'secrets.create': command(
    'secrets.write',
    z.strictObject({
      name: SecretName,
      value: z.string().min(1).max(1_048_576),
      description: z.string().trim().max(500),
    }),
    SecretSummary,
  ),
  'secrets.reveal': command(
    'secrets.reveal',
    z.strictObject({ name: SecretName }),
    z.strictObject({ value: z.string() }),
  ),
  'secrets.delete': command('secrets.write', z.strictObject({ name: SecretName, reason: Reason.optional() }), Nothing),
} as const

export const secretTopics = {
  'secrets.changed': topic(Nothing),
} as const
