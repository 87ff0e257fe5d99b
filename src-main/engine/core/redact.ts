import { homedir } from 'node:os'
import type { Json } from '@contract'

const MASK = '[redacted]'

/** Keys whose values never leave the process, wherever they stand in an object. */
const SECRET_KEY =
  /^pass$|pass(word|phrase|wd|code)|pwd|secret|token|(api|access|private)[-_]?key|authorization|cookie|credential|^value$/i

/** Shapes of well-known credentials, so that one that slipped into free text is still caught. */
const SECRET_SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  // Begins only where a run of these characters begins: from every `eyJ` within one, a long line would be quadratic.
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b[Bb]earer\s+[A-Za-z0-9._~+/-]{8,}=*/g,
]

/** The beginnings of all shapes. A text without any of them holds no credential, which nearly all texts are told by. */
const SHAPE_BEGINS = /-----BEGIN |[spr]k-|gh[pousr]_|xox[abprs]-|AKIA|eyJ|[Bb]earer/

/** What is known to be secret right now, so that its exact text is masked wherever it appears. */
export interface Redactor {
  /** Mask this text from now on; returns how to forget it. Texts under four characters are not tracked. */
  track(text: string): () => void
  text(input: string): string
  /** A deep copy with secret keys and texts masked. */
  value(input: unknown): unknown
  /**
   * A deep copy with secret texts masked and its shape kept: for a result, in which a key named `value` is no secret.
   * Masking its JSON text instead could leave something that is no JSON any more.
   */
  json(input: Json): Json
}

/** Mask every occurrence. Secrets that overlap or hold one another are masked as one: no remainder of one is left. */
const maskKnown = (input: string, secrets: Iterable<string>): string => {
  const ranges: { start: number; end: number }[] = []
  for (const secret of secrets) {
    for (let start = input.indexOf(secret); start !== -1; start = input.indexOf(secret, start + 1))
      ranges.push({ start, end: start + secret.length })
  }
  if (ranges.length === 0) return input
  let out = ''
  let done = 0
  for (const { start, end } of ranges.sort((a, b) => a.start - b.start)) {
    if (start >= done) out += input.slice(done, start) + MASK
    done = Math.max(done, end)
  }
  return out + input.slice(done)
}

/** Mask known secrets, credential shapes, secret-named keys and the home folder. */
export const createRedactor = (home: string = homedir()): Redactor => {
  const known = new Map<string, number>()

  /** Only the folder itself and what is in it: `/home/ada`, not `/home/adam`. */
  const homePath = home.length > 1 ? new RegExp(`${home.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w.-])`, 'g') : null

  const text = (input: string): string => {
    let out = known.size === 0 ? input : maskKnown(input, known.keys())
    if (SHAPE_BEGINS.test(out)) for (const shape of SECRET_SHAPES) out = out.replace(shape, MASK)
    return homePath === null || !out.includes(home) ? out : out.replace(homePath, '~')
  }

  const value = (input: unknown, depth = 0): unknown => {
    if (typeof input === 'string') return text(input)
    if (input === null || typeof input !== 'object') return input
    if (depth > 16) return MASK
    if (input instanceof Error) return { name: input.name, message: text(input.message) }
    if (ArrayBuffer.isView(input)) return `[${input.byteLength} bytes]`
    if (Array.isArray(input)) return input.map((item) => value(item, depth + 1))
    if ('toJSON' in input && typeof input.toJSON === 'function') return value(input.toJSON(), depth + 1)
    const copy: Record<string, unknown> = {}
    for (const key of Object.keys(input)) {
      const item = SECRET_KEY.test(key) ? MASK : value((input as Record<string, unknown>)[key], depth + 1)
      const name = text(key)
      // Assigned, it would change what the copy inherits instead of being kept.
      if (name === '__proto__')
        Object.defineProperty(copy, name, { value: item, enumerable: true, configurable: true, writable: true })
      else copy[name] = item
    }
    return copy
  }

  const json = (input: Json): Json => {
    if (typeof input === 'string') return text(input)
    if (typeof input === 'number') return text(String(input)) === String(input) ? input : MASK
    if (input === null || typeof input !== 'object') return input
    if (Array.isArray(input)) return input.map(json)
    return Object.fromEntries(Object.entries(input).map(([key, item]) => [text(key), json(item)]))
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
    json,
  }
}
