import type { CallInput, MessageHeader, Party } from '@contract'
import type { MessageTerms, Parsed, Problem, Size, When } from './terms'

type WireFilter = CallInput<'messages.list'>['filter']

export interface Compiled {
  /** What the engine is asked; it may find more than `keep` leaves. */
  readonly wire: WireFilter
  /** For following: without the states, so that a message that leaves one is heard of. */
  readonly live: WireFilter
  /** What the engine cannot narrow to: the direction, and topics with *. */
  readonly keep: (header: MessageHeader) => boolean
  readonly problems: readonly Problem[]
}

export interface Known {
  /** Everyone who can send or receive; null while that is not known. */
  readonly parties: readonly Party[] | null
  readonly nowMs: number
}

const AGO_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SIZE_BYTES = { b: 1, k: 1024, m: 1_048_576 } as const

export const whenMs = (when: When, nowMs: number): number =>
  Math.max(0, when.kind === 'ago' ? nowMs - when.amount * AGO_MS[when.unit] : Date.parse(localTime(when.text)))

/** A date alone means its first moment here, not in Greenwich. */
const localTime = (text: string): string => (text.includes('T') ? text : `${text}T00:00`)

export const sizeBytes = ({ amount, unit }: Size): number => Math.ceil(amount * SIZE_BYTES[unit])

/** A topic pattern: * stands for anything, everything else for itself. */
export const topicMatcher = (pattern: string): ((topic: string | null) => boolean) => {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const expression = new RegExp(`^${source.join('.*')}$`)
  return (topic) => topic !== null && expression.test(topic)
}

/** The longest part of a pattern without *: whatever fits the pattern contains it. */
const longestLiteral = (pattern: string): string =>
  pattern.split('*').reduce((best, part) => (part.length > best.length ? part : best), '')

/** Who is meant by a name or an id. */
interface Meant {
  readonly id: string | null
  readonly is: (party: Party) => boolean
  readonly problem: string | null
}

const meantBy = (name: string, parties: readonly Party[] | null): Meant => {
  const lower = name.toLowerCase()
  const is = (party: Party) => party.id === lower || party.name.toLowerCase() === lower
  if (parties === null) return { id: null, is, problem: null }
  const found = parties.filter(is)
  const [only] = found
  if (only === undefined) return { id: null, is, problem: `Nobody here is called “${name}”.` }
  return found.length === 1
    ? { id: only.id, is: (party) => party.id === only.id, problem: null }
    : { id: null, is, problem: null }
}

const SIDES = ['from', 'to', 'with'] as const

/** Turn what was typed into what the engine is asked and what the page leaves out by itself. */
export const compileFilter = ({ terms, spans, problems }: Parsed, { parties, nowMs }: Known): Compiled => {
  const found: Problem[] = [...problems]
  const complain = (name: keyof MessageTerms, message: string) => {
    const span = spans[name]
    if (span !== undefined) found.push({ ...span, word: `${name}:`, message })
  }
  const tests: ((header: MessageHeader) => boolean)[] = []
  const ids: string[] = []
  /** Parts that the name of a party or the topic must contain; the engine can be asked for one. */
  const parts: string[] = terms.text === undefined ? [] : [terms.text]
  for (const side of SIDES) {
    const name = terms[side]
    if (name === undefined) continue
    const { id, is, problem } = meantBy(name, parties)
    if (problem !== null) complain(side, problem)
    if (id !== null && !ids.includes(id)) ids.push(id)
    else if (id === null) parts.push(name)
    tests.push(
      side === 'from'
        ? ({ sender }) => is(sender)
        : side === 'to'
          ? ({ recipient }) => is(recipient)
          : ({ sender, recipient }) => is(sender) || is(recipient),
    )
  }
  const exactTopic = terms.topic !== undefined && !terms.topic.includes('*')
  if (terms.topic !== undefined && !exactTopic) {
    const fits = topicMatcher(terms.topic)
    tests.push(({ topic }) => fits(topic))
    const literal = longestLiteral(terms.topic)
    if (literal !== '') parts.push(literal)
  }
  const sinceMs = terms.since === undefined ? undefined : whenMs(terms.since, nowMs)
  const untilMs = terms.until === undefined ? undefined : whenMs(terms.until, nowMs)
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs)
    complain('until', 'This ends before it begins: “since” is the older one.')
  const [agentId, peerId] = ids
  const [text] = parts
  const live: WireFilter = {
    ...(agentId === undefined ? {} : { agentId }),
    ...(peerId === undefined ? {} : { peerId }),
    ...(exactTopic ? { topic: terms.topic } : {}),
    ...(terms.type === undefined ? {} : { types: [...terms.type] }),
    ...(terms.conversation === undefined ? {} : { correlationId: terms.conversation }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(terms.larger === undefined ? {} : { minBytes: sizeBytes(terms.larger) }),
    ...(text === undefined ? {} : { text }),
  }
  const states = terms.state
  if (states !== undefined) tests.push(({ state }) => states.includes(state))
  return {
    live,
    wire: states === undefined ? live : { ...live, states: [...states] },
    keep: (header) => tests.every((test) => test(header)),
    problems: found,
  }
}
