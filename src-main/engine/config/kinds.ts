import { isIP } from 'node:net'
import type { TomlValue } from 'smol-toml'

export type ConfigValue = string | number | boolean | null

/** What a key may hold. A value of another kind is refused, never converted. */
export interface Kind<T extends ConfigValue> {
  /** Completes the sentence "must be …". */
  readonly expects: string
  /** What the number counts, as the documentation says it; empty where there is none. */
  readonly unit: string
  /** The value may hold something confidential, so a message never repeats it. */
  readonly confidential: boolean
  /** From a value of the file, in which whole numbers come as bigint; undefined when it is of another kind. */
  fromToml(value: TomlValue): T | undefined
  /** From the text of an environment variable; undefined when it is not valid. */
  fromText(text: string): T | undefined
  /** As one would write it in the file. */
  write(value: T): string
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** Timers of the platform hold 2^31 − 1 milliseconds; whole days below that are easier to say. */
const LONGEST_MS = 24 * 86_400_000

const LONGEST_PERIOD_MS = 3_650 * 86_400_000

const durationKind = (longestMs: number, expects: string, units: readonly string[]): Kind<number> => {
  const within = (ms: number): number | undefined => {
    const whole = Math.round(ms)
    return whole >= 1 && whole <= longestMs ? whole : undefined
  }
  const fromWords = (text: string): number | undefined => {
    const match = DURATION.exec(text)
    const factor = UNIT_MS[match?.[2] ?? '']
    return factor === undefined ? undefined : within(Number(match?.[1]) * factor)
  }
  return {
    expects,
    unit: 'duration',
    confidential: false,
    fromToml(value) {
      if (typeof value === 'string') return fromWords(value)
      return typeof value === 'bigint' || typeof value === 'number' ? within(Number(value) * 1000) : undefined
    },
    fromText: (text) => fromWords(text) ?? (/^\d+(?:\.\d+)?$/.test(text) ? within(Number(text) * 1000) : undefined),
    write(ms) {
      const unit = units.find((name) => {
        const factor = UNIT_MS[name] ?? 1
        return ms % factor === 0 && ms / factor >= (name === 's' ? 1 : 2)
      })
      return `"${ms / (UNIT_MS[unit ?? 'ms'] ?? 1)}${unit ?? 'ms'}"`
    },
  }
}

/** Milliseconds, written as `"60s"` (ms, s, m, h, d) or as a number of seconds. */
export const duration = durationKind(
  LONGEST_MS,
  'a duration such as "30s", "500ms" or "5m", or a number of seconds, from 1 ms to 24 days',
  ['h', 'm', 's'],
)

/** Milliseconds that something is kept or stays valid: longer than a timer can wait, so never given to one. */
export const period = durationKind(
  LONGEST_PERIOD_MS,
  'a duration such as "30d" or "12h", or a number of seconds, from 1 ms to 3650 days',
  ['d', 'h', 'm', 's'],
)

export const wholeNumber = (range: { min: number; max?: number; unit?: string }): Kind<number> => {
  const max = range.max ?? Number.MAX_SAFE_INTEGER
  const within = (value: number): number | undefined => (value >= range.min && value <= max ? value : undefined)
  return {
    expects:
      range.max === undefined
        ? `a whole number, at least ${range.min}`
        : `a whole number from ${range.min} to ${range.max}`,
    unit: range.unit ?? '',
    confidential: false,
    fromToml: (value) => (typeof value === 'bigint' ? within(Number(value)) : undefined),
    fromText: (text) => (/^-?\d{1,16}$/.test(text) ? within(Number(text)) : undefined),
    write: String,
  }
}

export const flag: Kind<boolean> = {
  expects: 'true or false',
  unit: '',
  confidential: false,
  fromToml: (value) => (typeof value === 'boolean' ? value : undefined),
  fromText: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  write: String,
}

export const choice = <const T extends string>(options: readonly T[]): Kind<T> => {
  const find = (value: unknown): T | undefined => options.find((option) => option === value)
  return {
    expects: `one of ${options.map((option) => `"${option}"`).join(', ')}`,
    unit: '',
    confidential: false,
    fromToml: find,
    fromText: find,
    write: (value) => JSON.stringify(value),
  }
}

const texts = (accept: (text: string) => boolean, facts: { expects: string; confidential?: boolean }): Kind<string> => {
  const read = (value: unknown): string | undefined => (typeof value === 'string' && accept(value) ? value : undefined)
  return {
    expects: facts.expects,
    unit: '',
    confidential: facts.confidential ?? false,
    fromToml: read,
    fromText: read,
    write: (value) => JSON.stringify(value),
  }
}

/** No control characters: they end a path early in some interfaces and hide it in a message. */
const CONTROL = /\p{Cc}/u

export const path = texts((text) => text.trim() !== '' && !CONTROL.test(text), {
  expects: 'the path of a file or folder',
})

/** A path that need not be given. */
export const optionalPath: Kind<string | null> = {
  ...path,
  write: (value) => (value === null ? 'not set' : JSON.stringify(value)),
}

export const word = texts((text) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text), {
  expects: 'a name of letters, digits, dots, dashes and underscores',
})

export const image = texts((text) => /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}$/.test(text), {
  expects: 'the name of a container image, like "node:22-slim"',
})

export const address = texts((text) => isIP(text) !== 0, { expects: 'an IP address, like "127.0.0.1"' })

const isPlainHttpUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

/** A password has no place in a configuration file, so a URL that carries one is refused, and not repeated. */
export const httpUrl = texts(isPlainHttpUrl, {
  expects: 'an http or https URL without user name and password, like "http://localhost:6333"',
  confidential: true,
})

/** A web address that need not be given. */
export const optionalHttpUrl: Kind<string | null> = {
  ...httpUrl,
  write: (value) => (value === null ? 'not set' : JSON.stringify(value)),
}
