import type { AgentId, CatchUp, Json, Priority, ScheduleDefinition, When } from '@contract'
import { parseJsonText, prettyJson } from '@/lib/json-text'
import { instantOf, ownZone, wallText } from './zone-time'

/** The definition while it is typed: numbers and dates are text, so that nothing typed is lost. */
export interface ScheduleDraft {
  readonly name: string
  readonly agentId: string
  readonly kind: When['kind']
  readonly pattern: string
  /** One point in time, as the clock of the zone shows it: 2026-10-25T09:00. */
  readonly at: string
  readonly zone: string
  readonly input: string
  readonly priority: Priority | ''
  readonly jitterS: string
  readonly catchUp: CatchUp
  readonly maxConcurrent: string
  readonly maxRetries: string
  readonly retryDelayS: string
  readonly deadLetterAfter: string
  readonly keepRuns: string
}

/** A new schedule: every working day in the morning, in the zone of this machine. */
export const emptyDraft = (nowMs: number, agentId = ''): ScheduleDraft => ({
  name: '',
  agentId,
  kind: 'cron',
  pattern: '0 9 * * 1-5',
  at: wallText(nowMs + 3_600_000, ownZone())
    .slice(0, 16)
    .replace(' ', 'T'),
  zone: ownZone(),
  input: '',
  priority: '',
  jitterS: '0',
  catchUp: 'none',
  maxConcurrent: '1',
  maxRetries: '2',
  retryDelayS: '30',
  deadLetterAfter: '5',
  keepRuns: '500',
})

const seconds = (ms: number): string => String(ms / 1000)

/** Open a definition in the form. */
export const draftOf = (definition: ScheduleDefinition, nowMs: number): ScheduleDraft => {
  const { when } = definition
  const empty = emptyDraft(nowMs)
  return {
    name: definition.name,
    agentId: definition.agentId,
    kind: when.kind,
    pattern: when.kind === 'cron' ? when.pattern : empty.pattern,
    at: when.kind === 'once' ? wallText(when.atMs, when.zone).replace(' ', 'T') : empty.at,
    zone: when.zone,
    input: definition.input === null ? '' : prettyJson(definition.input),
    priority: definition.priority ?? '',
    jitterS: seconds(definition.jitterMs),
    catchUp: definition.catchUp,
    maxConcurrent: String(definition.maxConcurrent),
    maxRetries: String(definition.maxRetries),
    retryDelayS: seconds(definition.retryDelayMs),
    deadLetterAfter: String(definition.deadLetterAfter),
    keepRuns: String(definition.keepRuns),
  }
}

/** When it would run; null while that cannot be told yet. */
export const whenOf = (draft: Pick<ScheduleDraft, 'kind' | 'pattern' | 'at' | 'zone'>): When | null => {
  if (draft.kind === 'cron') {
    const pattern = draft.pattern.trim()
    return pattern === '' || pattern.length > 200 || draft.zone === ''
      ? null
      : { kind: 'cron', pattern, zone: draft.zone }
  }
  const atMs = instantOf(draft.at, draft.zone)
  return atMs === null || atMs < 0 ? null : { kind: 'once', atMs, zone: draft.zone }
}

const milliseconds = (text: string): number => Math.round(Number(text) * 1000)

/** What cannot be sent at all, by field; the rest is for the engine to judge. */
export const draftIssues = (draft: ScheduleDraft): Partial<Record<'name' | 'agentId' | 'at' | 'input', string>> => {
  const parsed = parseJsonText(draft.input)
  return {
    ...(draft.name.trim() === '' ? { name: 'Give it a name.' } : {}),
    ...(draft.agentId === '' ? { agentId: 'Choose the agent that is run.' } : {}),
    ...(draft.kind === 'once' && whenOf(draft) === null ? { at: 'Give a day and a time.' } : {}),
    ...(parsed.ok ? {} : { input: parsed.message }),
  }
}

/** The definition to send. It may be invalid: the engine says which field, and the form shows it there. */
export const definitionOf = (draft: ScheduleDraft): ScheduleDefinition => {
  const parsed = parseJsonText(draft.input)
  const input: Json = parsed.ok ? (parsed.value ?? null) : null
  return {
    name: draft.name.trim(),
    agentId: draft.agentId as AgentId,
    when: whenOf(draft) ?? { kind: 'cron', pattern: draft.pattern, zone: draft.zone },
    input,
    priority: draft.priority === '' ? null : draft.priority,
    jitterMs: milliseconds(draft.jitterS),
    catchUp: draft.catchUp,
    maxConcurrent: Number(draft.maxConcurrent),
    maxRetries: Number(draft.maxRetries),
    retryDelayMs: milliseconds(draft.retryDelayS),
    deadLetterAfter: Number(draft.deadLetterAfter),
    keepRuns: Number(draft.keepRuns),
  }
}
