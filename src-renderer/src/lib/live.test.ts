import type { TopicEvent } from '@contract'
import { QueryClient } from '@tanstack/react-query'
import { describe, expect, it, vi } from 'vitest'
import { affectedBy, startLive } from './live'

const AGENT = '0190a1b2-7c3a-7000-8000-000000000001'

const setUp = () => {
  const queryClient = new QueryClient()
  const invalidated = vi.spyOn(queryClient, 'invalidateQueries')
  let listener: (events: readonly TopicEvent[]) => void = () => undefined
  const timers: (() => void)[] = []
  const stop = startLive({
    queryClient,
    subscribe: (given) => {
      listener = given
      return () => {
        listener = () => undefined
      }
    },
    later: (work) => {
      timers.push(work)
      return () => timers.splice(timers.indexOf(work), 1)
    },
  })
  return {
    queryClient,
    stop,
    timers,
    send: (...events: TopicEvent[]) => listener(events),
    tick: () => {
      for (const work of timers.splice(0)) work()
    },
    keys: () => invalidated.mock.calls.map(([filters]) => filters?.queryKey ?? 'everything'),
  }
}

const settings = (seq: number): TopicEvent => ({ seq, topic: 'settings.changed', payload: {} })
const agent = (seq: number): TopicEvent => ({ seq, topic: 'agents.changed', payload: { id: AGENT } }) as TopicEvent

describe('live', () => {
  it('knows the reads of an event', () => {
    expect(affectedBy(agent(1))).toEqual([
      ['agents.list'],
      ['agents.page'],
      ['agents.get', { id: AGENT }],
      ['agents.timeline', { id: AGENT }],
      ['agents.restarts', { id: AGENT }],
      ['system.overview'],
    ])
    expect(affectedBy({ seq: 1, topic: 'engine.changed', payload: {} })).toBe('everything')
  })

  it('acts on the first event at once and gathers the next', () => {
    const live = setUp()
    live.send(settings(1))
    expect(live.keys()).toEqual([['settings.get']])
    live.send(settings(2), settings(3))
    live.send(settings(4))
    expect(live.keys()).toHaveLength(1)
    live.tick()
    expect(live.keys()).toEqual([['settings.get'], ['settings.get']])
  })

  it('keeps no timer when nothing is to do', () => {
    const live = setUp()
    live.send(settings(1))
    expect(live.timers).toHaveLength(1)
    live.tick()
    expect(live.timers).toHaveLength(0)
  })

  it('reads everything again after a gap, and only then', () => {
    const live = setUp()
    live.send(settings(5), settings(6))
    expect(live.keys()).toEqual([['settings.get']])
    live.tick()
    live.send(settings(9))
    expect(live.keys()).toEqual([['settings.get'], 'everything'])
  })

  it('finds what a thousand events mean in one walk', () => {
    const live = setUp()
    const { queryClient } = live
    queryClient.setQueryData(['agents.get', { id: AGENT }], {})
    queryClient.setQueryData(['agents.get', { id: 'another' }], {})
    queryClient.setQueryData(['agents.page', { offset: 0 }], {})
    queryClient.setQueryData(['secrets.list', {}], {})
    const other = (seq: number): TopicEvent =>
      ({ seq, topic: 'agents.changed', payload: { id: `other-${seq}` } }) as unknown as TopicEvent
    live.send(...Array.from({ length: 1000 }, (_, n) => (n === 500 ? agent(n) : other(n))))
    const old = queryClient
      .getQueryCache()
      .getAll()
      .filter((query) => query.state.isInvalidated)
      .map(({ queryKey }) => queryKey)
    expect(old).toEqual([
      ['agents.get', { id: AGENT }],
      ['agents.page', { offset: 0 }],
    ])
    expect(live.keys()).toHaveLength(1)
  })

  it('is silent after it is stopped', () => {
    const live = setUp()
    live.send(settings(1))
    live.stop()
    live.send(settings(2))
    live.tick()
    expect(live.keys()).toHaveLength(1)
    expect(live.timers).toHaveLength(0)
  })
})
