import type { Store, Tx } from '../store'
import type { Member } from './identities'

/**
 * Which sequences of a sender to a receiver are settled: all up to the highest, but those that are known to be open.
 * A message that comes a second time, from wherever, is seen here before it is opened.
 */
export interface Windows {
  /** A message enters a queue. False when its sequence is settled or in a queue already: it is a replay. */
  enter(sender: Member, recipient: Member, sequence: number): boolean
  settle(sender: Member, recipient: Member, sequence: number): void
  /** Within the transaction that settles. */
  saveWithin(tx: Tx): void
}

interface Pair {
  readonly sender: number
  readonly recipient: number
  /** The highest that is settled. */
  top: number
  /** In queues now, in the order in which they entered. */
  readonly live: Set<number>
  /** Kept from an earlier start: open below `top`, and not entered again yet. */
  readonly kept: Set<number>
  dirty: boolean
}

const NUMBER_BYTES = 8
const SENDERS = 2 ** 26

const pack = (numbers: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(numbers.length * NUMBER_BYTES)
  for (const [index, number] of numbers.entries()) bytes.writeDoubleBE(number, index * NUMBER_BYTES)
  return bytes
}
const unpack = (bytes: Buffer): number[] =>
  Array.from({ length: Math.floor(bytes.length / NUMBER_BYTES) }, (_, index) =>
    bytes.readDoubleBE(index * NUMBER_BYTES),
  )

export const createWindows = (store: Store): Windows => {
  const pairs = new Map<number, Pair>()
  let dirty: Pair[] = []

  const pairOf = (sender: Member, recipient: Member): Pair => {
    const key = sender.num * SENDERS + recipient.num
    const known = pairs.get(key)
    if (known !== undefined) return known
    const row = store.get<{ top: number; open: Buffer }>(
      'SELECT top, open FROM message_windows WHERE sender = :sender AND recipient = :recipient',
      { sender: sender.num, recipient: recipient.num },
    )
    const pair: Pair = {
      sender: sender.num,
      recipient: recipient.num,
      top: row?.top ?? 0,
      live: new Set(),
      kept: new Set(row === undefined ? [] : unpack(row.open)),
      dirty: false,
    }
    pairs.set(key, pair)
    return pair
  }

  /** Open below the highest that is settled: few, since messages are handed over in their order. */
  const openBelow = (pair: Pair): number[] => {
    const below = [...pair.kept]
    // They entered in ascending order.
    for (const sequence of pair.live) {
      if (sequence > pair.top) break
      below.push(sequence)
    }
    return below
  }

  return {
    enter(sender, recipient, sequence) {
      const pair = pairOf(sender, recipient)
      if (pair.live.has(sequence)) return false
      if (sequence <= pair.top && !pair.kept.delete(sequence)) return false
      pair.live.add(sequence)
      return true
    },
    settle(sender, recipient, sequence) {
      const pair = pairOf(sender, recipient)
      pair.live.delete(sequence)
      pair.top = Math.max(pair.top, sequence)
      if (pair.dirty) return
      pair.dirty = true
      dirty.push(pair)
    },
    saveWithin(tx) {
      const saved = dirty
      for (const pair of saved)
        tx.run(
          `INSERT INTO message_windows (sender, recipient, top, open) VALUES (:sender, :recipient, :top, :open)
           ON CONFLICT (sender, recipient) DO UPDATE SET top = :top, open = :open`,
          { sender: pair.sender, recipient: pair.recipient, top: pair.top, open: pack(openBelow(pair)) },
        )
      tx.onCommit(() => {
        dirty = []
        for (const pair of saved) pair.dirty = false
      })
    },
  }
}
