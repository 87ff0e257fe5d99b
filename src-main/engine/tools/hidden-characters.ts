import type { Json, ToolDetail } from '@contract'

type Finding = ToolDetail['hiddenCharacters'][number]

/** Enough to see what is going on; a definition full of them is refused by its reader anyway. */
const MAX_FINDINGS = 200

const NAMES: Readonly<Record<number, string>> = {
  173: 'SOFT HYPHEN',
  847: 'COMBINING GRAPHEME JOINER',
  1564: 'ARABIC LETTER MARK',
  4447: 'HANGUL CHOSEONG FILLER',
  4448: 'HANGUL JUNGSEONG FILLER',
  6068: 'KHMER VOWEL INHERENT AQ',
  6069: 'KHMER VOWEL INHERENT AA',
  6158: 'MONGOLIAN VOWEL SEPARATOR',
  8203: 'ZERO WIDTH SPACE',
  8204: 'ZERO WIDTH NON-JOINER',
  8205: 'ZERO WIDTH JOINER',
  8206: 'LEFT-TO-RIGHT MARK',
  8207: 'RIGHT-TO-LEFT MARK',
  8232: 'LINE SEPARATOR',
  8233: 'PARAGRAPH SEPARATOR',
  8234: 'LEFT-TO-RIGHT EMBEDDING',
  8235: 'RIGHT-TO-LEFT EMBEDDING',
  8236: 'POP DIRECTIONAL FORMATTING',
  8237: 'LEFT-TO-RIGHT OVERRIDE',
  8238: 'RIGHT-TO-LEFT OVERRIDE',
  8288: 'WORD JOINER',
  8289: 'FUNCTION APPLICATION',
  8290: 'INVISIBLE TIMES',
  8291: 'INVISIBLE SEPARATOR',
  8292: 'INVISIBLE PLUS',
  8294: 'LEFT-TO-RIGHT ISOLATE',
  8295: 'RIGHT-TO-LEFT ISOLATE',
  8296: 'FIRST STRONG ISOLATE',
  8297: 'POP DIRECTIONAL ISOLATE',
  10240: 'BRAILLE PATTERN BLANK',
  12644: 'HANGUL FILLER',
  65279: 'ZERO WIDTH NO-BREAK SPACE',
  65440: 'HALFWIDTH HANGUL FILLER',
  917505: 'LANGUAGE TAG',
  917631: 'CANCEL TAG',
}

/**
 * Characters that a reader does not see or that change the order of what is seen: format (Cf), control (Cc), lone
 * surrogates, private use, separators of lines, blank letters, and variation selectors (Unicode 15.1 §23; UTS #39).
 */
const HIDDEN =
  /\u{34f}|[\p{Cf}\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{VS}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{2800}\u{3164}\u{ffa0}\u{e0000}-\u{e007f}]/gu

const isOrdinary = (codePoint: number, before: string): boolean => {
  if (codePoint === 0x09 || codePoint === 0x0a || codePoint === 0x0d) return true
  // An emoji says with U+FE0F that it wants to be shown in colour.
  return codePoint === 0xfe0f && /\p{Extended_Pictographic}$/u.test(before)
}

const codePointText = (codePoint: number): string => `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`

const nameOf = (codePoint: number): string => {
  const known = NAMES[codePoint]
  if (known !== undefined) return known
  if (codePoint >= 0xe0020 && codePoint <= 0xe007e)
    return `TAG ${JSON.stringify(String.fromCodePoint(codePoint - 0xe0000))}`
  if (codePoint >= 0xe0000 && codePoint <= 0xe007f) return 'TAG CHARACTER'
  if (codePoint >= 0xfe00 && codePoint <= 0xfe0f) return `VARIATION SELECTOR-${codePoint - 0xfe00 + 1}`
  if (codePoint >= 0xe0100 && codePoint <= 0xe01ef) return `VARIATION SELECTOR-${codePoint - 0xe0100 + 17}`
  const character = String.fromCodePoint(codePoint)
  if (/\p{Cc}/u.test(character)) return 'CONTROL CHARACTER'
  if (/\p{Cs}/u.test(character)) return 'LONE SURROGATE'
  if (/\p{Co}/u.test(character)) return 'PRIVATE USE CHARACTER'
  return 'FORMAT CHARACTER'
}

/** A key as a segment of a JSON pointer (RFC 6901), its hidden characters written out. */
const segment = (key: string): string =>
  key
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replace(HIDDEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)

/** Find hidden and misleading characters in the texts and keys of a definition, each with where it stands. */
export const findHiddenCharacters = (definition: Json): Finding[] => {
  const findings: Finding[] = []
  const seen = new Set<string>()

  const inspect = (text: string, pointer: string): void => {
    for (const match of text.matchAll(HIDDEN)) {
      const codePoint = match[0].codePointAt(0) ?? 0
      if (isOrdinary(codePoint, text.slice(Math.max(0, match.index - 2), match.index))) continue
      const found = { pointer, codePoint: codePointText(codePoint), name: nameOf(codePoint) }
      const once = `${pointer}\n${codePoint}`
      if (seen.has(once) || findings.length >= MAX_FINDINGS) continue
      seen.add(once)
      findings.push(found)
    }
  }

  const walk = (value: Json, pointer: string): void => {
    if (typeof value === 'string') inspect(value, pointer)
    else if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, `${pointer}/${index}`)
    else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) {
        const inner = `${pointer}/${segment(key)}`
        inspect(key, inner)
        walk(item, inner)
      }
    }
  }
  walk(definition, '')
  return findings
}
