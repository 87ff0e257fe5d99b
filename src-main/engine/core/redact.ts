import { homedir } from 'node:os'

const MASK = '[redacted]'

/** Keys whose values never leave the process, wherever they stand in an object. */
const SECRET_KEY =
  /pass(word|phrase)?|secret|token|api[-_]?key|authorization|cookie|credential|private[-_]?key|^value$/i

/** Shapes of well-known credentials, so that one that slipped into free text is still caught. */
const SECRET_SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b[Bb]earer\s+[A-Za-z0-9._~+/-]{8,}=*/g,
]

/** What is known to be secret right now, so that its exact text is masked wherever it appears. */
export interface Redactor {
  /** Mask this text from now on; returns how to forget it. Texts under four characters are not tracked. */
  track(text: string): () => void
  text(input: string): string
  /** A deep copy with secret keys and texts masked. */
  value(input: unknown): unknown
}

/** Mask known secrets, credential shapes, secret-named keys and the home folder. */
export const createRedactor = (home: string = homedir()): Redactor => {
  const known = new Map<string, number>()

  const text = (input: string): string => {
    let out = input
    for (const secret of known.keys()) out = out.replaceAll(secret, MASK)
    for (const shape of SECRET_SHAPES) out = out.replace(shape, MASK)
    return home.length > 1 ? out.replaceAll(home, '~') : out
  }

  const value = (input: unknown, depth = 0): unknown => {
    if (typeof input === 'string') return text(input)
    if (input === null || typeof input !== 'object') return input
    if (depth > 16) return MASK
    if (input instanceof Error) return { name: input.name, message: text(input.message) }
    if (Array.isArray(input)) return input.map((item) => value(item, depth + 1))
    if ('toJSON' in input && typeof input.toJSON === 'function') return value(input.toJSON(), depth + 1)
    return Object.fromEntries(
      Object.entries(input).map(([key, item]) => [key, SECRET_KEY.test(key) ? MASK : value(item, depth + 1)]),
    )
  }

  return {
    track(secret) {
      if (secret.length < 4) return () => undefined
      known.set(secret, (known.get(secret) ?? 0) + 1)
      let active = true
      return () => {
        if (!active) return
        active = false
        const count = (known.get(secret) ?? 1) - 1
        if (count <= 0) known.delete(secret)
        else known.set(secret, count)
      }
    },
    text,
    value: (input) => value(input),
  }
}
