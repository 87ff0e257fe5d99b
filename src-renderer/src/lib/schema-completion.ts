/**
 * What may be written at a place of a YAML text, told by a JSON Schema. The text is read by its indentation only, so
 * that it also works while the text is not valid, which is when one types.
 */
export interface JsonSchema {
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
}

export interface Suggestion {
  readonly label: string
  /** What is written, the colon of a key included. */
  readonly text: string
  readonly kind: 'key' | 'value'
  readonly note: string
}

export interface Suggestions {
  /** Where the word that is being typed begins. */
  readonly from: number
  readonly options: readonly Suggestion[]
}

/** One line: its dashes, and its key with what follows. Columns count from 0. */
interface Line {
  readonly dashes: readonly number[]
  readonly key: { readonly name: string; readonly column: number; readonly value: string } | null
  /** Where the content begins. */
  readonly column: number
  readonly rest: string
}

const ITEM = '[]'

const readLine = (text: string): Line | null => {
  const dashes: number[] = []
  let column = text.length - text.trimStart().length
  let rest = text.slice(column)
  for (let dash = /^-(\s+|$)/.exec(rest); dash !== null; dash = /^-(\s+|$)/.exec(rest)) {
    dashes.push(column)
    column += dash[0].length
    rest = text.slice(column)
  }
  if (rest === '' && dashes.length === 0) return null
  if (rest.startsWith('#')) return null
  const key = /^("[^"]*"|'[^']*'|[\w.-]+)\s*:(?:\s+(.*)|$)/.exec(rest)
  const value = (key?.[2] ?? '').replace(/(^|\s)#.*$/, '').trim()
  return {
    dashes,
    column,
    rest,
    key: key === null ? null : { name: (key[1] ?? '').replaceAll(/^["']|["']$/g, ''), column, value },
  }
}

/** The way from the root to the content at `column`, whose own dashes are given; read upwards from the line before. */
const pathAbove = (
  above: readonly string[],
  start: { readonly column: number; readonly dashes: readonly number[] },
) => {
  const path: string[] = []
  let belowKey = start.column
  let belowDash = start.column
  const takeDashes = (dashes: readonly number[]) => {
    for (const dash of dashes.toReversed()) {
      if (dash >= belowDash) continue
      path.unshift(ITEM)
      // A list may stand at the same column as the key that it belongs to.
      belowKey = dash + 1
      belowDash = dash
    }
  }
  takeDashes(start.dashes)
  for (const text of above.toReversed()) {
    if (belowKey === 0) break
    const line = readLine(text)
    if (line === null) continue
    if (line.key !== null && line.key.value === '' && line.key.column < belowKey) {
      path.unshift(line.key.name)
      belowKey = line.key.column
      belowDash = line.key.column
    }
    takeDashes(line.dashes)
  }
  return path
}

const alternatives = (schema: JsonSchema): readonly JsonSchema[] => [
  schema,
  ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap(alternatives),
]

const resolve = (schema: JsonSchema, path: readonly string[]): readonly JsonSchema[] => {
  let found = alternatives(schema)
  for (const step of path) {
    found = found.flatMap((candidate) => {
      if (step === ITEM) return candidate.items === undefined ? [] : alternatives(candidate.items)
      const own = candidate.properties?.[step]
      if (own !== undefined) return alternatives(own)
      return typeof candidate.additionalProperties === 'object' ? alternatives(candidate.additionalProperties) : []
    })
  }
  return found
}

const written = (value: unknown): string =>
  typeof value === 'string' && /^[\d.]+$|^(true|false|null|~)$/i.test(value) ? JSON.stringify(value) : String(value)

const unique = (options: readonly Suggestion[]): readonly Suggestion[] => [
  ...new Map(options.map((option) => [option.label, option])).values(),
]

const keysOf = (schemas: readonly JsonSchema[], taken: ReadonlySet<string>): readonly Suggestion[] =>
  schemas.flatMap((schema) =>
    Object.entries(schema.properties ?? {})
      .filter(([name]) => !taken.has(name))
      .map(
        ([name, inner]): Suggestion => ({ label: name, text: `${name}: `, kind: 'key', note: inner.description ?? '' }),
      ),
  )

const valuesOf = (schemas: readonly JsonSchema[]): readonly Suggestion[] =>
  schemas.flatMap((schema) => {
    const values = schema.const !== undefined ? [schema.const] : (schema.enum ?? [])
    const all = schema.type === 'boolean' ? [true, false] : values
    return all.map((value): Suggestion => ({ label: String(value), text: written(value), kind: 'value', note: '' }))
  })

/** The keys that the mapping around a line has already. */
const siblings = (lines: readonly string[], at: number, column: number): ReadonlySet<string> => {
  const found = new Set<string>()
  const walk = (from: number, step: 1 | -1) => {
    for (let index = from; index >= 0 && index < lines.length; index += step) {
      const line = readLine(lines[index] ?? '')
      if (line === null) continue
      if (line.column < column) break
      if (step === 1 && line.dashes.length > 0 && (line.dashes[0] ?? 0) < column) break
      if (line.key !== null && line.column === column) found.add(line.key.name)
      if (line.dashes.length > 0 && line.column === column) break
    }
  }
  const own = readLine(lines[at] ?? '')
  if (own === null || own.dashes.length === 0) walk(at - 1, -1)
  walk(at + 1, 1)
  return found
}

/** What may stand at this offset of the text; null when the schema knows nothing about the place. */
export const suggestAt = (schema: JsonSchema, text: string, offset: number): Suggestions | null => {
  const before = text.slice(0, offset)
  const above = before.split('\n')
  const typed = above.pop() ?? ''
  const word = /[\w.-]*$/.exec(typed)?.[0] ?? ''
  const from = offset - word.length
  const head = typed.slice(0, typed.length - word.length)
  if (/(^|\s)#/.test(head)) return null

  const line = readLine(typed)
  if (line?.key !== undefined && line.key !== null) {
    const flow = /^\[([^\]]*)$/.exec(line.key.value)
    if (line.key.value !== '' && line.key.value !== word && flow === null) return null
    const path = [...pathAbove(above, line), line.key.name, ...(flow === null ? [] : [ITEM])]
    const options = unique(valuesOf(resolve(schema, path)))
    return options.length === 0 ? null : { from, options }
  }
  const place = line ?? { column: typed.length, dashes: [] as readonly number[], rest: '' }
  if (place.rest !== word) return null
  const schemas = resolve(schema, pathAbove(above, place))
  const taken = siblings(text.split('\n'), above.length, place.column)
  const options = unique([...keysOf(schemas, taken), ...valuesOf(schemas)])
  return options.length === 0 ? null : { from, options }
}
