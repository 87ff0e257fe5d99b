import type { Overview } from '@contract'

type Part = Overview['health'][number]

const TITLES: Record<string, string> = {
  lifecycle: 'Lifecycle',
  agents: 'Agents',
  scheduler: 'Scheduler',
  schedules: 'Schedules',
  resources: 'Resources',
  bus: 'Message bus',
  messages: 'Message bus',
  recovery: 'Recovery',
  sandbox: 'Sandboxes',
  sandboxes: 'Sandboxes',
  gateway: 'Gateway',
  tools: 'Tool servers',
  audit: 'Audit trail',
  policy: 'Policies',
  secrets: 'Secrets',
  store: 'Database',
}

const PAGES = {
  lifecycle: { to: '/agents', search: {} },
  agents: { to: '/agents', search: {} },
  scheduler: { to: '/resources', search: { tab: 'queue' } },
  schedules: { to: '/schedules', search: {} },
  resources: { to: '/resources', search: {} },
  recovery: { to: '/resources', search: { tab: 'breakers' } },
  bus: { to: '/messages', search: {} },
  messages: { to: '/messages', search: {} },
  tools: { to: '/reviews', search: {} },
  audit: { to: '/audit', search: {} },
  policy: { to: '/policies', search: {} },
  secrets: { to: '/secrets', search: {} },
  sandbox: { to: '/doctor', search: {} },
  sandboxes: { to: '/doctor', search: {} },
  store: { to: '/doctor', search: {} },
} as const

/** How a part is called on the page: its own word when it is not among the known ones. */
export const titleOfPart = (part: string): string =>
  TITLES[part] ?? `${part.charAt(0).toUpperCase()}${part.slice(1).replaceAll('-', ' ')}`

/** Where to look further; null where there is no page for it. */
export const pageOfPart = (part: string): (typeof PAGES)[keyof typeof PAGES] | null =>
  Object.hasOwn(PAGES, part) ? PAGES[part as keyof typeof PAGES] : null

const ORDER: readonly Part['status'][] = ['unhealthy', 'degraded', 'unknown', 'healthy']

/** What is wrong first; otherwise as the engine names them. */
export const worstFirst = (parts: readonly Part[]): readonly Part[] =>
  [...parts].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))
