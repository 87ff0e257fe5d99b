import { RuntimeError } from '../core'
import type { Store, Tx } from '../store'

/** Who listens to which topic. A party listens once or not at all. */
export interface Subscriptions {
  /** Within a transaction; false when it listened already. */
  add(tx: Tx, topic: string, partyId: string, atMs: number): boolean
  /** Within a transaction; false when it did not listen. */
  remove(tx: Tx, topic: string, partyId: string): boolean
  removeAll(tx: Tx, partyId: string): void
  to(topic: string): readonly string[]
  of(partyId: string): string[]
  topics(): { readonly name: string; readonly subscribers: number }[]
}

const MAX_OF_ONE = 1000

export const createSubscriptions = (store: Store): Subscriptions => {
  const topics = new Map<string, Set<string>>()
  for (const { topic, party } of store.all<{ topic: string; party: string }>(
    'SELECT topic, party FROM message_subscriptions ORDER BY at',
  ))
    topics.set(topic, (topics.get(topic) ?? new Set()).add(party))

  const forget = (topic: string, partyId: string): void => {
    const parties = topics.get(topic)
    parties?.delete(partyId)
    if (parties?.size === 0) topics.delete(topic)
  }
  const of = (partyId: string): string[] =>
    [...topics].filter(([, parties]) => parties.has(partyId)).map(([topic]) => topic)

  return {
    add(tx, topic, partyId, atMs) {
      const { n } = tx.get<{ n: number }>('SELECT count(*) AS n FROM message_subscriptions WHERE party = :partyId', {
        partyId,
      }) ?? { n: 0 }
      if (n >= MAX_OF_ONE) throw new RuntimeError('COMM_005', `One agent listens to at most ${MAX_OF_ONE} topics.`)
      const added = tx.run('INSERT OR IGNORE INTO message_subscriptions VALUES (:topic, :partyId, :atMs)', {
        topic,
        partyId,
        atMs,
      })
      tx.onCommit(() => topics.set(topic, (topics.get(topic) ?? new Set()).add(partyId)))
      return added > 0
    },
    remove(tx, topic, partyId) {
      const removed = tx.run('DELETE FROM message_subscriptions WHERE topic = :topic AND party = :partyId', {
        topic,
        partyId,
      })
      tx.onCommit(() => forget(topic, partyId))
      return removed > 0
    },
    removeAll(tx, partyId) {
      tx.run('DELETE FROM message_subscriptions WHERE party = :partyId', { partyId })
      tx.onCommit(() => {
        for (const topic of of(partyId)) forget(topic, partyId)
      })
    },
    to: (topic) => [...(topics.get(topic) ?? [])],
    of,
    topics: () => [...topics].map(([name, parties]) => ({ name, subscribers: parties.size })),
  }
}
