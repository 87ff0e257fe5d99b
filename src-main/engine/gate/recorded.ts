import { hash } from 'node:crypto'
import type { Json } from '@contract'
import { masked } from '../approvals'
import { type Redactor, stableStringify } from '../core'
import type { Obligations } from '../policy'

const MAX_ARGUMENTS = 40
const MAX_EXCERPT = 1024
const MAX_WHOLE = 65_536

type Ports = { readonly redactor: Redactor; readonly redact: readonly string[] }

const cut = (text: string): string => (text.length <= MAX_EXCERPT ? text : `${text.slice(0, MAX_EXCERPT)} (cut)`)

/**
 * The arguments as the audit trail keeps them: for each its size and, with secrets masked, the start of its text.
 * Masked before it is cut, since half a secret would not be known as one.
 */
export const recordedArguments = (args: Readonly<Record<string, Json>>, ports: Ports): Json => {
  const safe = masked(args, 'arguments', ports) as Readonly<Record<string, Json>>
  return Object.keys(args)
    .slice(0, MAX_ARGUMENTS)
    .map((name) => {
      // A name that is a secret itself is masked too, and then its value is not found again.
      const value = name in safe ? (safe[name] ?? null) : '[redacted]'
      return {
        argument: cut(name),
        sizeBytes: Buffer.byteLength(JSON.stringify(args[name] ?? null)),
        text: cut(typeof value === 'string' ? value : JSON.stringify(value)),
      }
    })
}

const whole = (value: Json, root: 'arguments' | 'result', ports: Ports): Json => {
  const safe = masked(value, root, ports)
  const text = stableStringify(safe)
  return text.length <= MAX_WHOLE ? safe : { bytes: Buffer.byteLength(text), text: `${text.slice(0, MAX_WHOLE)} (cut)` }
}

const isObject = (value: Json): value is Record<string, Json> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** What the record of an act says of its arguments: a digest always, an excerpt or all of it where that is wanted. */
export const argumentFacts = (
  args: Json | undefined,
  how: { readonly obligations: Obligations; readonly excerpt: boolean; readonly redactor: Redactor },
): Record<string, Json> => {
  if (args === undefined) return {}
  const ports = { redactor: how.redactor, redact: how.obligations.redact }
  return {
    argumentsDigest: hash('sha256', stableStringify(args)),
    ...(how.obligations.audit === 'full'
      ? { arguments: whole(args, 'arguments', ports) }
      : how.excerpt && isObject(args)
        ? { arguments: recordedArguments(args, ports) }
        : {}),
  }
}

/** What the record says of the result, where a rule wants all of it. */
export const resultFacts = (result: unknown, ports: Ports): Record<string, Json> => {
  const text = JSON.stringify(result) as string | undefined
  return text === undefined ? {} : { result: whole(JSON.parse(text) as Json, 'result', ports) }
}
