import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findHiddenCharacters } from './hidden-characters'

const only = (text: string) => findHiddenCharacters({ description: text })[0]

test.each([
  ['\u202e', 'U+202E', 'RIGHT-TO-LEFT OVERRIDE'],
  ['\u2066', 'U+2066', 'LEFT-TO-RIGHT ISOLATE'],
  ['\u200b', 'U+200B', 'ZERO WIDTH SPACE'],
  ['\ufeff', 'U+FEFF', 'ZERO WIDTH NO-BREAK SPACE'],
  ['\u{e0041}', 'U+E0041', 'TAG "A"'],
  ['\u{e0000}', 'U+E0000', 'TAG CHARACTER'],
  ['\u{e0001}', 'U+E0001', 'LANGUAGE TAG'],
  ['\u{e007f}', 'U+E007F', 'CANCEL TAG'],
  ['\u{e0100}', 'U+E0100', 'VARIATION SELECTOR-17'],
  ['\u00ad', 'U+00AD', 'SOFT HYPHEN'],
  ['\u034f', 'U+034F', 'COMBINING GRAPHEME JOINER'],
  ['\u3164', 'U+3164', 'HANGUL FILLER'],
  ['\u001b', 'U+001B', 'CONTROL CHARACTER'],
  ['\u0000', 'U+0000', 'CONTROL CHARACTER'],
  ['\u206a', 'U+206A', 'FORMAT CHARACTER'],
  ['\ue000', 'U+E000', 'PRIVATE USE CHARACTER'],
  ['\ud800', 'U+D800', 'LONE SURROGATE'],
])('%j is found and named', (character, codePoint, name) => {
  expect(only(`before ${character} after`)).toStrictEqual({ pointer: '/description', codePoint, name })
})

test('every tag character is found', () => {
  for (let codePoint = 0xe0000; codePoint <= 0xe007f; codePoint += 1)
    expect(only(String.fromCodePoint(codePoint))?.codePoint).toBe(`U+${codePoint.toString(16).toUpperCase()}`)
})

test('ordinary text of any script is left alone', () => {
  const texts = [
    'plain ASCII ~',
    'line\nbreak\tand\r\n',
    'größer – «naïve»',
    '日本語のテキスト',
    'שלום',
    'नमस्ते',
    'ok ⚠️ ❤️ 🚀',
  ]
  expect(findHiddenCharacters({ texts })).toStrictEqual([])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(findHiddenCharacters({ text })).toStrictEqual([])
    }),
  )
})

test('a variation selector that no emoji asks for is found', () => {
  expect(only('a\ufe0f')?.name).toBe('VARIATION SELECTOR-16')
  expect(only('❤️\ufe0f')?.name).toBe('VARIATION SELECTOR-16')
})

test('places are named by JSON pointer, in keys too, each kind once per place', () => {
  const definition = {
    'a/b~c': [{ 'x\u200by': 'clean' }, 'one\u200b two\u200b three\u202e'],
  }
  expect(findHiddenCharacters(definition)).toStrictEqual([
    { pointer: '/a~1b~0c/0/x\\u{200b}y', codePoint: 'U+200B', name: 'ZERO WIDTH SPACE' },
    { pointer: '/a~1b~0c/1', codePoint: 'U+200B', name: 'ZERO WIDTH SPACE' },
    { pointer: '/a~1b~0c/1', codePoint: 'U+202E', name: 'RIGHT-TO-LEFT OVERRIDE' },
  ])
})

test('a definition full of them gives a bounded answer', () => {
  expect(findHiddenCharacters(Array.from({ length: 5000 }, () => '\u200b'))).toHaveLength(200)
})
