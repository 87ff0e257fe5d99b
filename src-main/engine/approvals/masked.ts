import type { Json } from '@contract'
import type { Redactor } from '../core'

const MASK = '[redacted]'

const maskPath = (value: Json, path: readonly string[]): Json => {
  const [name, ...rest] = path
  if (name === undefined) return MASK
  if (Array.isArray(value))
    return value.map((item, index) => (name === '*' || name === String(index) ? maskPath(item, rest) : item))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, name === '*' || key === name ? maskPath(item, rest) : item]),
  )
}

/**
 * Take out what a rule's obligation names, such as `arguments.password` or `arguments.rows.*.token`, then what is known or
 * looks like a secret. `root` is what the paths begin with.
 */
export const masked = (
  value: Json,
  root: 'arguments' | 'result',
  ports: { redact: readonly string[]; redactor: Redactor },
): Json => {
  let out = value
  for (const path of ports.redact) {
    const [first, ...rest] = path.split('.')
    if (first === root) out = maskPath(out, rest)
  }
  return ports.redactor.value(out) as Json
}
