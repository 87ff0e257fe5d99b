import type { AgentState, AuditRecord } from '@contract'
import { AGENT_STATE_ORDER } from '@/ui/states'

export const AGENT_TABS = ['log', 'charts', 'runs', 'timeline', 'definition'] as const
export type AgentTab = (typeof AGENT_TABS)[number]

export interface AgentsSearch {
  q?: string | undefined
  state?: AgentState | undefined
  tab?: AgentTab | undefined
  /** The execution that is looked at. */
  run?: string | undefined
}

export interface ReviewsSearch {
  tab?: 'decided' | undefined
  /** The dialog to connect a server is open. */
  connect?: true | undefined
}

export interface AuditSearch {
  correlationId?: string | undefined
  outcome?: AuditRecord['outcome'] | undefined
  text?: string | undefined
  seq?: number | undefined
}

const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((item) => item === value)

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The state of the agents page. What is not understood counts as not set, never as an error. */
export const parseAgentsSearch = (search: Record<string, unknown>): AgentsSearch => ({
  q: text(search['q']),
  state: oneOf(search['state'], AGENT_STATE_ORDER),
  tab: oneOf(search['tab'], AGENT_TABS),
  run: text(search['run']),
})

export const parseReviewsSearch = (search: Record<string, unknown>): ReviewsSearch => ({
  tab: oneOf(search['tab'], ['decided']),
  connect: search['connect'] === true ? true : undefined,
})

export const parseAuditSearch = (search: Record<string, unknown>): AuditSearch => {
  const id = text(search['correlationId'])
  const seq = Number(search['seq'])
  return {
    correlationId: id !== undefined && UUID.test(id) ? id : undefined,
    outcome: oneOf(search['outcome'], ['success', 'denied', 'failed']),
    text: text(search['text'])?.slice(0, 200),
    seq: Number.isSafeInteger(seq) && seq > 0 ? seq : undefined,
  }
}
