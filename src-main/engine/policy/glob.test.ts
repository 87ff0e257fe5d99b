import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob } from './glob'

/** The meaning of a glob, written down as plainly as can be; exponential, so for short texts only. */
const reference = (glob: string, path: string): boolean => {
  const walk = (pattern: readonly string[], text: readonly string[]): boolean => {
    const [head, ...rest] = pattern
    if (head === undefined) return text.length === 0
    if (head === '*') {
      const wide = rest[0] === '*'
      const after = wide ? rest.slice(1) : rest
      for (let taken = 0; taken <= text.length; taken += 1) {
        if (!wide && text.slice(0, taken).includes('/')) return false
        if (walk(after, text.slice(taken))) return true
      }
      return false
    }
    const [first, ...others] = text
    if (first === undefined) return false
    return (head === '?' ? first !== '/' : head === first) && walk(rest, others)
  }
  if (glob.endsWith('/**') && walk([...glob.slice(0, -3)], [...path])) return true
  return walk([...glob], [...path])
}

describe('compileGlob', () => {
  it.each([
    ['/tmp/**', '/tmp/x', true],
    ['/tmp/**', '/tmp/x/y.txt', true],
    ['/tmp/**', '/tmp', true],
    ['/tmp/**', '/tmp/', true],
    ['/tmp/**', '/tmpx', false],
    ['/tmp/**', '/tmpx/y', false],
    ['/tmp/**', '/var/tmp/x', false],
    ['/tmp/*', '/tmp/x', true],
    ['/tmp/*', '/tmp/x/y', false],
    ['everything.*', 'everything.echo', true],
    ['everything.*', 'everythingXecho', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a?c', 'ac', false],
    ['a?c', 'a😀c', true],
    ['**', '', true],
    ['**', 'any/thing\nat all', true],
    ['(a|b)', '(a|b)', true],
    ['(a|b)', 'a', false],
    ['[ab]', 'a', false],
    ['a.b', 'axb', false],
    ['\\Qx\\E', '\\Qx\\E', true],
    ['A', 'a', false],
    ['caf\u00e9/**', 'cafe\u0301/menu', true],
    ['cafe\u0301', 'caf\u00e9', true],
  ])('%s on %j: %s', (glob, path, fits) => {
    expect(compileGlob(glob)(path)).toBe(fits)
  })

  it('means what the plain definition says', () => {
    const glob = fc.array(fc.constantFrom('*', '**', '?', '/', 'a', 'b', '.', '/**', '+', 'é'), { maxLength: 6 })
    const path = fc.array(fc.constantFrom('/', 'a', 'b', '.', '+', 'é', '\n'), { maxLength: 8 })
    fc.assert(
      fc.property(glob, path, (parts, characters) => {
        const pattern = parts.join('').normalize('NFC')
        const text = characters.join('').normalize('NFC')
        expect(compileGlob(pattern)(text)).toBe(reference(pattern, text))
      }),
      { numRuns: 1000 },
    )
  })

  it('takes any text as a glob, which fits itself when it holds no sign', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        fc.pre(!/[*?]/.test(text))
        expect(compileGlob(text)(text)).toBe(true)
      }),
    )
  })

  it('comes to an end on patterns that make others hang', { timeout: 20_000 }, () => {
    expect(compileGlob(`${'*a'.repeat(30)}b`)('a'.repeat(20_000))).toBe(false)
  })
})
