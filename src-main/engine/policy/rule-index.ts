import type { Glob } from './glob'
import { createLiteralTree, type LiteralTree } from './literal-tree'
import type { CompiledRule } from './match'
import type { Query } from './query'
import { OPERATIONS, RESOURCE_TYPES } from './types'

/** Finds the rules that may fit a request: all that do, and few that do not. */
export interface RuleIndex {
  /** Each candidate once, by its position among the rules. */
  visit(query: Query, each: (position: number) => void): void
}

const SIDES = ['start', 'end', 'within'] as const
type Side = (typeof SIDES)[number]
type Dimension = 'resource' | 'agent'
interface Key {
  readonly side: Side
  readonly text: string
}

/** The rules of one kind of resource and one operation. */
interface Bucket {
  /** Rules whose patterns say nothing definite: asked each time. */
  readonly always: number[]
  /** Of each dimension the trees that hold anything. */
  readonly resource: readonly LiteralTree[]
  readonly agent: readonly LiteralTree[]
}

const keysOf = (glob: Glob): readonly Key[] => {
  const keys: Key[] = []
  if (glob.prefix !== '') keys.push({ side: 'start', text: glob.prefix })
  if (!glob.exact && glob.suffix !== '') keys.push({ side: 'end', text: glob.suffix })
  if (!glob.exact && glob.within !== '') keys.push({ side: 'within', text: glob.within })
  return keys
}

const nameOf = (dimension: string, { side, text }: Key): string => `${dimension} ${side} ${text}`

interface Entry {
  readonly position: number
  readonly dimensions: ReadonlyMap<Dimension, readonly Glob[]>
}

/** The rarest key of a pattern; of those as rare the quickest to look up, then the longest. Null when it has none. */
const rarest = (
  glob: Glob,
  dimension: string,
  counts: ReadonlyMap<string, number>,
): { key: Key; count: number } | null =>
  keysOf(glob)
    .map((key) => ({ key, count: counts.get(nameOf(dimension, key)) ?? 0 }))
    .sort(
      (a, b) =>
        a.count - b.count ||
        Number(a.key.side === 'within') - Number(b.key.side === 'within') ||
        b.key.text.length - a.key.text.length,
    )[0] ?? null

const createBucket = (entries: readonly Entry[]): Bucket => {
  const counts = new Map<string, number>()
  for (const { dimensions } of entries)
    for (const [dimension, globs] of dimensions)
      for (const key of globs.flatMap(keysOf)) {
        const name = nameOf(dimension, key)
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
  const threeTrees = () => ({
    start: createLiteralTree('start'),
    end: createLiteralTree('end'),
    within: createLiteralTree('within'),
  })
  const trees = { resource: threeTrees(), agent: threeTrees() }
  const always: number[] = []
  for (const { position, dimensions } of entries) {
    const ways = [...dimensions].flatMap(([dimension, globs]) => {
      const keys = globs.map((glob) => rarest(glob, dimension, counts))
      if (keys.includes(null)) return []
      const sure = keys.flatMap((found) => (found === null ? [] : [found]))
      return [
        {
          dimension,
          keys: sure.map(({ key }) => key),
          count: sure.reduce((sum, { count }) => sum + count, 0),
          shortest: Math.min(...sure.map(({ key }) => key.text.length)),
        },
      ]
    })
    const best = ways.sort((a, b) => a.count - b.count || b.shortest - a.shortest)[0]
    if (best === undefined) always.push(position)
    else for (const { side, text } of best.keys) trees[best.dimension][side].insert(text, position)
  }
  const filled = (dimension: Dimension) => SIDES.map((side) => trees[dimension][side]).filter((tree) => !tree.empty)
  return { always, resource: filled('resource'), agent: filled('agent') }
}

/**
 * Rules by kind of resource and operation, and within those by the rarest literal text that a fitting name must begin or
 * end with or hold. A decision therefore looks at the rules that speak of such a thing, not at all rules.
 */
export const createRuleIndex = (rules: readonly (CompiledRule | null)[]): RuleIndex => {
  const seen = new Uint32Array(rules.length)
  let round = 0
  const ANY = RESOURCE_TYPES.length
  const collected: Entry[][] = Array.from({ length: (ANY + 1) * OPERATIONS.length }, () => [])
  rules.forEach((compiled, position) => {
    if (compiled === null) return
    const { typeMask, operationMask, globs, agents } = compiled
    const sameForAll = globs.other.every(
      ({ source }, at) => source === globs.file[at]?.source && source === globs.network[at]?.source,
    )
    const resourcesFor = (type: number): readonly Glob[] | null => {
      if (type === ANY) return sameForAll ? globs.other : null
      const name = RESOURCE_TYPES[type]
      return name === 'File' ? globs.file : name === 'Network' ? globs.network : globs.other
    }
    const dimensionsFor = (type: number): Entry['dimensions'] => {
      const resources = resourcesFor(type)
      return new Map([
        ...(resources === null ? [] : [['resource', resources] as const]),
        ...(agents === null ? [] : [['agent', agents] as const]),
      ])
    }
    const types =
      typeMask === 0 ? [ANY] : RESOURCE_TYPES.flatMap((_, type) => ((typeMask & (1 << type)) === 0 ? [] : [type]))
    for (const type of types) {
      const entry = { position, dimensions: dimensionsFor(type) }
      for (let operation = 0; operation < OPERATIONS.length; operation += 1)
        if ((operationMask & (1 << operation)) !== 0) collected[type * OPERATIONS.length + operation]?.push(entry)
    }
  })
  const buckets = collected.map((entries) => (entries.length === 0 ? null : createBucket(entries)))

  return {
    visit(query, each) {
      round += 1
      if (round > 0xffff_fff0) {
        seen.fill(0)
        round = 1
      }
      const once = (position: number): void => {
        if (seen[position] === round) return
        seen[position] = round
        each(position)
      }
      for (const type of [query.typeIndex, ANY]) {
        const bucket = buckets[type * OPERATIONS.length + query.operationIndex]
        if (bucket === null || bucket === undefined) continue
        for (const position of bucket.always) once(position)
        for (const tree of bucket.resource)
          for (const { names } of query.asked) for (const name of names) tree.visit(name, once)
        if (query.request.principal === 'agent') for (const tree of bucket.agent) tree.visit(query.agentName, once)
      }
    },
  }
}
