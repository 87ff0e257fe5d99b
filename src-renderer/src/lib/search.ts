import type { AgentState, AuditRecord, ExecutionMode, Priority, SecurityTier } from '@contract'
import { AGENT_STATE_ORDER, MODE_ORDER, PRIORITY_ORDER, TIER_ORDER } from '@/ui/states'

export const AGENT_TABS = ['log', 'charts', 'runs', 'timeline', 'definition'] as const
export type AgentTab = (typeof AGENT_TABS)[number]

export const AGENT_SORTS = ['created', 'name', 'state', 'changed', 'priority'] as const
export type AgentSortBy = (typeof AGENT_SORTS)[number]

export interface AgentsSearch {
  q?: string | undefined
  /** One state, or several with commas between them. */
  state?: string | undefined
  tier?: SecurityTier | undefined
  mode?: ExecutionMode | undefined
  priority?: Priority | undefined
  /** Newest first when left out. */
  sort?: AgentSortBy | undefined
  /** The other way round than the column begins with. */
  turned?: true | undefined
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

export const MESSAGE_TABS = ['dead', 'identities'] as const

export interface MessagesSearch {
  /** The messages when left out. */
  tab?: (typeof MESSAGE_TABS)[number] | undefined
  /** The typed filter. */
  q?: string | undefined
  /** The message that is looked at. */
  id?: string | undefined
  /** The correlation id whose conversation is shown in place of the list. */
  conversation?: string | undefined
  /** New messages do not appear by themselves. */
  paused?: true | undefined
}

export const SCHEDULE_TABS = ['times', 'history', 'definition'] as const
export type ScheduleTab = (typeof SCHEDULE_TABS)[number]

export interface SchedulesSearch {
  q?: string | undefined
  /** The coming times when left out. */
  tab?: ScheduleTab | undefined
}

export const RESOURCE_TABS = ['violations', 'breakers', 'queue'] as const
export const HISTORY_WINDOWS = ['5m', '1h', '24h', '7d'] as const

export interface ResourcesSearch {
  /** What is used when left out. */
  tab?: (typeof RESOURCE_TABS)[number] | undefined
  /** How much of the past is shown; five minutes when left out. */
  window?: (typeof HISTORY_WINDOWS)[number] | undefined
  /** The agent whose history is shown. */
  agent?: string | undefined
}

const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((item) => item === value)

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The states of an address, in the order in which they are always listed. */
export const statesOf = (joined: string | undefined): readonly AgentState[] => {
  const named = joined?.split(',') ?? []
  return AGENT_STATE_ORDER.filter((state) => named.includes(state))
}

/** The states as an address writes them; undefined for none. */
export const joinedStates = (states: readonly AgentState[]): string | undefined =>
  states.length === 0 ? undefined : AGENT_STATE_ORDER.filter((state) => states.includes(state)).join(',')

/** The state of the agents page. What is not understood counts as not set, never as an error. */
export const parseAgentsSearch = (search: Record<string, unknown>): AgentsSearch => ({
  q: text(search['q'])?.slice(0, 200),
  state: joinedStates(statesOf(text(search['state']))),
  tier: oneOf(search['tier'], TIER_ORDER),
  mode: oneOf(search['mode'], MODE_ORDER),
  priority: oneOf(search['priority'], PRIORITY_ORDER),
  sort: oneOf(search['sort'], AGENT_SORTS),
  turned: search['turned'] === true ? true : undefined,
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

const uuid = (value: unknown): string | undefined => {
  const id = text(value)
  return id !== undefined && UUID.test(id) ? id.toLowerCase() : undefined
}

export const parseMessagesSearch = (search: Record<string, unknown>): MessagesSearch => ({
  tab: oneOf(search['tab'], MESSAGE_TABS),
  q: text(search['q'])?.slice(0, 1000),
  id: uuid(search['id']),
  conversation: uuid(search['conversation']),
  paused: search['paused'] === true ? true : undefined,
})

export const parseSchedulesSearch = (search: Record<string, unknown>): SchedulesSearch => ({
  q: text(search['q'])?.slice(0, 200),
  tab: oneOf(search['tab'], SCHEDULE_TABS),
})

export const parseResourcesSearch = (search: Record<string, unknown>): ResourcesSearch => ({
  tab: oneOf(search['tab'], RESOURCE_TABS),
  window: oneOf(search['window'], HISTORY_WINDOWS),
  agent: uuid(search['agent']),
})
