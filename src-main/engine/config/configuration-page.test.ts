import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { markdownTable } from '../testing/markdown-table'
import { SECTIONS, type SectionSpec, VARIABLES } from './keys'

const PAGE = 'docs/configuration.md'

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const variables = (): string =>
  markdownTable(
    ['Variable', 'Key', 'Holds'],
    VARIABLES.map(({ variable, section, key }) => {
      const spec = Object.values<SectionSpec>(SECTIONS).find((candidate) => candidate.section === section)?.keys
      const kind = Object.values(spec ?? {}).find((candidate) => candidate.key === key)?.kind
      return [`\`${variable}\``, `\`${section}.${key}\``, capitalised(kind?.expects ?? '')]
    }),
  )

const keys = (): string =>
  Object.values<SectionSpec>(SECTIONS)
    .map(({ section, keys: specs }) => {
      const rows = Object.values(specs).map(({ key, kind, initial, effective, meaning }) => [
        `\`${key}\``,
        initial === null ? 'not set' : `\`${kind.write(initial)}\``,
        kind.unit || '–',
        effective ? 'yes' : 'checked',
        kind.unit === 'duration' ? meaning : `${meaning} ${capitalised(kind.expects)}.`,
      ])
      return `### [${section}]\n\n${markdownTable(['Key', 'Default', 'Unit', 'Takes effect', 'Meaning and values'], rows)}`
    })
    .join('\n\n')

const between = (page: string, name: string, content: string): string =>
  page.replace(
    new RegExp(`(<!-- ${name}: [^\n]*-->\n)[\\s\\S]*?(<!-- end of ${name} -->)`),
    (_all, start: string, end: string) => `${start}\n${content}\n\n${end}`,
  )

describe('docs/configuration.md', () => {
  it('lists every key as the program knows it (UPDATE_DOCS=1 writes it)', () => {
    const page = readFileSync(PAGE, 'utf8')
    const due = between(between(page, 'variables', variables()), 'keys', keys())
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, due)
    expect(readFileSync(PAGE, 'utf8')).toBe(due)
  })
})
