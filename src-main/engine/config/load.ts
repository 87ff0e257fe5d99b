import { basename } from 'node:path'
import { parse, TomlError, type TomlTable, type TomlValue } from 'smol-toml'
import { RuntimeError } from '../core'
import { type Config, type KeySpec, SECTIONS, type SectionSpec, VARIABLES } from './keys'
import type { ConfigValue } from './kinds'
import { type LineOf, locateKeys } from './locate'
import { nearest } from './nearest'

export interface ConfigSource {
  /** runtime_config.toml; null when there is none, so the defaults hold. */
  readonly path: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readFile(path: string): string
}

const MAX_CHARACTERS = 1_048_576

const sections: readonly SectionSpec[] = Object.values(SECTIONS)
const fullNames = sections.flatMap((spec) => Object.values(spec.keys).map(({ key }) => `${spec.section}.${key}`))

const isTable = (value: TomlValue): value is TomlTable =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)

/** What stands there, short enough for a sentence. */
const describe = (value: TomlValue): string => {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return 'a list'
  return isTable(value) ? 'a section' : 'a date or time'
}

/** Refuses with the place in the file. */
type Refuse = (path: readonly string[], problem: string) => never

const parseToml = (text: string, file: string): TomlTable => {
  if (text.length > MAX_CHARACTERS)
    throw new RuntimeError('CONFIG_001', `${basename(file)} is larger than 1 MiB.`, { details: { file } })
  try {
    return parse(text, { integersAsBigInt: true, maxDepth: 32, unsafeKeyBehaviour: 'throw' })
  } catch (error) {
    if (!(error instanceof TomlError))
      throw new RuntimeError('CONFIG_001', `${basename(file)} is not valid TOML.`, { cause: error, details: { file } })
    const problem = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '').replace(/\.$/, '')
    throw new RuntimeError('CONFIG_001', `${basename(file)} line ${error.line}: not valid TOML: ${problem}.`, {
      cause: error,
      details: { file, line: error.line, column: error.column },
    })
  }
}

/** The end of the sentence about something unknown. */
const suggest = (path: string, known: readonly string[]): string => {
  const near = nearest(path, known)
  return near === null ? '.' : `. Did you mean ${near}?`
}

/** A key that is not known: the same word in its own section is likelier meant than in another. */
const keySuggestion = (section: SectionSpec, key: string): string => {
  const known = Object.values(section.keys).map((spec) => spec.key)
  const own = nearest(key, known)
  if (own !== null) return `. Did you mean ${section.section}.${own}?`
  const elsewhere = fullNames.find((name) => name.endsWith(`.${key}`))
  return elsewhere === undefined
    ? `; known in [${section.section}] are ${known.join(', ')}.`
    : `. Did you mean ${elsewhere}?`
}

const unknownName = (name: string, value: TomlValue): string => {
  const hint = suggest(
    name,
    sections.map((spec) => spec.section),
  )
  if (isTable(value)) return `unknown section [${name}]${hint}`
  const elsewhere = fullNames.find((full) => full.endsWith(`.${name}`))
  return `unknown key ${name}${elsewhere === undefined ? hint : `. Did you mean ${elsewhere}?`}`
}

const refuseUnknown = (document: TomlTable, refuse: Refuse): void => {
  for (const [name, value] of Object.entries(document)) {
    const section = sections.find((spec) => spec.section === name)
    if (section === undefined) refuse([name], unknownName(name, value))
    if (!isTable(value)) refuse([name], `${name} must be a section, [${name}]; found ${describe(value)}.`)
    const known = Object.values(section.keys).map((spec) => spec.key)
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) refuse([name, key], `unknown key ${name}.${key}${keySuggestion(section, key)}`)
    }
  }
}

const wrong = (spec: KeySpec<ConfigValue>, found: string): string =>
  `must be ${spec.kind.expects}${spec.kind.confidential ? '' : `; found ${found}`}.`

const resolve = (
  at: { section: string; spec: KeySpec<ConfigValue> },
  document: TomlTable,
  from: { env: ConfigSource['env']; refuse: Refuse },
): ConfigValue => {
  const { section, spec } = at
  const table = document[section]
  const written = table !== undefined && isTable(table) && Object.hasOwn(table, spec.key) ? table[spec.key] : undefined
  let value = spec.initial
  if (written !== undefined) {
    const read = spec.kind.fromToml(written)
    if (read === undefined)
      return from.refuse([section, spec.key], `${section}.${spec.key} ${wrong(spec, describe(written))}`)
    value = read
  }
  const variable = VARIABLES.find((entry) => entry.section === section && entry.key === spec.key)?.variable
  const text = variable === undefined ? undefined : from.env[variable]
  if (variable === undefined || text === undefined || text === '') return value
  const read = spec.kind.fromText(text)
  if (read === undefined)
    throw new RuntimeError('CONFIG_001', `${variable} ${wrong(spec, describe(text))}`, {
      details: { variable },
      nextStep: 'Correct or remove the environment variable that is named, then start again.',
    })
  return read
}

/**
 * Read the configuration: environment variables win over the file, which wins over the defaults.
 * Unknown sections, unknown keys and values of the wrong kind are errors, so a typing slip cannot quietly do nothing.
 *
 * @returns the whole configuration, frozen
 * @throws CONFIG_001 with details {file, key, line} or {variable}
 */
export const loadConfig = (source: ConfigSource): Config => {
  const file = source.path
  let document: TomlTable = {}
  let lineOf: LineOf = () => null
  if (file !== null) {
    let text: string
    try {
      text = source.readFile(file).replace(/^\uFEFF/, '')
    } catch (error) {
      throw new RuntimeError('CONFIG_001', `${basename(file)} cannot be read.`, {
        cause: error,
        details: { file },
        nextStep: 'Check that the file exists and that you may read it, then start again.',
      })
    }
    document = parseToml(text, file)
    lineOf = locateKeys(text)
  }
  const refuse: Refuse = (path, problem) => {
    const line = lineOf(path)
    const name = basename(file ?? '')
    throw new RuntimeError('CONFIG_001', `${name}${line === null ? '' : ` line ${line}`}: ${problem}`, {
      details: { file, key: path.join('.'), line },
    })
  }
  refuseUnknown(document, refuse)
  const entries = Object.entries<SectionSpec>(SECTIONS).map(([name, { section, keys }]) => {
    const values = Object.entries(keys).map(([property, spec]): [string, ConfigValue] => [
      property,
      resolve({ section, spec }, document, { env: source.env, refuse }),
    ])
    return [name, Object.freeze(Object.fromEntries(values))]
  })
  // Config is derived from the same table that was walked here, so the shapes are equal by construction.
  return Object.freeze(Object.fromEntries(entries)) as Config
}
