import type { CorrelationId, Guarantee, MessageType } from '@contract'
import { type Clock, RuntimeError } from '../core'
import { createDueList, type Due } from './due-list'
import type { Member } from './identities'
import type { Head } from './job.ts'
import type { Fates } from './states'

/** One message that is not settled. Due when its time to live is over. */
export interface Entry extends Due {
  readonly id: string
  readonly groupId: string
  readonly sender: Member
  readonly senderKeyVersion: number
  readonly recipient: Member
  readonly recipientKeyVersion: number
  readonly type: MessageType
  readonly guarantee: Guarantee
  readonly topic: string | null
  readonly sequence: number
  readonly sentAtMs: number
  readonly correlationId: CorrelationId
  readonly replyTo: string | null
  readonly head: Head
  readonly fates: Fates
  readonly index: number
  /** How often it came back as a dead letter. */
  readonly replays: number
  /** Another copy of a message that is accounted for already. */
  readonly isTwin: boolean
  attempts: number
  /** Whose run has it now; null while it waits. */
  holder: string | null
  /** When it is handed over again, unless it is acknowledged before. */
  retry: Retry | null
  settled: boolean
}

export interface Retry extends Due {
  readonly entry: Entry
}

/** What waits for one receiver, in the order in which it was sent, and what it has in its hands. */
interface Mailbox {
  readonly waiting: Entry[]
  /** Where `waiting` begins; what lies before is gone. */
  first: number
  /** Handed over before and not acknowledged: first in line. */
  again: Entry[]
  readonly held: Map<string, Entry>
  /** Room that was promised to messages which are being sealed. */
  promised: number
  /** Of `waiting` and `again`, without what was settled meanwhile. */
  count: number
  readonly readers: Set<() => void>
  readonly writers: (() => void)[]
}

export interface Mailboxes {
  /** Promise room for one message. @throws COMM_005 when there is none in time */
  reserve(recipient: Member, wait: { readonly ms: number; readonly signal: AbortSignal | undefined }): Promise<void>
  /** Whether there is room now; then it is promised. */
  tryReserve(recipient: Member): boolean
  unreserve(recipient: Member): void
  /** The promised place is taken. */
  arrive(entry: Entry): void
  /** The promised place is taken, and the message is in somebody's hands already. */
  arriveHeld(entry: Entry, holder: string): void
  /** Without a promise: what an earlier start of the engine left. */
  restore(entry: Entry): void
  /** The next messages for a holder: at most `max`, and after the first no more than `maxBytes`. */
  take(recipient: Member, holder: string, limit: { max: number; maxBytes: number }): Entry[]
  /** Resolves when something arrives, or after `ms`, or when the signal aborts. */
  arrival(recipient: Member, wait: { readonly ms: number; readonly signal: AbortSignal | undefined }): Promise<void>
  held(recipient: Member, id: string): Entry | null
  /** To be handed over again at this time, unless it is settled before. */
  retryAt(entry: Entry, atMs: number): void
  /** Back in line, before everything that was not handed over yet. */
  putBack(entry: Entry): void
  /** What a holder has in its hands. */
  heldBy(recipient: Member, holder: string): Entry[]
  /** It has come to its end: it leaves the mailbox. */
  remove(entry: Entry): void
  all(recipient: Member): Entry[]
  sizes(): { readonly recipient: string; readonly queued: number; readonly held: number }[]
  close(): void
}

/** A receiver that does not acknowledge gets no more than so many messages. */
const MAX_HELD = 1024

const byPlace = (a: Entry, b: Entry): number => a.fates.parcel - b.fates.parcel || a.index - b.index

export const createMailboxes = (ports: {
  readonly clock: Clock
  readonly capacity: number
  readonly onExpired: (entries: readonly Entry[]) => void
  readonly onRetry: (entries: readonly Entry[]) => void
}): Mailboxes => {
  const { clock, capacity } = ports
  const boxes = new Map<string, Mailbox>()
  const expiries = createDueList<Entry>(clock, (entries) => ports.onExpired(entries.filter(({ settled }) => !settled)))
  const retries = createDueList<Retry>(clock, (due) => {
    ports.onRetry(due.map(({ entry }) => entry).filter(({ settled, holder }) => !settled && holder !== null))
  })

  const boxOf = (recipient: Member): Mailbox => {
    const known = boxes.get(recipient.id)
    if (known !== undefined) return known
    const box: Mailbox = {
      waiting: [],
      first: 0,
      again: [],
      held: new Map(),
      promised: 0,
      count: 0,
      readers: new Set(),
      writers: [],
    }
    boxes.set(recipient.id, box)
    return box
  }

  const fill = (box: Mailbox): number => box.count + box.held.size + box.promised
  const full = (recipient: Member): RuntimeError =>
    new RuntimeError('COMM_005', `${capacity} messages wait for this receiver, and that is the most.`, {
      details: { recipient: recipient.id, capacity },
    })

  const tryReserve = (recipient: Member): boolean => {
    const box = boxOf(recipient)
    if (fill(box) >= capacity || box.writers.length > 0) return false
    box.promised += 1
    return true
  }

  /** There may be room: whoever waits longest gets it. */
  const admit = (box: Mailbox): void => {
    while (box.writers.length > 0 && fill(box) < capacity) {
      box.promised += 1
      box.writers.shift()?.()
    }
  }

  const wake = (box: Mailbox): void => {
    for (const reader of [...box.readers]) reader()
  }

  const add = (entry: Entry): void => {
    const box = boxOf(entry.recipient)
    box.waiting.push(entry)
    box.count += 1
    expiries.add(entry)
    if (box.readers.size > 0) wake(box)
  }

  const next = (box: Mailbox): Entry | null => {
    while (box.again.length > 0) {
      const entry = box.again[0]
      if (entry !== undefined && !entry.settled) return entry
      box.again.shift()
    }
    while (box.first < box.waiting.length) {
      const entry = box.waiting[box.first]
      if (entry !== undefined && !entry.settled) return entry
      box.first += 1
    }
    return null
  }

  const drop = (box: Mailbox): void => {
    if (box.again.length > 0) box.again.shift()
    else box.first += 1
    box.count -= 1
    if (box.first > 1024 && box.first * 2 > box.waiting.length) {
      box.waiting.splice(0, box.first)
      box.first = 0
    }
  }

  return {
    tryReserve,
    reserve(recipient, { ms, signal }) {
      if (tryReserve(recipient)) return Promise.resolve()
      if (ms <= 0) return Promise.reject(full(recipient))
      const box = boxOf(recipient)
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          cancel()
          signal?.removeEventListener('abort', giveUp)
        }
        const enter = (): void => {
          stop()
          resolve()
        }
        const giveUp = (): void => {
          stop()
          const place = box.writers.indexOf(enter)
          if (place >= 0) box.writers.splice(place, 1)
          reject(signal?.aborted === true ? signal.reason : full(recipient))
        }
        const cancel = clock.after(ms, giveUp)
        signal?.addEventListener('abort', giveUp, { once: true })
        box.writers.push(enter)
      })
    },
    unreserve(recipient) {
      const box = boxOf(recipient)
      box.promised -= 1
      admit(box)
    },
    arrive(entry) {
      boxOf(entry.recipient).promised -= 1
      add(entry)
    },
    arriveHeld(entry, holder) {
      const box = boxOf(entry.recipient)
      box.promised -= 1
      entry.holder = holder
      box.held.set(entry.id, entry)
      expiries.add(entry)
    },
    restore: add,

    take(recipient, holder, { max, maxBytes }) {
      const box = boxOf(recipient)
      const taken: Entry[] = []
      let bytes = 0
      while (taken.length < max && box.held.size < MAX_HELD) {
        const entry = next(box)
        if (entry === null || (taken.length > 0 && bytes + entry.head.payloadBytes > maxBytes)) break
        drop(box)
        bytes += entry.head.payloadBytes
        entry.holder = holder
        box.held.set(entry.id, entry)
        taken.push(entry)
      }
      return taken
    },
    arrival(recipient, { ms, signal }) {
      const box = boxOf(recipient)
      return new Promise((resolve) => {
        const done = (): void => {
          cancel()
          signal?.removeEventListener('abort', done)
          box.readers.delete(done)
          resolve()
        }
        const cancel = clock.after(ms, done)
        signal?.addEventListener('abort', done, { once: true })
        box.readers.add(done)
        if (signal?.aborted === true || (next(box) !== null && box.held.size < MAX_HELD)) done()
      })
    },
    held: (recipient, id) => boxes.get(recipient.id)?.held.get(id) ?? null,
    retryAt(entry, atMs) {
      if (entry.retry !== null) retries.remove(entry.retry)
      entry.retry = { entry, atMs }
      retries.add(entry.retry)
    },
    putBack(entry) {
      const box = boxOf(entry.recipient)
      if (!box.held.delete(entry.id)) return
      if (entry.retry !== null) retries.remove(entry.retry)
      entry.retry = null
      entry.holder = null
      box.count += 1
      const place = box.again.findIndex((other) => byPlace(entry, other) < 0)
      if (place < 0) box.again.push(entry)
      else box.again.splice(place, 0, entry)
      if (box.readers.size > 0) wake(box)
    },
    heldBy: (recipient, holder) =>
      [...(boxes.get(recipient.id)?.held.values() ?? [])].filter((entry) => entry.holder === holder),
    remove(entry) {
      const box = boxOf(entry.recipient)
      entry.settled = true
      expiries.remove(entry)
      if (entry.retry !== null) retries.remove(entry.retry)
      entry.retry = null
      if (!box.held.delete(entry.id)) box.count -= 1
      if (box.writers.length > 0) admit(box)
      // Whoever had its hands full may have had more waiting for it.
      if (box.readers.size > 0 && box.count > 0) wake(box)
    },
    all(recipient) {
      const box = boxes.get(recipient.id)
      if (box === undefined) return []
      return [...box.held.values(), ...box.again, ...box.waiting.slice(box.first)].filter(({ settled }) => !settled)
    },
    sizes: () => [...boxes].map(([recipient, box]) => ({ recipient, queued: box.count, held: box.held.size })),
    close() {
      expiries.close()
      retries.close()
      for (const box of boxes.values()) wake(box)
    },
  }
}
