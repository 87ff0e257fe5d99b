import { hash } from 'node:crypto'
import { stableStringify } from '../core'
import type { Act } from './types'

/**
 * `length:text` in bytes of UTF-8, so that no content can imitate a border between fields; `~` is an absent value. Written as
 * JSON, in which half a surrogate pair, which UTF-8 cannot write, stays itself.
 */
const field = (text: string | null): string => {
  if (text === null) return '~'
  const json = JSON.stringify(text)
  return `${Buffer.byteLength(json)}:${json}`
}

/**
 * SHA-256 over the exact act: who (as attested, with the walls around it), what, on what, with which arguments.
 * Not over the run: the same act of the same agent has the same digest in its next run.
 */
export const digestOf = (act: Act): string => {
  const { caller } = act
  const fields = [
    caller.kind,
    caller.id,
    caller.kind === 'agent' ? caller.name : null,
    act.tier,
    act.action,
    act.resourceType,
    act.resource,
    act.operation,
    act.consequence,
    stableStringify(act.arguments),
    act.sealed,
  ]
  return hash('sha256', `symbi approval 1\n${fields.map(field).join('')}`)
}
