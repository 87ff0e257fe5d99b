import type { Party } from '@contract'
import { formatValue, TERM_NAMES, TERMS, type TermName } from './terms'
import { MESSAGE_STATES, MESSAGE_TYPES } from './vocabulary'

export interface Suggestion {
  readonly label: string
  /** What takes the place of the word under the caret. */
  readonly apply: string
  readonly note: string
}

export interface Suggestions {
  readonly from: number
  readonly to: number
  readonly options: readonly Suggestion[]
}

export interface Vocabulary {
  readonly parties: readonly Party[]
  readonly topics: readonly string[]
}

/** A list longer than this is not read, it is typed at. */
const MOST = 8
const TIMES = ['10m', '1h', '24h', '7d'] as const
const SIZES = ['1k', '16k', '64k', '1m'] as const

const termOptions = (typed: string): readonly Suggestion[] =>
  TERM_NAMES.filter((name) => name.startsWith(typed)).map((name) => ({
    label: `${name}:`,
    apply: `${name}:`,
    note: TERMS[name],
  }))

const valuesOf = (name: TermName, { parties, topics }: Vocabulary): readonly { value: string; note: string }[] => {
  if (name === 'from' || name === 'to' || name === 'with')
    return parties.map((party) => ({ value: party.name, note: party.kind }))
  const words: Partial<Record<TermName, readonly string[]>> = {
    topic: topics,
    type: MESSAGE_TYPES,
    state: MESSAGE_STATES,
    since: TIMES,
    until: TIMES,
    larger: SIZES,
  }
  return (words[name] ?? []).map((value) => ({ value, note: '' }))
}

const isTerm = (name: string): name is TermName => TERM_NAMES.some((known) => known === name)

/** The word that the caret stands in or right behind. A quote keeps its spaces together. */
const wordAt = (text: string, caret: number): { from: number; to: number } => {
  let from = 0
  let inQuotes = false
  for (let index = 0; index < caret; index += 1) {
    const character = text.charAt(index)
    if (character === '"' && text.charAt(index - 1) !== '\\') inQuotes = !inQuotes
    else if (!inQuotes && /\s/.test(character)) from = index + 1
  }
  const rest = inQuotes ? /^[^"]*"?/ : /^\S*/
  return { from, to: caret + (rest.exec(text.slice(caret))?.[0].length ?? 0) }
}

/** What may be written where the caret is: terms, or the values of the term that was begun. */
export const suggestAt = (text: string, caret: number, vocabulary: Vocabulary): Suggestions => {
  const { from, to } = wordAt(text, caret)
  const typed = text.slice(from, caret)
  const colon = typed.indexOf(':')
  const name = typed.slice(0, Math.max(0, colon)).toLowerCase()
  if (colon === -1) return { from, to, options: termOptions(typed.toLowerCase()) }
  if (!isTerm(name)) return { from, to, options: [] }
  const value = typed.slice(colon + 1).replace(/^"/, '')
  // Types and states are lists: what stands before the last comma stays.
  const listed = name === 'type' || name === 'state' ? value.slice(0, value.lastIndexOf(',') + 1) : ''
  const begun = value.slice(listed.length).toLowerCase()
  const chosen = listed.toLowerCase().split(',')
  const fitting = valuesOf(name, vocabulary).filter(
    (option) => option.value.toLowerCase().startsWith(begun) && !chosen.includes(option.value),
  )
  const exact = fitting.length === 1 && fitting[0]?.value.toLowerCase() === begun
  return {
    from,
    to,
    options: exact
      ? []
      : fitting.slice(0, MOST).map(({ value: option, note }) => ({
          label: option,
          apply: `${name}:${listed === '' ? formatValue(option) : `${listed}${option}`}`,
          note,
        })),
  }
}
