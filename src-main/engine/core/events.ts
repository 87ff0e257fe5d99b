import type { Topic, TopicPayload } from '@contract'

export interface EngineEvent<T extends Topic = Topic> {
  readonly topic: T
  readonly payload: TopicPayload<T>
}

/** What happened in the engine, for whoever shows it. Publish only what is committed. */
export interface Events {
  publish<T extends Topic>(topic: T, payload: TopicPayload<T>): void
  subscribe(listener: (event: EngineEvent) => void): () => void
}

export const createEvents = (onListenerError: (error: unknown) => void): Events => {
  const listeners = new Set<(event: EngineEvent) => void>()
  return {
    publish(topic, payload) {
      for (const listener of listeners) {
        try {
          listener({ topic, payload })
        } catch (error) {
          onListenerError(error)
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
