import { Ajv, type Options, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'
import { messageOf, RuntimeError } from '../core'
import type { JsonObject } from './definition'

const MAX_ARGUMENT_BYTES = 1_048_576
const MAX_CACHED = 200

/** Patterns come from the server, so they are matched in linear time: no pattern can hang the engine. */
const linearRegExp: NonNullable<NonNullable<Options['code']>['regExp']> = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern)
    return { test: (text: string) => compiled.matcher(text).find() }
  },
  { code: 'linearRegExp' },
)

const OPTIONS: Options = {
  strict: false,
  validateSchema: false,
  // In JSON Schema 2020-12 a format is an annotation; the server checks what it needs.
  validateFormats: false,
  logger: false,
  code: { regExp: linearRegExp },
}

const isOlderDialect = (schema: JsonObject): boolean => {
  const dialect = schema['$schema']
  return typeof dialect === 'string' && /draft-0[4-7]/.test(dialect)
}

export interface ArgumentCheck {
  /**
   * @param digest of the definition, by which a compiled schema is kept
   * @throws MCP_002 that names the path, when the arguments do not fit or the schema cannot be used
   */
  check(digest: string, schema: JsonObject, args: JsonObject): void
}

/** Check a tool's arguments against its own schema, before the server sees them. */
export const createArgumentCheck = (): ArgumentCheck => {
  const compiled = new Map<string, ValidateFunction>()

  const compile = (digest: string, schema: JsonObject): ValidateFunction => {
    const known = compiled.get(digest)
    if (known !== undefined) return known
    // A compiler for each schema: one with an `$id` must not stand in for another's.
    const compiler = isOlderDialect(schema) ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS)
    let made: ValidateFunction
    try {
      made = compiler.compile(schema)
    } catch (error) {
      throw new RuntimeError('MCP_002', `The schema of the tool cannot be used: ${messageOf(error).slice(0, 300)}`, {
        cause: error,
      })
    }
    const [oldest] = compiled.keys()
    if (compiled.size >= MAX_CACHED && oldest !== undefined) compiled.delete(oldest)
    compiled.set(digest, made)
    return made
  }

  return {
    check(digest, schema, args) {
      if (Buffer.byteLength(JSON.stringify(args)) > MAX_ARGUMENT_BYTES)
        throw new RuntimeError('MCP_002', 'The arguments are larger than 1 MiB.')
      const validate = compile(digest, schema)
      const valid: unknown = validate(args)
      if (valid === true) return
      // A schema that calls itself asynchronous answers with a promise, which would pass for true.
      const first = valid === false ? validate.errors?.[0] : undefined
      const path = first === undefined || first.instancePath === '' ? '/' : first.instancePath
      throw new RuntimeError(
        'MCP_002',
        `The arguments do not fit the tool: ${path} ${first?.message ?? 'is not valid'}.`,
        {
          details: { path },
          nextStep: 'Correct the argument that is named; the tool was not called.',
        },
      )
    },
  }
}
