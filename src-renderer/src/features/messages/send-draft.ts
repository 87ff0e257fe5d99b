import type { CallInput, Json, Party } from '@contract'
import { parseJsonText } from '@/lib/json-text'

export type SendInput = CallInput<'messages.send'>

/** What is typed into the form of a new message. */
export interface SendDraft {
  readonly kind: SendInput['to']['kind']
  readonly agent: string
  readonly topic: string
  readonly form: 'json' | 'text'
  readonly payload: string
  /** In `unit`; blank leaves it to the configuration. */
  readonly ttl: string
  readonly unit: keyof typeof TTL_UNITS
  readonly guarantee: NonNullable<SendInput['guarantee']>
}

export const TTL_UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const TTL_LEAST_MS = 1_000
const TTL_MOST_MS = 604_800_000
const TOPIC = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$/

export const EMPTY_DRAFT: SendDraft = {
  kind: 'agent',
  agent: '',
  topic: '',
  form: 'json',
  payload: '{\n  "text": ""\n}',
  ttl: '',
  unit: 'm',
  guarantee: 'at-least-once',
}

export type DraftIssues = Readonly<Partial<Record<'agent' | 'topic' | 'payload' | 'ttl', string>>>

export type ReadDraft =
  | { readonly ok: true; readonly input: SendInput }
  | { readonly ok: false; readonly issues: DraftIssues }

const readTo = (draft: SendDraft, parties: readonly Party[]): SendInput['to'] | DraftIssues => {
  if (draft.kind === 'broadcast') return { kind: 'broadcast' }
  if (draft.kind === 'topic') {
    const name = draft.topic.trim()
    return TOPIC.test(name)
      ? { kind: 'topic', name }
      : { topic: 'Use letters, digits, dots, dashes and slashes, like orders/new.' }
  }
  const typed = draft.agent.trim().toLowerCase()
  const found = parties.filter(
    ({ id, name, kind }) => kind === 'agent' && (id === typed || name.toLowerCase() === typed),
  )
  const [only] = found
  if (only === undefined) return { agent: typed === '' ? 'Say which agent.' : 'There is no agent of this name.' }
  return found.length === 1
    ? { kind: 'agent', id: only.id }
    : { agent: 'Several agents are called so; give the id of the one that is meant.' }
}

const readPayload = ({ form, payload }: SendDraft): { value: Json } | DraftIssues => {
  if (form === 'text') return payload === '' ? { payload: 'Write something.' } : { value: payload }
  const parsed = parseJsonText(payload)
  if (!parsed.ok) return { payload: parsed.message }
  return parsed.value === undefined ? { payload: 'Write something.' } : { value: parsed.value }
}

const readTtl = ({ ttl, unit }: SendDraft): { ttlMs: number | undefined } | DraftIssues => {
  if (ttl.trim() === '') return { ttlMs: undefined }
  const ttlMs = Math.round(Number(ttl) * TTL_UNITS[unit])
  return ttlMs >= TTL_LEAST_MS && ttlMs <= TTL_MOST_MS ? { ttlMs } : { ttl: 'From one second to seven days.' }
}

/** What would be sent, or what is wrong with each field. */
export const readDraft = (draft: SendDraft, parties: readonly Party[]): ReadDraft => {
  const to = readTo(draft, parties)
  const payload = readPayload(draft)
  const ttl = readTtl(draft)
  if ('kind' in to && 'value' in payload && 'ttlMs' in ttl)
    return {
      ok: true,
      input: {
        to,
        payload: payload.value,
        guarantee: draft.guarantee,
        ...(ttl.ttlMs === undefined ? {} : { ttlMs: ttl.ttlMs }),
      },
    }
  return {
    ok: false,
    issues: {
      ...('kind' in to ? {} : to),
      ...('value' in payload ? {} : payload),
      ...('ttlMs' in ttl ? {} : ttl),
    },
  }
}
