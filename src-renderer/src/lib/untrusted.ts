/**
 * Text that others wrote (tool definitions, agent logs) can hide or reorder what a person reads. This splits it into
 * what can be shown as it is and characters that must be named instead. Sources: Unicode Bidirectional Algorithm
 * (UAX 9), the Default_Ignorable_Code_Point property, and the TAG block U+E0000–U+E007F used for invisible prompts.
 */
export type TextPart =
  | { readonly kind: 'text'; readonly at: number; readonly text: string }
  | { readonly kind: 'mark'; readonly at: number; readonly codePoint: string; readonly name: string }

interface HiddenRange {
  readonly from: number
  readonly to: number
  readonly name: string
}

const HIDDEN: readonly HiddenRange[] = [
  { from: 0x00, to: 0x08, name: 'control character' },
  { from: 0x0b, to: 0x1f, name: 'control character' },
  { from: 0x7f, to: 0x9f, name: 'control character' },
  { from: 0xad, to: 0xad, name: 'soft hyphen' },
  { from: 0x34f, to: 0x34f, name: 'combining grapheme joiner' },
  { from: 0x61c, to: 0x61c, name: 'Arabic letter mark, changes direction' },
  { from: 0x115f, to: 0x1160, name: 'Hangul filler, invisible' },
  { from: 0x17b4, to: 0x17b5, name: 'Khmer inherent vowel, invisible' },
  { from: 0x180b, to: 0x180f, name: 'Mongolian selector, invisible' },
  { from: 0x200b, to: 0x200d, name: 'zero-width character' },
  { from: 0x200e, to: 0x200f, name: 'direction mark' },
  { from: 0x2028, to: 0x2029, name: 'line or paragraph separator' },
  { from: 0x202a, to: 0x202e, name: 'direction override or embedding' },
  { from: 0x2060, to: 0x2065, name: 'invisible operator' },
  { from: 0x2066, to: 0x2069, name: 'direction isolate' },
  { from: 0x206a, to: 0x206f, name: 'deprecated format character' },
  { from: 0x3164, to: 0x3164, name: 'Hangul filler, invisible' },
  { from: 0xd800, to: 0xdfff, name: 'half of a surrogate pair' },
  { from: 0xe000, to: 0xf8ff, name: 'private use character' },
  { from: 0xfe00, to: 0xfe0f, name: 'variation selector, invisible' },
  { from: 0xfeff, to: 0xfeff, name: 'zero-width no-break space' },
  { from: 0xffa0, to: 0xffa0, name: 'halfwidth Hangul filler, invisible' },
  { from: 0xfff0, to: 0xfffb, name: 'interlinear or unassigned format character' },
  { from: 0x1bca0, to: 0x1bca3, name: 'shorthand format control' },
  { from: 0x1d173, to: 0x1d17a, name: 'musical format control' },
  { from: 0xe0000, to: 0xe0fff, name: 'TAG or variation character, invisible' },
  { from: 0xf0000, to: 0x10ffff, name: 'private use character' },
]

const hiddenName = (codePoint: number): string | null => {
  // The common case first: printable ASCII, tab and line feed.
  if ((codePoint >= 0x20 && codePoint < 0x7f) || codePoint === 0x09 || codePoint === 0x0a) return null
  return HIDDEN.find((range) => codePoint >= range.from && codePoint <= range.to)?.name ?? null
}

/** Split text into showable runs and named marks, each with its offset. In order, they cover the whole input. */
export const splitUntrusted = (text: string): readonly TextPart[] => {
  const parts: TextPart[] = []
  let run = ''
  let at = 0
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0
    const name = hiddenName(codePoint)
    if (name === null) {
      run += character
    } else {
      if (run !== '') parts.push({ kind: 'text', at: at - run.length, text: run })
      run = ''
      parts.push({ kind: 'mark', at, codePoint: `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`, name })
    }
    at += character.length
  }
  if (run !== '') parts.push({ kind: 'text', at: at - run.length, text: run })
  return parts
}

/** True when the text can be shown as it is: the fast way out for most log lines. */
export const isPlain = (text: string): boolean => /^[\x20-\x7e\t\n]*$/.test(text)
