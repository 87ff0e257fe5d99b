/** Matches a whole text that is in Unicode normal form C. */
export interface Glob {
  readonly source: string
  /** What every match begins with; all of it when `exact`. */
  readonly prefix: string
  /** What every match ends with, beyond the prefix; empty for a pattern that ends in `/**`. */
  readonly suffix: string
  /** The longest text that stands somewhere in every match. */
  readonly within: string
  /** There is no sign in it: it matches itself alone. */
  readonly exact: boolean
  matches(text: string): boolean
}

/** Matches a whole path in any normal form. */
export type GlobMatcher = (path: string) => boolean

type Token = { readonly kind: 'one' | 'run' | 'any' } | { readonly kind: 'text'; readonly code: number }

const SLASH = 47
const ASCII = 128

/** Signs and literals; a run of stars is `*` when it is one and `**` when it is more. */
const tokensOf = (glob: string): Token[] => {
  const tokens: Token[] = []
  const characters = [...glob]
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? ''
    if (character === '?') tokens.push({ kind: 'one' })
    else if (character !== '*') tokens.push({ kind: 'text', code: character.codePointAt(0) ?? 0 })
    else {
      let wide = false
      while (characters[index + 1] === '*') {
        wide = true
        index += 1
      }
      tokens.push({ kind: wide ? 'any' : 'run' })
    }
  }
  return tokens
}

/** For each character the set of tokens it satisfies, 32 tokens in a word. */
interface Tables {
  readonly words: number
  readonly ascii: readonly Int32Array[]
  readonly others: ReadonlyMap<number, Int32Array>
  /** For a character that no token names. */
  readonly unnamed: Int32Array
  readonly stay: Int32Array
  readonly stayOnSlash: Int32Array
  /** Tokens that may match nothing. */
  readonly skip: Int32Array
  readonly accept: Int32Array
  readonly start: Int32Array
}

const setBit = (set: Int32Array, bit: number): void => {
  const word = bit >>> 5
  set[word] = (set[word] ?? 0) | (1 << (bit & 31))
}

const closeOver = (set: Int32Array, skip: Int32Array): void => {
  let carry = 0
  for (let word = 0; word < set.length; word += 1) {
    const own = set[word] ?? 0
    const able = own & (skip[word] ?? 0)
    set[word] = own | (able << 1) | carry
    carry = able >>> 31
    // No two stars stand side by side, so a carry never has to go further than one token.
  }
}

const tablesOf = (tokens: readonly Token[], alsoEndsAt: number | null): Tables => {
  const words = (tokens.length >>> 5) + 1
  const make = (): Int32Array => new Int32Array(words)
  const [unnamed, stay, stayOnSlash, skip, accept, start] = [make(), make(), make(), make(), make(), make()]
  const named = new Map<number, Int32Array>()
  tokens.forEach((token, at) => {
    if (token.kind === 'any' || token.kind === 'run') {
      setBit(stay, at)
      setBit(skip, at)
      if (token.kind === 'any') setBit(stayOnSlash, at)
    } else if (token.kind === 'one') setBit(unnamed, at)
  })
  const codes = new Set([SLASH, ...tokens.flatMap((token) => (token.kind === 'text' ? [token.code] : []))])
  for (const code of codes) {
    const set = code === SLASH ? make() : unnamed.slice()
    tokens.forEach((token, at) => {
      if (token.kind === 'text' && token.code === code) setBit(set, at)
    })
    named.set(code, set)
  }
  setBit(accept, tokens.length)
  if (alsoEndsAt !== null) setBit(accept, alsoEndsAt)
  setBit(start, 0)
  closeOver(start, skip)
  const ascii = Array.from({ length: ASCII }, (_, code) => named.get(code) ?? unnamed)
  return { words, ascii, others: named, unnamed, stay, stayOnSlash, skip, accept, start }
}

/** One word of state: patterns of up to 31 tokens, which is nearly all of them. */
const runNarrow = (tables: Tables): ((text: string, from: number) => boolean) => {
  const [start, stay, stayOnSlash, skip, accept, unnamed] = [
    tables.start[0] ?? 0,
    tables.stay[0] ?? 0,
    tables.stayOnSlash[0] ?? 0,
    tables.skip[0] ?? 0,
    tables.accept[0] ?? 0,
    tables.unnamed[0] ?? 0,
  ]
  const ascii = Int32Array.from(tables.ascii, (set) => set[0] ?? 0)
  return (text, from) => {
    let state = start
    for (let index = from; index < text.length; index += 1) {
      let code = text.charCodeAt(index)
      let takes: number
      if (code < ASCII) takes = ascii[code] ?? 0
      else {
        code = text.codePointAt(index) ?? 0
        if (code > 0xffff) index += 1
        takes = tables.others.get(code)?.[0] ?? unnamed
      }
      state = ((state & takes) << 1) | (state & (code === SLASH ? stayOnSlash : stay))
      if (state === 0) return false
      state |= (state & skip) << 1
    }
    return (state & accept) !== 0
  }
}

const runWide = (tables: Tables): ((text: string, from: number) => boolean) => {
  const { words, skip, accept } = tables
  return (text, from) => {
    const state = tables.start.slice()
    for (let index = from; index < text.length; index += 1) {
      const code = text.codePointAt(index) ?? 0
      if (code > 0xffff) index += 1
      const takes = (code < ASCII ? tables.ascii[code] : tables.others.get(code)) ?? tables.unnamed
      const stays = code === SLASH ? tables.stayOnSlash : tables.stay
      let carry = 0
      let alive = 0
      for (let word = 0; word < words; word += 1) {
        const own = state[word] ?? 0
        const moved = own & (takes[word] ?? 0)
        const next = (moved << 1) | carry | (own & (stays[word] ?? 0))
        carry = moved >>> 31
        state[word] = next
        alive |= next
      }
      if (alive === 0) return false
      closeOver(state, skip)
    }
    return state.some((word, at) => (word & (accept[at] ?? 0)) !== 0)
  }
}

const literalEnd = (tokens: readonly Token[]): number => {
  const at = tokens.findIndex((token) => token.kind !== 'text')
  return at === -1 ? tokens.length : at
}

const textOf = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.kind === 'text' ? String.fromCodePoint(token.code) : '')).join('')

/** The longest run of literals; the separator that may be missing before a last `**` is none. */
const longestLiteral = (tokens: readonly Token[]): string => {
  let longest = ''
  let current: Token[] = []
  for (const token of [...tokens, { kind: 'any' } as const]) {
    if (token.kind === 'text') current.push(token)
    else {
      const text = textOf(current)
      if (text.length > longest.length) longest = text
      current = []
    }
  }
  return longest
}

/** Half of a pair standing alone would join with what follows it. */
const HALF_PAIR = /\p{Surrogate}/u

/**
 * Compile a glob. `*` is any run of characters but `/`, `**` any run at all, `?` one character but `/`; all else is literal.
 * A glob that ends in `/**` matches the folder itself too. Case counts. The text must be in normal form C, as the glob is made.
 *
 * The automaton of all tokens runs at once, a bit for each (bit-parallel simulation after Baeza-Yates and Gonnet, 1992):
 * the time is that of the text, whatever the pattern, and nothing is ever tried twice.
 */
export const parseGlob = (given: string): Glob => {
  const source = given.normalize('NFC')
  const tokens = tokensOf(source)
  const first = literalEnd(tokens)
  const folder = tokens.at(-1)?.kind === 'any' && source.endsWith('/**') && tokens.length >= 2
  const head = textOf(tokens.slice(0, first))

  if (first === tokens.length)
    return { source, prefix: head, suffix: '', within: head, exact: true, matches: (text) => text === source }

  // `a/b/**`: the folder and all that is in it, by far the most common shape.
  if (folder && first === tokens.length - 1) {
    const inside = head
    const itself = head.slice(0, -1)
    return {
      source,
      prefix: itself,
      suffix: '',
      within: itself,
      exact: false,
      matches: (text) => text === itself || text.startsWith(inside),
    }
  }

  const last = tokens.findLastIndex((token) => token.kind !== 'text')
  const suffix = textOf(tokens.slice(last + 1))
  const whole = HALF_PAIR.test(source)
  // Only what follows the literal beginning is left to the automaton.
  const from = whole ? 0 : first
  const rest = tokens.slice(from)
  const skipped = textOf(tokens.slice(0, from))
  // Most patterns are never asked, being told apart by their literals; the tables of those that are, are made once.
  let run: ((text: string, from: number) => boolean) | null = null
  const automaton = (text: string): boolean => {
    if (run === null) {
      const tables = tablesOf(rest, folder ? rest.length - 2 : null)
      run = rest.length <= 31 ? runNarrow(tables) : runWide(tables)
    }
    return run(text, skipped.length)
  }
  return {
    source,
    prefix: whole ? '' : skipped,
    suffix: whole ? '' : suffix,
    within: whole ? '' : longestLiteral(folder ? tokens.slice(0, -2) : tokens),
    exact: false,
    matches:
      rest.length === 1 && rest[0]?.kind === 'any'
        ? (text) => text.startsWith(skipped)
        : (text) => text.startsWith(skipped) && text.endsWith(suffix) && automaton(text),
  }
}

/** A matcher that takes texts in any normal form: two spellings of one name do not differ. */
export const compileGlob = (given: string): GlobMatcher => {
  const glob = parseGlob(given)
  return (path) => glob.matches(path.normalize('NFC'))
}

/**
 * Whether everything that `inner` matches is surely matched by `outer`. False says nothing: this is for hints, where a
 * proof would cost more than it tells.
 */
export const globCovers = (outer: Glob, inner: Glob): boolean => {
  if (outer.source === inner.source || outer.source === '**') return true
  if (inner.exact) return outer.matches(inner.source)
  if (!outer.source.endsWith('/**')) return false
  const folder = outer.source.slice(0, -3)
  return !/[*?]/.test(folder) && (inner.source === `${folder}/**` || inner.prefix.startsWith(`${folder}/`))
}
