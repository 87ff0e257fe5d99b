import { createHash } from 'node:crypto'
import type { Json } from '@contract'
import { RuntimeError, stableStringify } from '../core'

export type JsonObject = { [key: string]: Json }

/** A tool as its server offers it, and the digest that stands for all of it. */
export interface OfferedTool {
  readonly name: string
  /** Everything the server sent, unknown keys too. Untrusted. */
  readonly definition: JsonObject
  /** Lower-case hexadecimal SHA-256. */
  readonly digest: string
}

const MAX_TOOLS = 500
const MAX_NAME_LENGTH = 128
const MAX_DEFINITION_BYTES = 262_144
/** Deeper nesting serves no schema and would exhaust the stack of whoever walks it. */
const MAX_DEPTH = 64

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const isShallow = (value: Json, depth: number): boolean => {
  if (value === null || typeof value !== 'object') return true
  if (depth === 0) return false
  return Object.values(value).every((item) => isShallow(item, depth - 1))
}

const refuse = (message: string): RuntimeError => new RuntimeError('MCP_002', message)

/**
 * Digest of a definition: SHA-256 over its JSON with sorted keys, together with the name of its server. So every key
 * counts, known or not, while the order of keys does not; and a decision for one server never holds for another.
 */
export const definitionDigest = (serverName: string, definition: JsonObject): string =>
  createHash('sha256')
    .update(stableStringify({ version: 'symbi-tool-v1', server: serverName, definition }))
    .digest('hex')

/**
 * Check the list that a server sent and take the digests.
 *
 * @throws MCP_002 when the list is too large or too deep, or names a tool twice: which of the two would be called?
 */
export const offeredTools = (serverName: string, definitions: readonly Json[]): Map<string, OfferedTool> => {
  if (definitions.length > MAX_TOOLS) throw refuse(`The server offers more than ${MAX_TOOLS} tools.`)
  const offered = new Map<string, OfferedTool>()
  for (const definition of definitions) {
    if (!isObject(definition)) throw refuse('The server offers a tool that is not an object.')
    const name = definition['name']
    if (typeof name !== 'string' || name.length === 0 || name.length > MAX_NAME_LENGTH)
      throw refuse(`The server offers a tool whose name is not a text of 1 to ${MAX_NAME_LENGTH} characters.`)
    if (offered.has(name)) throw refuse('The server offers two tools of the same name.')
    if (!isShallow(definition, MAX_DEPTH)) throw refuse('The server offers a tool whose definition is nested too deep.')
    if (Buffer.byteLength(JSON.stringify(definition)) > MAX_DEFINITION_BYTES)
      throw refuse('The server offers a tool whose definition is larger than 256 KiB.')
    offered.set(name, { name, definition, digest: definitionDigest(serverName, definition) })
  }
  return offered
}

/** The schema of a tool's arguments; one that takes any object when the definition has none. */
export const inputSchemaOf = (definition: Json): JsonObject => {
  const schema = isObject(definition) ? definition['inputSchema'] : undefined
  return schema !== undefined && isObject(schema) ? schema : { type: 'object' }
}

export const descriptionOf = (definition: Json): string => {
  const description = isObject(definition) ? definition['description'] : undefined
  return typeof description === 'string' ? description : ''
}

/**
 * Whether the definition says of itself that a call can destroy something (MCP 2025-06-18, `annotations.destructiveHint`).
 * A hint of a definition that a person approved: it can make a call graver, never milder.
 */
export const claimsToDestroy = (definition: Json): boolean => {
  const hints = isObject(definition) ? (definition['annotations'] ?? null) : null
  return isObject(hints) && hints['destructiveHint'] === true
}
