import type { Bridge, Channel, Topic, TopicEvent, TopicPayload } from '@contract'
import { notifyManager, type QueryClient, type QueryKey } from '@tanstack/react-query'

type Key = readonly [Channel] | readonly [Channel, Readonly<Record<string, unknown>>]

const OVERVIEW: Key = ['system.overview']

/** Which reads each topic makes old. The one place where an event meets the cache; a new topic must be added here. */
export const AFFECTED = {
  'engine.changed': () => 'everything',
  'tasks.changed': () => [['tasks.list']],
  'settings.changed': () => [['settings.get']],
  'agents.changed': ({ id }) => [['agents.list'], ['agents.get', { id }], ['agents.timeline', { id }], OVERVIEW],
  'executions.changed': ({ id, agentId }) => [
    ['executions.list', { agentId }],
    ['executions.get', { id }],
    ['agents.list'],
    ['agents.get', { id: agentId }],
    OVERVIEW,
  ],
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
