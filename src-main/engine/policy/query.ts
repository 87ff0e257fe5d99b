import { messageOf } from '../core'
import { type NetworkTarget, networkTarget } from './network'
import { type Platform, plainName } from './resource-name'
import { OPERATIONS, type PolicyRequest, PRINCIPALS, RESOURCE_TYPES, SECURITY_LEVELS } from './types'

/** A name of what is asked for, as rules see it. */
export interface AskedName {
  /** One thing can have several names at once; a rule that denies fits by any, another must fit by at least one. */
  readonly names: readonly string[]
  /** An address of an inner network: a rule that allows must name it, stars alone do not. */
  readonly internal: boolean
}

/** A request made ready for the rules. */
export interface Query {
  readonly request: PolicyRequest
  readonly atMs: number
  readonly typeIndex: number
  readonly operationIndex: number
  readonly principalBit: number
  /** 0 when the walls are not known. */
  readonly levelBit: number
  /** First the name that was asked for, then where it leads: the real path, the addresses. */
  readonly asked: readonly AskedName[]
  readonly network: NetworkTarget | null
  readonly agentName: string
  readonly tool: string | null
  /** A rule has looked at the clock. */
  usedTime: boolean
}

const indexes = (values: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(values.map((value, index) => [value, index]))

const TYPE_INDEX = indexes(RESOURCE_TYPES)
const OPERATION_INDEX = indexes(OPERATIONS)
const PRINCIPAL_INDEX = indexes(PRINCIPALS)
const LEVEL_INDEX = indexes(SECURITY_LEVELS)

const bitIn = (table: Readonly<Record<string, number>>, value: string): number => 1 << (table[value] ?? 31)

export const bitsOf = (kind: 'type' | 'operation' | 'principal' | 'level', values: readonly string[]): number => {
  const table = { type: TYPE_INDEX, operation: OPERATION_INDEX, principal: PRINCIPAL_INDEX, level: LEVEL_INDEX }[kind]
  return values.reduce((bits, value) => bits | bitIn(table, value), 0)
}

export type Prepared = { readonly ok: true; readonly query: Query } | { readonly ok: false; readonly reason: string }

const ASCII_ONLY = /^[\x20-\x7e]*$/
const composed = (text: string): string => (ASCII_ONLY.test(text) ? text : text.normalize('NFC'))

const refusal = (request: PolicyRequest, why: string): Prepared => ({
  ok: false,
  reason: `The name of the ${request.resourceType} is not plain: ${why}.`,
})

const read = (request: PolicyRequest, atMs: number, platform: Platform): Prepared => {
  const typeIndex = TYPE_INDEX[request.resourceType]
  const operationIndex = OPERATION_INDEX[request.operation]
  if (typeIndex === undefined || operationIndex === undefined)
    return { ok: false, reason: 'The kind of resource or the operation is not known.' }

  let asked: readonly AskedName[]
  let network: NetworkTarget | null = null
  if (request.resourceType === 'Network') {
    if (request.resource.includes('\0')) return refusal(request, 'it holds a NUL')
    const target = networkTarget(request.resource, request.addresses)
    if (target === null) return refusal(request, 'it is no host and port that can be understood')
    if (target === 'unresolved')
      return { ok: false, reason: `The addresses of ${request.resource} are not known, so it cannot be decided.` }
    network = target
    asked = [{ names: [target.name], internal: false }, ...target.byAddress]
  } else {
    const isFile = request.resourceType === 'File'
    const name = plainName(request.resource, isFile, platform)
    if (!name.ok) return refusal(request, name.why)
    if (!isFile || request.realPath === undefined) asked = [{ names: [name.name], internal: false }]
    else {
      const real = plainName(request.realPath, true, platform)
      if (!real.ok) return refusal(request, real.why)
      const whole = { names: [name.name], internal: false }
      asked = real.name === name.name ? [whole] : [whole, { names: [real.name], internal: false }]
    }
  }

  return {
    ok: true,
    query: {
      request,
      atMs,
      typeIndex,
      operationIndex,
      principalBit: bitIn(PRINCIPAL_INDEX, request.principal),
      levelBit: request.securityLevel === null ? 0 : bitIn(LEVEL_INDEX, request.securityLevel),
      asked,
      network,
      agentName: composed(request.agentName),
      tool:
        request.resourceType === 'Tool'
          ? (asked[0]?.names[0] ?? null)
          : request.tool === undefined
            ? null
            : composed(request.tool),
      usedTime: false,
    },
  }
}

/** Read the names in a request. What cannot be read for certain is refused before any rule is asked. Never throws. */
export const prepare = (request: PolicyRequest, atMs: number, platform: Platform): Prepared => {
  try {
    return read(request, atMs, platform)
  } catch (error) {
    return { ok: false, reason: `The request cannot be read: ${messageOf(error)}.` }
  }
}
