import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import { RuntimeError } from '../core'
import { type Condition, OPERATIONS, type Operation, RESOURCE_TYPES, type Rule, SECURITY_LEVELS } from './types'

const RULE_KEYS = ['name', 'priority', 'conditions', 'effect', 'resources', 'operations'] as const
const PRINCIPALS = ['operator', 'cli', 'agent', 'engine'] as const
const MAX_TEXT_BYTES = 1_048_576

const CONDITION_VALUES: Readonly<Record<Condition['key'], readonly string[] | null>> = {
  resource_type: RESOURCE_TYPES,
  agent_security_level: SECURITY_LEVELS,
  principal: PRINCIPALS,
  agent_name: null,
}

/** @throws POLICY_002 when the text is nested so deeply that it cannot be read */
const readYaml = (text: string, lines: LineCounter): Document.Parsed => {
  try {
    // The library's own check for keys given twice takes a time that grows with the square of their number; ours does not.
    return parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      version: '1.2',
      schema: 'core',
    })
  } catch (error) {
    throw new RuntimeError('POLICY_002', 'The policy file cannot be read as YAML.', {
      cause: error,
      details: { line: 1, column: 1 },
    })
  }
}

/**
 * Read a policy file of the seed's shape: `version` and `policies[]` of {name, priority, conditions[], effect,
 * resources[], operations[]}. Unknown keys and values are errors: a typing slip must not widen a policy.
 *
 * @throws POLICY_002 with details {line, column}
 */
export const parsePolicies = (text: string): Rule[] => {
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) {
    throw new RuntimeError('POLICY_002', 'The policy file is larger than 1 MiB.', { details: { line: 1, column: 1 } })
  }
  const lines = new LineCounter()
  const refuse = (message: string, offset: number | undefined): never => {
    const found = lines.linePos(offset ?? 0)
    // An empty text has no line yet.
    const at = found.line === 0 ? { line: 1, col: 1 } : found
    throw new RuntimeError('POLICY_002', `Line ${at.line}, column ${at.col}: ${message}`, {
      details: { line: at.line, column: at.col },
    })
  }
  const document = readYaml(text, lines)
  // A warning tells of something that was read otherwise than it was written, such as an unknown tag.
  const syntax = document.errors[0] ?? document.warnings[0]
  if (syntax !== undefined) {
    return refuse(`${syntax.message.split('\n')[0] ?? 'Not valid YAML'}.`.replace(/\.\.$/, '.'), syntax.pos[0])
  }
  const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0]

  const root = document.contents
  if (!isMap(root)) return refuse('The file must be a map with "version" and "policies".', startOf(root))
  const keyed = (map: YAMLMap, known: readonly string[]): Map<string, { value: unknown; at: number | undefined }> => {
    const out = new Map<string, { value: unknown; at: number | undefined }>()
    for (const pair of map.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : ''
      if (!known.includes(key)) refuse(`Unknown key "${key}"; known are ${known.join(', ')}.`, startOf(pair.key))
      if (out.has(key)) refuse(`"${key}" is given twice.`, startOf(pair.key))
      out.set(key, { value: pair.value, at: startOf(pair.value) ?? startOf(pair.key) })
    }
    return out
  }
  const scalar = (node: unknown, what: string): string => {
    if (isAlias(node)) return refuse(`${what} must be written out; aliases are not allowed.`, startOf(node))
    if (!isScalar(node) || typeof node.value !== 'string')
      return refuse(`${what} must be a text${isScalar(node) ? ', in quotes' : ''}.`, startOf(node))
    if (node.value.trim() === '') return refuse(`${what} must not be empty.`, startOf(node))
    return node.value
  }
  const texts = (node: unknown, what: string): { text: string; at: number | undefined }[] => {
    if (!isSeq(node) || node.items.length === 0)
      return refuse(`${what} must be a list with at least one entry.`, startOf(node))
    return node.items.map((item) => ({ text: scalar(item, `An entry of ${what}`), at: startOf(item) }))
  }
  const need = <T>(value: T | undefined, what: string, map: YAMLMap): T =>
    value === undefined ? refuse(`"${what}" is missing.`, startOf(map)) : value

  const condition = (node: unknown): Condition => {
    if (!isMap(node) || node.items.length !== 1) return refuse('A condition is one key with one value.', startOf(node))
    const fields = keyed(node, Object.keys(CONDITION_VALUES))
    const [entry] = fields
    if (entry === undefined) return refuse('A condition is one key with one value.', startOf(node))
    const key = entry[0] as Condition['key']
    const value = scalar(entry[1].value, `"${key}"`)
    const allowed = CONDITION_VALUES[key]
    if (allowed !== null && !allowed.includes(value))
      return refuse(`"${value}" is not a ${key}; known are ${allowed.join(', ')}.`, entry[1].at)
    return { key, value }
  }

  const rule = (node: unknown): Rule => {
    if (!isMap(node)) return refuse('A policy must be a map.', startOf(node))
    const fields = keyed(node, RULE_KEYS)
    const name = scalar(need(fields.get('name'), 'name', node).value, '"name"').trim()
    const priorityNode = fields.get('priority')
    const priority = priorityNode === undefined ? 100 : isScalar(priorityNode.value) ? priorityNode.value.value : null
    if (typeof priority !== 'number' || !Number.isFinite(priority))
      return refuse('"priority" must be a number.', priorityNode?.at)
    const effectNode = need(fields.get('effect'), 'effect', node)
    const effect = scalar(effectNode.value, '"effect"')
    if (effect !== 'Allow' && effect !== 'Deny')
      return refuse(`"${effect}" is not an effect; known are Allow, Deny.`, effectNode.at)
    const conditionsNode = fields.get('conditions')
    const conditions =
      conditionsNode === undefined
        ? []
        : isSeq(conditionsNode.value)
          ? conditionsNode.value.items.map(condition)
          : refuse('"conditions" must be a list.', conditionsNode.at)
    const operations = texts(need(fields.get('operations'), 'operations', node).value, '"operations"').map((item) =>
      (OPERATIONS as readonly string[]).includes(item.text)
        ? (item.text as Operation)
        : refuse(`"${item.text}" is not an operation; known are ${OPERATIONS.join(', ')}.`, item.at),
    )
    const resources = texts(need(fields.get('resources'), 'resources', node).value, '"resources"').map(
      (item) => item.text,
    )
    return { name, priority, effect, conditions, resources, operations, origin: 'file' }
  }

  const top = keyed(root, ['version', 'policies'])
  const version = scalar(need(top.get('version'), 'version', root).value, '"version"')
  if (version !== '1.0') return refuse(`Version "${version}" is not known; write "1.0".`, top.get('version')?.at)
  const policies = need(top.get('policies'), 'policies', root)
  if (!isSeq(policies.value)) return refuse('"policies" must be a list.', policies.at)
  const seen = new Set<string>()
  return policies.value.items.map((item) => {
    const parsed = rule(item)
    if (seen.has(parsed.name)) return refuse(`There are two policies named "${parsed.name}".`, startOf(item))
    seen.add(parsed.name)
    return parsed
  })
}
