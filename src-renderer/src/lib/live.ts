import type { Bridge, Channel, Topic, TopicEvent, TopicPayload } from '@contract'
import { notifyManager, partialMatchKey, type QueryClient, type QueryKey } from '@tanstack/react-query'

type Key = readonly [Channel] | readonly [Channel, Readonly<Record<string, unknown>>]

const OVERVIEW: Key = ['system.overview']

/** Which reads each topic makes old. The one place where an event meets the cache; a new topic must be added here. */
export const AFFECTED = {
  'engine.changed': () => 'everything',
  'tasks.changed': () => [['tasks.list']],
  'settings.changed': () => [['settings.get']],
  'agents.changed': ({ id }) => [
    ['agents.list'],
    ['agents.page'],
    ['agents.get', { id }],
    ['agents.timeline', { id }],
    ['agents.restarts', { id }],
    OVERVIEW,
  ],
  'executions.changed': ({ id, agentId }) => [
    ['executions.list', { agentId }],
    ['executions.get', { id }],
    ['agents.list'],
    ['agents.page'],
    ['agents.get', { id: agentId }],
    OVERVIEW,
  ],
  'scheduler.changed': () => [['scheduler.status'], ['scheduler.queue'], OVERVIEW],
  'schedules.changed': ({ id }) => [['schedules.list'], ['schedules.get', { id }], ['schedules.history', { id }]],
  'servers.changed': () => [['servers.list'], ['servers.log'], ['tools.list'], OVERVIEW],
  'tools.changed': ({ id }) => [['tools.list'], ['tools.get', { id }], ['servers.list'], OVERVIEW],
  'policies.changed': () => [['policies.get'], ['policies.history'], ['policies.explain'], ['approvals.advice']],
  'approvals.changed': () => [
    ['approvals.list'],
    ['approvals.get'],
    ['approvals.grants'],
    ['approvals.advice'],
    OVERVIEW,
  ],
  'secrets.changed': () => [['secrets.list'], ['secrets.keyStore']],
  'approvals.show': () => [],
  'audit.appended': () => [['audit.list'], OVERVIEW],
  'audit.sealed': () => [['audit.status']],
  'messages.changed': () => [['messages.get'], ['messages.conversation'], ['messages.identities']],
  'deadLetters.changed': () => [['deadLetters.list']],
  'breakers.changed': () => [['breakers.list'], ['scheduler.status'], OVERVIEW],
  'recovery.changed': () => [['recovery.events'], ['recovery.groups'], OVERVIEW],
  'recovery.escalated': () => [['recovery.groups'], OVERVIEW],
  'resources.changed': () => [['resources.overview'], ['resources.violations']],
} satisfies { readonly [T in Topic]: (payload: TopicPayload<T>) => readonly Key[] | 'everything' }

/** The keys of one event. */
export const affectedBy = (event: TopicEvent): readonly QueryKey[] | 'everything' =>
  (AFFECTED[event.topic] as (payload: unknown) => readonly QueryKey[] | 'everything')(event.payload)

export interface LivePorts {
  readonly subscribe: Bridge['subscribe']
  readonly queryClient: QueryClient
  /** Run `work` after `delayMs`; returns how to cancel. */
  readonly later: (work: () => void, delayMs: number) => () => void
}

/** At most one refetch of a key in this time, however many events arrive. */
const COALESCE_MS = 200
/** More keys than this (an act on a thousand agents) are looked for in one walk over the cache, not in one walk each. */
const WALKS = 24

/** True for the reads that any of the keys means. */
const meaningAny = (keys: readonly QueryKey[]): ((query: { readonly queryKey: QueryKey }) => boolean) => {
  const byChannel = new Map<unknown, QueryKey[]>()
  for (const key of keys) {
    const same = byChannel.get(key[0])
    if (same === undefined) byChannel.set(key[0], [key])
    else same.push(key)
  }
  return ({ queryKey }) => byChannel.get(queryKey[0])?.some((key) => partialMatchKey(queryKey, key)) ?? false
}

/**
 * Turn events into invalidations until the returned function is called. The first event acts at once, those that
 * follow are gathered. A gap in `seq` means that something was missed, so everything is read again.
 */
export const startLive = ({ subscribe, queryClient, later }: LivePorts): (() => void) => {
  let lastSeq: number | null = null
  let pending = new Map<string, QueryKey>()
  let everything = false
  let cancelTimer: (() => void) | null = null

  const flush = () => {
    const keys = [...pending.values()]
    const all = everything
    pending = new Map()
    everything = false
    if (!all && keys.length === 0) return false
    notifyManager.batch(() => {
      if (all) void queryClient.invalidateQueries()
      else if (keys.length > WALKS) void queryClient.invalidateQueries({ predicate: meaningAny(keys) })
      else for (const queryKey of keys) void queryClient.invalidateQueries({ queryKey: [...queryKey] })
    })
    return true
  }

  const schedule = () => {
    if (cancelTimer !== null) return
    const acted = flush()
    if (!acted) return
    cancelTimer = later(() => {
      cancelTimer = null
      schedule()
    }, COALESCE_MS)
  }

  const stop = subscribe((events) => {
    for (const event of events) {
      if (lastSeq !== null && event.seq !== lastSeq + 1) everything = true
      lastSeq = event.seq
      const keys = affectedBy(event)
      if (keys === 'everything') everything = true
      else for (const key of keys) pending.set(JSON.stringify(key), key)
    }
    schedule()
  })

  return () => {
    stop()
    cancelTimer?.()
  }
}
