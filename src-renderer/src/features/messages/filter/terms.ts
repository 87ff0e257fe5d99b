import type { MessageState, MessageType } from '@contract'
import { MESSAGE_STATES, MESSAGE_TYPES } from './vocabulary'

/** "10m" ago, or a point in time as it is typed: 2026-11-23 or 2026-11-23T14:03. */
export type When =
  | { readonly kind: 'ago'; readonly amount: number; readonly unit: AgoUnit }
  | { readonly kind: 'at'; readonly text: string }
export type AgoUnit = 's' | 'm' | 'h' | 'd'

export interface Size {
  readonly amount: number
  readonly unit: SizeUnit
}
export type SizeUnit = 'b' | 'k' | 'm'

/** What a filter asks for, in the words of the person. Everything that is given must hold. */
export interface MessageTerms {
  /** Names or ids of parties: the sender, the receiver, either of them. */
  readonly from?: string
  readonly to?: string
  readonly with?: string
  /** A topic; * stands for anything. */
  readonly topic?: string
  readonly type?: readonly MessageType[]
  readonly state?: readonly MessageState[]
  readonly since?: When
  readonly until?: When
  readonly larger?: Size
  /** A correlation id. */
  readonly conversation?: string
  /** Part of a name or of a topic. */
  readonly text?: string
}

export type TermName = Exclude<keyof MessageTerms, 'text'>

/** Every term, with what it does: for completion and for problems. */
export const TERMS = {
  from: 'sent by this agent',
  to: 'sent to this agent',
  with: 'sent or received by this agent',
  topic: 'on this topic, * for anything',
  type: 'direct, publish, broadcast, request, response',
  state: 'queued, delivered, acknowledged, expired, dead, dropped',
  since: 'not older than, like 10m, 2h, 1d or a date',
  until: 'older than, like 10m, 2h, 1d or a date',
  larger: 'payload of at least, like 4k or 1m',
  conversation: 'everything under one correlation id',
} as const satisfies Record<TermName, string>

export const TERM_NAMES = Object.keys(TERMS) as readonly TermName[]

/** A place in the typed text; the end is exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface Problem extends Span {
  /** The wrong word as it was typed. */
  readonly word: string
  readonly message: string
  /** What to write instead, where that can be guessed. */
  readonly fix?: string
}

export interface Parsed {
  readonly terms: MessageTerms
  /** Where each term stands. */
  readonly spans: Readonly<Partial<Record<keyof MessageTerms, Span>>>
  readonly problems: readonly Problem[]
}

interface Word extends Span {
  /** Null for free text. */
  readonly name: string | null
  readonly value: string
  readonly closed: boolean
}

const NAMED = /^([A-Za-z]+):/

/** Read one quoted text from the quote at `at`: its content and where it ends. */
const readQuoted = (text: string, at: number): { value: string; end: number; closed: boolean } => {
  let value = ''
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text.charAt(index)
    if (character === '"') return { value, end: index + 1, closed: true }
    if (character === '\\' && index + 1 < text.length) {
      index += 1
      value += text.charAt(index)
    } else value += character
  }
  return { value, end: text.length, closed: false }
}

const readWord = (text: string, from: number): Word => {
  const name = NAMED.exec(text.slice(from))?.[1] ?? null
  const at = name === null ? from : from + name.length + 1
  if (text.charAt(at) === '"') {
    const { value, end, closed } = readQuoted(text, at)
    return { from, to: end, name, value, closed }
  }
  let to = at
  while (to < text.length && !/\s/.test(text.charAt(to))) to += 1
  return { from, to, name, value: text.slice(at, to), closed: true }
}

/** The words of a filter, each with its place. */
export const wordsOf = (text: string): readonly Word[] => {
  const words: Word[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) at += 1
    else {
      const word = readWord(text, at)
      words.push(word)
      at = word.to
    }
  }
  return words
}

/** How many single changes lead from one word to the other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The known word that was probably meant. */
const nearest = (word: string, known: readonly string[]): string | undefined => {
  const ranked = known.map((candidate) => ({ candidate, far: distance(word, candidate) }))
  const [best] = ranked.sort((a, b) => a.far - b.far)
  return best !== undefined && best.far <= 2 && best.far < word.length ? best.candidate : undefined
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string; fix?: string }

const readList =
  <T extends string>(what: string, allowed: readonly T[]) =>
  (value: string): Read<readonly T[]> => {
    const found: T[] = []
    for (const part of value.toLowerCase().split(',')) {
      const hit = allowed.find((candidate) => candidate === part)
      if (hit === undefined) {
        const meant = nearest(part, allowed)
        return {
          ok: false,
          message: `“${part}” is no ${what}: ${allowed.join(', ')}.`,
          ...(meant === undefined ? {} : { fix: value.toLowerCase().replace(part, meant) }),
        }
      }
      if (!found.includes(hit)) found.push(hit)
    }
    return { ok: true, value: found }
  }

const AGO = /^(\d{1,6})([smhd])$/
const AT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?$/

const readWhen = (value: string): Read<When> => {
  const ago = AGO.exec(value.toLowerCase())
  if (ago !== null) {
    const [, amount, unit] = ago
    return { ok: true, value: { kind: 'ago', amount: Number(amount), unit: unit as AgoUnit } }
  }
  if (AT.test(value) && !Number.isNaN(Date.parse(value))) return { ok: true, value: { kind: 'at', text: value } }
  return { ok: false, message: 'Give a time like 10m, 2h, 1d, 2026-11-23 or 2026-11-23T14:03.' }
}

const SIZE = /^(\d{1,9}(?:\.\d{1,2})?)(b|k|m|kb|mb|kib|mib)?$/

const readSize = (value: string): Read<Size> => {
  const found = SIZE.exec(value.toLowerCase())
  if (found === null) return { ok: false, message: 'Give a size like 512, 4k or 1m.' }
  const [, amount, unit = 'b'] = found
  return { ok: true, value: { amount: Number(amount), unit: unit.charAt(0) as SizeUnit } }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const readId = (value: string): Read<string> =>
  UUID.test(value.toLowerCase())
    ? { ok: true, value: value.toLowerCase() }
    : { ok: false, message: 'This is not a correlation id; copy one from a message.' }

const readText =
  (most: number) =>
  (value: string): Read<string> =>
    value.length <= most ? { ok: true, value } : { ok: false, message: `At most ${most} characters.` }

const READERS: { readonly [N in TermName]: (value: string) => Read<NonNullable<MessageTerms[N]>> } = {
  from: readText(200),
  to: readText(200),
  with: readText(200),
  topic: readText(120),
  type: readList('type', MESSAGE_TYPES),
  state: readList('state', MESSAGE_STATES),
  since: readWhen,
  until: readWhen,
  larger: readSize,
  conversation: readId,
}

const TEXT_MOST = 200

/** Read a filter. Never throws: what cannot be understood is named with its place, and the rest still counts. */
export const parseFilter = (text: string): Parsed => {
  const terms: Partial<Record<keyof MessageTerms, unknown>> = {}
  const spans: Partial<Record<keyof MessageTerms, Span>> = {}
  const problems: Problem[] = []
  const free: string[] = []
  for (const word of wordsOf(text)) {
    const { from, to, name, value, closed } = word
    const complain = (message: string, fix?: string) =>
      problems.push({ from, to, word: text.slice(from, to), message, ...(fix === undefined ? {} : { fix }) })
    if (!closed) complain('The closing quote is missing.', `${text.slice(from, to)}"`)
    else if (name === null) {
      if (value.trim() === '') continue
      free.push(value)
      spans.text = { from: spans.text?.from ?? from, to }
    } else {
      const known = TERM_NAMES.find((candidate) => candidate === name.toLowerCase())
      if (known === undefined) {
        const meant = nearest(name.toLowerCase(), TERM_NAMES)
        complain(
          `There is no term “${name}”. To search for this text, put it in quotes.`,
          meant === undefined ? `"${text.slice(from, to)}"` : `${meant}:${text.slice(from + name.length + 1, to)}`,
        )
      } else if (terms[known] !== undefined) complain(`“${known}” is given twice.`)
      else if (value === '') complain(`Say what after ${known}: ${TERMS[known]}.`)
      else {
        const read = READERS[known](value)
        if (read.ok) {
          terms[known] = read.value
          spans[known] = { from, to }
        } else complain(read.message, read.fix === undefined ? undefined : `${known}:${read.fix}`)
      }
    }
  }
  const joined = free.join(' ').trim()
  if (joined.length > TEXT_MOST && spans.text !== undefined)
    problems.push({ ...spans.text, word: joined.slice(0, 20), message: `Search for at most ${TEXT_MOST} characters.` })
  else if (joined !== '') terms.text = joined
  return { terms: terms as MessageTerms, spans, problems }
}

const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** A value as it must be written after its colon. */
export const formatValue = (value: string): string => (/^[^\s"]+$/.test(value) ? value : quoted(value))

const formatText = (value: string): string => {
  const words = value.split(' ')
  const plain = words.every((word) => word !== '' && !/\s|"/.test(word) && !NAMED.test(word))
  return plain ? value : quoted(value)
}

const formatWhen = (when: When): string => (when.kind === 'ago' ? `${when.amount}${when.unit}` : when.text)
const formatSize = ({ amount, unit }: Size): string => `${amount}${unit === 'b' ? '' : unit}`

const WRITERS: { readonly [N in TermName]: (value: NonNullable<MessageTerms[N]>) => string } = {
  from: formatValue,
  to: formatValue,
  with: formatValue,
  topic: formatValue,
  type: (types) => types.join(','),
  state: (states) => states.join(','),
  since: formatWhen,
  until: formatWhen,
  larger: formatSize,
  conversation: (id) => id,
}

/** The terms as a person would type them; parsing this gives the same terms back. */
export const formatFilter = (terms: MessageTerms): string => {
  const named = TERM_NAMES.flatMap((name) => {
    const value = terms[name]
    return value === undefined ? [] : [`${name}:${(WRITERS[name] as (given: unknown) => string)(value)}`]
  })
  return (terms.text === undefined ? named : [...named, formatText(terms.text)]).join(' ')
}
