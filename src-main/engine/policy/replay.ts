import type { Json } from '@contract'
import { z } from 'zod'
import type { PolicySet } from './decide'
import {
  type Decision,
  EFFECTS,
  type Effect,
  OPERATIONS,
  type PolicyRequest,
  PRINCIPALS,
  RESOURCE_TYPES,
  SECURITY_LEVELS,
} from './types'

const Texts = z.array(z.string())
const Request = z.strictObject({
  principal: z.enum(PRINCIPALS),
  agentName: z.string(),
  securityLevel: z.enum(SECURITY_LEVELS).nullable(),
  resourceType: z.enum(RESOURCE_TYPES),
  resource: z.string(),
  operation: z.enum(OPERATIONS),
  roles: Texts.optional(),
  labels: Texts.optional(),
  capabilities: Texts.optional(),
  tool: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  addresses: Texts.optional(),
  realPath: z.string().optional(),
})

/** What the gate keeps of a decision in the details of its audit record, under `policy`. It holds names, never values. */
export const RecordedDecision = z.strictObject({
  request: Request,
  /** Milliseconds since the epoch at which it was decided. */
  atMs: z.number(),
  effect: z.enum(EFFECTS),
  rule: z.string().nullable(),
  setHash: z.string(),
})
export type RecordedDecision = z.infer<typeof RecordedDecision>

/** The record of a decision, for the audit trail. */
export const toRecordedDecision = (asked: { request: PolicyRequest; atMs: number }, decision: Decision): Json =>
  JSON.parse(
    JSON.stringify({
      request: asked.request,
      atMs: asked.atMs,
      effect: decision.effect,
      rule: decision.rule,
      setHash: decision.setHash,
    }),
  )

/** Read a record back; null when it is not one, such as a record of an earlier version. */
export const fromRecordedDecision = (json: unknown): RecordedDecision | null => {
  const parsed = RecordedDecision.safeParse(json)
  return parsed.success ? parsed.data : null
}

export interface ReplayChange {
  readonly request: PolicyRequest
  readonly before: { readonly effect: Effect; readonly rule: string | null }
  readonly after: { readonly effect: Effect; readonly rule: string | null; readonly reason: string }
  /** How many of the records ask the same and change the same way. */
  readonly count: number
  readonly lastAtMs: number
  /** The change lets something happen that did not happen before, or keeps something from happening. */
  readonly direction: 'looser' | 'stricter' | 'same effect'
}

export interface ReplayResult {
  readonly replayed: number
  /** Changes of the effect first, the most frequent first. */
  readonly changes: readonly ReplayChange[]
}

const directionOf = (before: Effect, after: Effect): ReplayChange['direction'] => {
  const step = EFFECTS.indexOf(after) - EFFECTS.indexOf(before)
  return step === 0 ? 'same effect' : step < 0 ? 'looser' : 'stricter'
}

/** What a set would have answered to requests of the past, each at the time of its own: the differences. */
export const replay = (set: PolicySet, recorded: Iterable<RecordedDecision>): ReplayResult => {
  const changes = new Map<string, { -readonly [K in keyof ReplayChange]: ReplayChange[K] }>()
  let replayed = 0
  for (const { request, atMs, effect, rule } of recorded) {
    replayed += 1
    const asked = request as PolicyRequest
    const after = set.decide(asked, atMs)
    if (after.effect === effect && after.rule === rule) continue
    const key = JSON.stringify([request, effect, rule, after.effect, after.rule])
    const known = changes.get(key)
    if (known !== undefined) {
      known.count += 1
      known.lastAtMs = Math.max(known.lastAtMs, atMs)
      continue
    }
    changes.set(key, {
      request: asked,
      before: { effect, rule },
      after: { effect: after.effect, rule: after.rule, reason: after.reason },
      count: 1,
      lastAtMs: atMs,
      direction: directionOf(effect, after.effect),
    })
  }
  return {
    replayed,
    changes: [...changes.values()].sort(
      (a, b) =>
        Number(a.direction === 'same effect') - Number(b.direction === 'same effect') ||
        b.count - a.count ||
        b.lastAtMs - a.lastAtMs,
    ),
  }
}
