import type { ErrorCode, Party } from '@contract'
import { type Clock, messageOf } from '../core'
import type { Store } from '../store'
import type { Closed, Opened } from './crypto-box.ts'
import type { CryptoPool } from './crypto-pool'
import { type Identities, keyNumber, type Member } from './identities'
import type { Journal } from './journal'
import type { Entry, Mailboxes } from './mailboxes'
import type { Meter } from './meter'
import { markDelivered, markQueued, markSettled } from './states'
import type { Received } from './types'
import type { Windows } from './windows'

/** Why a message was refused at its receiver. */
export interface Rejection {
  readonly entry: Entry
  readonly code: Extract<ErrorCode, 'COMM_003' | 'COMM_004' | 'COMM_008'>
  readonly detail: string
}

/** Hands messages over: verified with the key that the registry holds, opened, in their order. */
export interface Delivery {
  /** What waits, as far as it verifies; at most `max`. Resolves with nothing when nothing came in time. */
  receive(recipient: Member, holder: string, options: ReceiveOptions): Promise<Received[]>
  /** Open one that nobody asked for, such as the answer to a request. Null when it was refused. */
  openOne(entry: Entry): Promise<Received | null>
  /** Resolves when it is on the disk. Counts those that were in the hands of this receiver. */
  acknowledge(recipient: Member, ids: readonly string[]): Promise<number>
  /** Hand back what a run had when it ended. */
  release(recipient: Member, holder: string): void
  /** Out of its mailbox: nobody gets it any more. What it came to is told by `finish`. */
  withdraw(entry: Entry): void
  /** How a withdrawn message ended; never accepted again. Written with the next save. */
  finish(entry: Entry, state: 'acknowledged' | 'delivered' | 'expired' | 'dead' | 'dropped'): void
  /** Not acknowledged in time: again, or never again. Returns those that had their last chance. */
  retry(entries: readonly Entry[]): Entry[]
}

export interface ReceiveOptions {
  readonly max: number
  readonly waitMs: number
  readonly signal?: AbortSignal | undefined
}

/** The answer to one receive stays small enough to be carried in one piece. */
const MAX_BYTES = 1_048_576
/** A message that failed so often waits no longer than this before it is handed over again. */
const MAX_BACKOFF = 16

export const createDelivery = (ports: {
  readonly store: Store
  readonly journal: Journal
  readonly identities: Identities
  readonly mailboxes: Mailboxes
  readonly windows: Windows
  readonly pool: CryptoPool
  readonly clock: Clock
  readonly meter: Meter
  readonly ackTimeoutMs: number
  readonly retryAttempts: number
  readonly partyOf: (member: Member) => Party
  readonly onRejected: (rejection: Rejection) => void
  readonly onChanged: (entries: readonly Entry[]) => void
}): Delivery => {
  const { journal, identities, mailboxes, windows, pool, clock, meter } = ports

  const reject = (entry: Entry, code: Rejection['code'], detail: string): null => {
    ports.onRejected({ entry, code, detail })
    return null
  }

  /** What can be said before anything is computed. */
  const closedOf = (entry: Entry): Closed | null => {
    const { sender, recipient, head, senderKeyVersion, recipientKeyVersion } = entry
    if (entry.atMs <= clock.nowMs()) return reject(entry, 'COMM_008', 'its time to live was over')
    const keys = sender.keys.get(senderKeyVersion)
    if (keys === undefined) return reject(entry, 'COMM_003', 'the sender never had the key that is named')
    if (keys.retiredAfter !== null && entry.sequence > keys.retiredAfter)
      return reject(entry, 'COMM_003', 'it is signed with a key that was retired before')
    if (identities.material(recipient, recipientKeyVersion, 'recipient') === null)
      return reject(entry, 'COMM_003', 'the receiver does not have the key that it is sealed for')
    const sealed = journal.sealed(entry.fates.parcel, head)
    if (sealed === null) return reject(entry, 'COMM_003', 'its sealed inside is gone')
    return {
      senderKey: keyNumber(sender, senderKeyVersion),
      recipientKey: keyNumber(recipient, recipientKeyVersion),
      header: head.header,
      sealed,
    }
  }

  const WHY = {
    format: 'its sealed inside is not whole',
    signature: 'the signature is not that of the sender it names',
    cipher: 'it does not open with the keys of its sender and receiver',
  } as const

  const receivedOf = (entry: Entry, opened: Opened | undefined): Received | null => {
    if (opened === undefined || !opened.ok)
      return reject(entry, 'COMM_003', WHY[opened === undefined || opened.ok ? 'format' : opened.why])
    return {
      id: entry.id,
      groupId: entry.groupId,
      from: ports.partyOf(entry.sender),
      topic: entry.topic,
      type: entry.type,
      sequence: entry.sequence,
      sentAtMs: entry.sentAtMs,
      correlationId: entry.correlationId,
      replyTo: entry.replyTo,
      guarantee: entry.guarantee,
      attempt: entry.attempts,
      payload: opened.payload,
    }
  }

  /** Private keys of versions that were replaced are opened when a message still needs them. */
  const unlock = async (entries: readonly Entry[]): Promise<void> => {
    for (const { recipient, recipientKeyVersion } of entries)
      if (identities.material(recipient, recipientKeyVersion, 'recipient') === null)
        await identities.openFor(recipient, recipientKeyVersion)
  }

  const open = async (entries: readonly Entry[]): Promise<Received[]> => {
    await unlock(entries)
    const able: Entry[] = []
    const closed: Closed[] = []
    for (const entry of entries) {
      const one = closedOf(entry)
      if (one === null) continue
      able.push(entry)
      closed.push(one)
    }
    if (able.length === 0) return []
    const opened = await pool.open(closed)
    const nowMs = clock.nowMs()
    return able.flatMap((entry, index) => {
      // It may have expired or been taken back while it was opened.
      if (entry.settled) return []
      const received = receivedOf(entry, opened[index])
      if (received === null) return []
      if (entry.attempts === 1) meter.latency(nowMs - entry.sentAtMs)
      return [received]
    })
  }

  const withdraw = (entry: Entry): void => {
    if (!entry.settled) mailboxes.remove(entry)
  }

  const finish: Delivery['finish'] = (entry, state) => {
    const atMs = clock.nowMs()
    if (state === 'delivered') markDelivered(entry.fates, entry.index, { attempts: entry.attempts, atMs })
    markSettled(entry.fates, entry.index, { state, atMs })
    journal.touch(entry.fates)
    if (!entry.isTwin) windows.settle(entry.sender, entry.recipient, entry.sequence)
  }

  const settle = (entry: Entry, state: 'acknowledged' | 'delivered'): void => {
    withdraw(entry)
    finish(entry, state)
  }

  /** From here on it counts as handed over. */
  const handOver = (entries: readonly Entry[]): void => {
    const atMs = clock.nowMs()
    for (const entry of entries) {
      entry.attempts += 1
      if (entry.guarantee === 'at-most-once') continue
      markDelivered(entry.fates, entry.index, { attempts: entry.attempts, atMs })
      journal.touch(entry.fates)
      const factor = Math.min(MAX_BACKOFF, 2 ** (entry.attempts - 1))
      mailboxes.retryAt(entry, atMs + ports.ackTimeoutMs * factor)
    }
  }

  /** Those of what was opened that are given at most once. */
  const onceOnly = (entries: readonly Entry[], received: readonly Received[]): Entry[] => {
    const once = entries.filter(({ guarantee }) => guarantee === 'at-most-once')
    if (once.length === 0) return once
    const opened = new Set(received.map(({ id }) => id))
    return once.filter(({ id }) => opened.has(id))
  }

  const putBack = (entries: readonly Entry[]): void => {
    for (const entry of entries) {
      if (entry.settled) continue
      markQueued(entry.fates, entry.index)
      journal.touch(entry.fates)
      mailboxes.putBack(entry)
    }
  }

  return {
    withdraw,
    finish,
    async receive(recipient, holder, { max, waitMs, signal }) {
      const untilMs = clock.monotonicMs() + waitMs
      for (;;) {
        signal?.throwIfAborted()
        const entries = mailboxes.take(recipient, holder, { max, maxBytes: MAX_BYTES })
        if (entries.length === 0) {
          const leftMs = untilMs - clock.monotonicMs()
          if (leftMs <= 0) return []
          await mailboxes.arrival(recipient, { ms: leftMs, signal })
          continue
        }
        handOver(entries)
        let received: Received[]
        try {
          received = await open(entries)
        } catch (error) {
          putBack(entries)
          throw error
        }
        const once = onceOnly(entries, received)
        if (once.length > 0) {
          // On the disk before it is handed over: after a crash it is lost, never given twice.
          for (const entry of once) settle(entry, 'delivered')
          await journal.save()
        }
        if (received.length === 0) continue
        if (signal?.aborted === true) {
          putBack(entries)
          throw signal.reason
        }
        meter.delivered(received.length)
        ports.onChanged(entries)
        return received
      }
    },

    async openOne(entry) {
      entry.attempts += 1
      const [received] = await open([entry])
      if (received !== undefined) meter.delivered(1)
      return received ?? null
    },

    async acknowledge(recipient, ids) {
      const entries = ids.flatMap((id) => mailboxes.held(recipient, id) ?? [])
      for (const entry of entries) settle(entry, 'acknowledged')
      if (entries.length === 0) return 0
      await journal.save()
      ports.onChanged(entries)
      return entries.length
    },

    release(recipient, holder) {
      const entries = mailboxes.heldBy(recipient, holder)
      // What was never handed over in full costs no attempt of those it has.
      putBack(entries)
      if (entries.length === 0) return
      journal.save().catch((error: unknown) => void messageOf(error))
      ports.onChanged(entries)
    },

    retry(entries) {
      const lost = entries.filter((entry) => entry.attempts > ports.retryAttempts)
      putBack(entries.filter((entry) => entry.attempts <= ports.retryAttempts))
      return lost
    },
  }
}
