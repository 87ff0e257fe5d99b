import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlain, splitUntrusted } from './untrusted'

const marks = (text: string) => splitUntrusted(text).flatMap((part) => (part.kind === 'mark' ? [part.codePoint] : []))

const joined = (text: string) =>
  splitUntrusted(text)
    .map((part) =>
      part.kind === 'text' ? part.text : String.fromCodePoint(Number.parseInt(part.codePoint.slice(2), 16)),
    )
    .join('')

describe('splitUntrusted', () => {
  it('leaves readable text alone, in any script, with tabs and line feeds', () => {
    const text = 'Read a file.\n\tΓειά, привет, 你好, مرحبا, ñ, 🙂'
    expect(splitUntrusted(text)).toEqual([{ kind: 'text', at: 0, text }])
  })

  it.each([
    ['a direction override', 'a\u202Eb', 'U+202E'],
    ['a direction isolate', 'a\u2066b', 'U+2066'],
    ['a zero-width space', 'a\u200Bb', 'U+200B'],
    ['a byte-order mark', '\uFEFFab', 'U+FEFF'],
    ['a TAG letter', 'a\u{E0041}b', 'U+E0041'],
    ['a variation selector of the supplement', 'a\u{E0100}b', 'U+E0100'],
    ['an escape', 'a\u001B[31mb', 'U+001B'],
    ['a carriage return', 'safe\rhidden', 'U+000D'],
    ['a soft hyphen', 'a\u00ADb', 'U+00AD'],
    ['half of a surrogate pair', 'a\uD800b', 'U+D800'],
  ])('names %s', (_what, text, codePoint) => {
    expect(marks(text)).toEqual([codePoint])
  })

  it('says where each part stands', () => {
    expect(splitUntrusted('ab\u{E0041}c')).toEqual([
      { kind: 'text', at: 0, text: 'ab' },
      { kind: 'mark', at: 2, codePoint: 'U+E0041', name: 'TAG or variation character, invisible' },
      { kind: 'text', at: 4, text: 'c' },
    ])
  })

  it('loses nothing of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(joined(text)).toBe(text)
      }),
    )
  })

  it('takes the short way only for text without marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (isPlain(text)) expect(marks(text)).toEqual([])
      }),
    )
    expect(isPlain('tools.call everything.echo 41 ms')).toBe(true)
    expect(isPlain('a\u202Eb')).toBe(false)
  })
})
