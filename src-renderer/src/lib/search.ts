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

export const APPROVAL_TABS = ['history', 'grants', 'advice'] as const

export interface ApprovalsSearch {
  /** Pending when left out. */
  tab?: (typeof APPROVAL_TABS)[number] | undefined
}

export const POLICY_TABS = ['tests', 'simulator', 'history'] as const

export interface PoliciesSearch {
  /** The editor when left out. */
  tab?: (typeof POLICY_TABS)[number] | undefined
  /** Hash of the version of the past that is looked at. */
  version?: string | undefined
}

export const AUDIT_RANGES = ['15m', '1h', '24h', '7d', 'custom'] as const
export type AuditRange = (typeof AUDIT_RANGES)[number]

export interface AuditSearch {
  correlationId?: string | undefined
  outcome?: AuditRecord['outcome'] | undefined
  /** This severity and the louder ones. */
  severity?: AuditRecord['severity'] | undefined
  actor?: AuditRecord['actor']['kind'] | undefined
  agent?: string | undefined
  /** `area.verb`, or `area.` for the whole area. */
  action?: string | undefined
  range?: AuditRange | undefined
  /** With range `custom`, milliseconds since the Unix epoch. */
  since?: number | undefined
  until?: number | undefined
  text?: string | undefined
  seq?: number | undefined
  /** New records do not appear by themselves. */
  paused?: true | undefined
  /** One correlation id told in the order of time. */
  view?: 'story' | undefined
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

export const parseApprovalsSearch = (search: Record<string, unknown>): ApprovalsSearch => ({
  tab: oneOf(search['tab'], APPROVAL_TABS),
})

export const parsePoliciesSearch = (search: Record<string, unknown>): PoliciesSearch => ({
  tab: oneOf(search['tab'], POLICY_TABS),
  version: /^[0-9a-f]{64}$/.exec(text(search['version']) ?? '')?.[0],
})

const count = (value: unknown): number | undefined => {
  const number = Number(value)
  return Number.isSafeInteger(number) && number > 0 ? number : undefined
}

export const parseAuditSearch = (search: Record<string, unknown>): AuditSearch => {
  const id = text(search['correlationId'])
  return {
    correlationId: id !== undefined && UUID.test(id) ? id : undefined,
    outcome: oneOf(search['outcome'], ['success', 'denied', 'failed']),
    severity: oneOf(search['severity'], ['info', 'notice', 'warning', 'error', 'critical']),
    actor: oneOf(search['actor'], ['operator', 'cli', 'agent', 'engine']),
    agent: text(search['agent'])?.slice(0, 100),
    action: text(search['action'])?.slice(0, 100),
    range: oneOf(search['range'], AUDIT_RANGES),
    since: count(search['since']),
    until: count(search['until']),
    text: text(search['text'])?.slice(0, 200),
    seq: count(search['seq']),
    paused: search['paused'] === true ? true : undefined,
    view: oneOf(search['view'], ['story']),
  }
}
