import fc from 'fast-check'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { anyText } from '../testing/any-text'
import { locateKeys } from './locate'

const TEXT = `# comment with [brackets] and = "signs"
top = 1

[ lifecycle ]   # [not.this]
max_agents = 5
note = "a # no comment, ] no end"
motto = """
[fake]
max_agents = 9 \\"""
"""
raw = '''
[fake2]
it''s = 1
''''
list = [
  1, # ] [x]
  [2, 3],
]
after = true
a.b.c = 1
a . "d e" = 2
'q.r' = 3
"\\u0041bc" = 4
inline = { x = 1, y = "}" }
end = 'C:\\path\\'

[http_api.deep]
port = 1
[[things]]
name = 1
`

describe('locateKeys', () => {
  const lineOf = locateKeys(TEXT)

  it('is fed a document that the parser takes', () => {
    expect(parse(TEXT)).toHaveProperty('lifecycle.after', true)
  })

  it.each<[string[], number]>([
    [['top'], 2],
    [['lifecycle'], 4],
    [['lifecycle', 'max_agents'], 5],
    [['lifecycle', 'note'], 6],
    [['lifecycle', 'motto'], 7],
    [['lifecycle', 'raw'], 11],
    [['lifecycle', 'list'], 15],
    [['lifecycle', 'after'], 19],
    [['lifecycle', 'a', 'b', 'c'], 20],
    [['lifecycle', 'a'], 20],
    [['lifecycle', 'a', 'd e'], 21],
    [['lifecycle', 'q.r'], 22],
    [['lifecycle', 'Abc'], 23],
    [['lifecycle', 'inline'], 24],
    [['lifecycle', 'end'], 25],
    [['http_api'], 27],
    [['http_api', 'deep', 'port'], 28],
    [['things', 'name'], 30],
  ])('finds %j on line %d', (path, line) => {
    expect(lineOf(path)).toBe(line)
  })

  it('gives a key in an inline table the line of the table', () => {
    expect(lineOf(['lifecycle', 'inline', 'x'])).toBe(24)
  })

  it('does not find what only looks like a key', () => {
    expect(lineOf(['fake'])).toBeNull()
    expect(lineOf(['fake2'])).toBeNull()
    expect(lineOf(['nowhere', 'at all'])).toBeNull()
  })

  it('counts lines with Windows ends', () => {
    expect(locateKeys('a = 1\r\n\r\n[b]\r\nc = 2\r\n')(['b', 'c'])).toBe(4)
  })

  it('finds every key of any document, and ends on any text', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/)
    const value = fc.constantFrom(
      '1',
      '"x = 1 # ]"',
      "'[y]'",
      '[1, 2]',
      '[\n  "]", # ]\n  2\n]',
      '"""\n[z]\nk = 1\n"""',
      "'''\n'' = \n'''",
      '{ k = "}" }',
    )
    const gap = fc.constantFrom('', '\n', '# [c] = 1\n', '\t\n\n')
    const entry = fc.record({ gap, quoted: fc.boolean(), value })
    const document = fc.uniqueArray(fc.tuple(name, fc.dictionary(name, entry, { maxKeys: 5 })), {
      selector: ([section]) => section,
      maxLength: 5,
    })
    fc.assert(
      fc.property(document, (sections) => {
        let text = ''
        const expected: { path: string[]; line: number }[] = []
        const nextLine = (): number => text.split('\n').length
        for (const [section, entries] of sections) {
          expected.push({ path: [section], line: nextLine() })
          text += `[${section}] # head\n`
          for (const [key, { gap: before, quoted, value: written }] of Object.entries(entries)) {
            text += before
            expected.push({ path: [section, key], line: nextLine() })
            text += `${quoted ? `"${key}"` : key} = ${written}\n`
          }
        }
        parse(text)
        const found = locateKeys(text)
        for (const { path, line } of expected) expect(found(path)).toBe(line)
      }),
    )
    fc.assert(fc.property(anyText({ maxLength: 40 }), (text) => locateKeys(text)(['x']) !== 0))
  })
})
