import type { CorrelationId, Guarantee, MessageType } from '@contract'
import { asRuntimeError, type Clock, type NewId } from '../core'
import type { Store, Tx } from '../store'
import type { Plain, Signing } from './crypto-box.ts'
import type { CryptoPool, SealedParcel } from './crypto-pool'
import { encodeHeader, type Header } from './header.ts'
import { type Identities, keyNumber, type Member, type Need } from './identities'
import { readHeads } from './job.ts'
import type { Journal, Kept } from './journal'
import type { KeyMaterial } from './key-ring.ts'
import type { Entry } from './mailboxes'
import { markSettled, newFates } from './states'
import { correlationTerm, partyTerm, topicTerm } from './terms'

/** One copy to one receiver, decided and with room promised, that waits to be sealed. */
export interface Unsent {
  readonly sender: Member
  readonly recipient: Member
  readonly type: MessageType
  readonly guarantee: Guarantee
  readonly topic: string | null
  /** null: its own id. */
  readonly groupId: string | null
  readonly correlationId: CorrelationId
  readonly replyTo: string | null
  readonly sentAtMs: number
  readonly ttlMs: number
  readonly payload: Uint8Array
  /** There was no room: it is kept and ends at once, `dead` or `dropped`. */
  readonly ends: 'dead' | 'dropped' | null
  readonly replays: number
  /** Written in the same transaction. */
  readonly alongside: ((tx: Tx, entry: Entry) => void) | null
}

interface Outgoing {
  readonly message: Unsent
  readonly onSent: (entry: Entry) => void
  readonly onFailed: (error: unknown) => void
}

type AddressedHeader = Header & { readonly correlationId: CorrelationId }
interface Addressed extends Outgoing {
  readonly header: AddressedHeader
}

export interface Outbox {
  /** `onSent` when it is on the disk, before anybody can have received it. */
  push(message: Unsent, onSent: (entry: Entry) => void, onFailed: (error: unknown) => void): void
  /** Resolves when everything that was pushed is on the disk or has failed. */
  drained(): Promise<void>
}

/** One thread gets at most so much at once. */
const MAX_MESSAGES = 128
const MAX_SINGLES = 64
const AT_ONCE = 32
/** So many make a job of their own while every thread has one. */
const GATHERED = 48
const MAX_BYTES = 1_048_576

/**
 * Seals what is sent and puts it on the disk. What comes while the threads are busy goes together: a lone message does
 * not wait for company, and a burst shares hops, signatures and a commit. Parcels are put away in the order in which they
 * were cut, so that the order of a sender holds however many threads there are.
 */
export const createOutbox = (ports: {
  readonly store: Store
  readonly journal: Journal
  readonly identities: Identities
  readonly pool: CryptoPool
  readonly clock: Clock
  readonly newId: NewId
  readonly signing: Signing
  /** They were put away and have not ended. */
  readonly onPut: (entries: readonly Entry[]) => void
}): Outbox => {
  const { store, journal, identities, pool, clock, newId, signing } = ports
  const pending: Outgoing[] = []
  let scheduled = false
  let underWay = 0
  /** Ends when the newest parcel that was cut is on its way to the disk. */
  let turn: Promise<void> = Promise.resolve()
  const writing = new Set<Promise<void>>()
  const told: { readonly entry: Entry; readonly onSent: (entry: Entry) => void }[][] = []
  let isTelling = false
  const most = 2 * pool.threads
  const maxMessages = signing === 'single' ? MAX_SINGLES : MAX_MESSAGES

  const cut = (): Outgoing[] => {
    let bytes = 0
    let count = 0
    for (const {
      message: { payload },
    } of pending) {
      if (count > 0 && (count >= maxMessages || bytes + payload.length > MAX_BYTES)) break
      bytes += payload.length
      count += 1
    }
    return pending.splice(0, count)
  }

  const headerOf = (message: Unsent): AddressedHeader => {
    const id = newId<string>()
    message.sender.sequence += 1
    return {
      type: message.type,
      guarantee: message.guarantee,
      id,
      groupId: message.groupId ?? id,
      senderId: message.sender.id,
      senderKeyVersion: message.sender.current.version,
      recipientId: message.recipient.id,
      recipientKeyVersion: message.recipient.current.version,
      sequence: message.sender.sequence,
      sentAtMs: message.sentAtMs,
      ttlMs: message.ttlMs,
      correlationId: message.correlationId,
      replyTo: message.replyTo,
      topic: message.topic,
    }
  }

  /** Each key once, with the halves that sealing takes. */
  const keysFor = (letters: readonly Addressed[]): KeyMaterial[] => {
    const keys = new Map<number, KeyMaterial>()
    const add = (member: Member, version: number, need: Need): void => {
      const number = keyNumber(member, version)
      if (keys.has(number)) return
      const material = identities.material(member, version, need)
      if (material !== null) keys.set(number, material)
    }
    for (const { message, header } of letters) add(message.sender, header.senderKeyVersion, 'sender')
    for (const { message, header } of letters) add(message.recipient, header.recipientKeyVersion, 'verify')
    return [...keys.values()]
  }

  const fail = (letters: readonly Addressed[], error: unknown): void => {
    const failure = asRuntimeError(error, 'COMM_001', 'The message could not be kept')
    for (const { onFailed } of letters) onFailed(failure)
  }

  /** Queues the write before it returns, so that parcels which are kept in turn reach the disk in turn. */
  const keep = async (letters: readonly Addressed[], sealed: SealedParcel): Promise<void> => {
    const num = journal.nextNum()
    const fates = newFates(num, letters.length)
    const atMs = clock.nowMs()
    const heads = readHeads(sealed.heads)
    const senders = new Set<Member>()
    const terms = new Map<string, Buffer>()
    const addTerm = (key: string, make: () => Buffer): void => {
      if (!terms.has(key)) terms.set(key, make())
    }
    const kept = letters.flatMap(({ message, header, onSent }, index) => {
      const head = heads[index]
      if (head === undefined) return []
      const { sender, recipient, topic, ends } = message
      if (ends !== null) markSettled(fates, index, { state: ends, atMs })
      senders.add(sender)
      addTerm(sender.id, () => partyTerm(sender.id))
      addTerm(recipient.id, () => partyTerm(recipient.id))
      addTerm(`c${header.correlationId}`, () => correlationTerm(header.correlationId))
      if (topic !== null) addTerm(`t${topic}`, () => topicTerm(topic))
      const entry: Entry = {
        ...header,
        sender,
        recipient,
        head,
        fates,
        index,
        replays: message.replays,
        atMs: message.sentAtMs + message.ttlMs,
        isTwin: false,
        attempts: 0,
        holder: null,
        retry: null,
        settled: ends !== null,
      }
      return [{ message, entry, onSent }]
    })
    let saved: Kept = () => undefined
    const write = store.write((tx) => {
      const firstId = letters[0]?.header.id ?? ''
      saved = journal.put(tx, { num, atMs, firstId, ...sealed, read: heads, fates, terms: terms.values() })
      for (const sender of senders) identities.saveSequence(tx, sender)
      for (const { message, entry } of kept) message.alongside?.(tx, entry)
    })
    try {
      await write
    } catch (error) {
      saved(error)
      throw error
    }
    saved()
    for (let from = 0; from < kept.length; from += AT_ONCE) told.push(kept.slice(from, from + AT_ONCE))
    if (!isTelling) tell()
  }

  const seal = (letters: readonly Addressed[]): Promise<SealedParcel> => {
    const plain = letters.map(
      ({ message: { sender, recipient, payload }, header }): Plain => ({
        senderKey: keyNumber(sender, header.senderKeyVersion),
        recipientKey: keyNumber(recipient, header.recipientKeyVersion),
        header: encodeHeader(header),
        payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
      }),
    )
    const keys = keysFor(letters)
    // A thread that broke down is replaced: once more, so that no sequence is left out.
    return pool.seal(plain, keys, signing).catch(() => pool.seal(plain, keys, signing))
  }

  /**
   * What is on the disk is told a few messages at a time: each has somebody waiting who goes on at once, and all of
   * them together would hold up everybody else.
   */
  const tell = (): void => {
    const next = told.shift()
    isTelling = next !== undefined
    if (next === undefined) return
    for (const { entry, onSent } of next) onSent(entry)
    ports.onPut(next.flatMap(({ entry }) => (entry.settled ? [] : [entry])))
    setImmediate(tell)
  }

  const putAway = async (letters: readonly Addressed[], sealed: SealedParcel, done: () => void): Promise<void> => {
    try {
      await keep(letters, sealed)
    } catch (error) {
      fail(letters, error)
    }
    done()
  }

  const send = (letters: readonly Addressed[]): void => {
    underWay += 1
    const done = journal.expect()
    const sealed = seal(letters)
    const isFree = (): void => {
      underWay -= 1
      flush()
    }
    sealed.then(isFree, isFree)
    const before = turn
    turn = (async () => {
      await before
      try {
        const written = putAway(letters, await sealed, done)
        writing.add(written)
        void written.then(() => writing.delete(written))
      } catch (error) {
        fail(letters, error)
        done()
      }
    })()
  }

  /** A thread that has nothing to do gets what there is; while all are at work, what comes gathers. */
  const mayCut = (): boolean => pending.length >= (underWay < pool.threads ? 1 : GATHERED) && underWay < most

  const flush = (): void => {
    scheduled = false
    while (mayCut()) send(cut().map((one) => ({ ...one, header: headerOf(one.message) })))
  }

  return {
    push(message, onSent, onFailed) {
      pending.push({ message, onSent, onFailed })
      if (scheduled || underWay >= most) return
      scheduled = true
      setImmediate(flush)
    },
    async drained() {
      while (pending.length > 0 || scheduled) await new Promise<void>((resolve) => setImmediate(resolve))
      await turn
      await Promise.all(writing)
      while (isTelling) await new Promise<void>((resolve) => setImmediate(resolve))
    },
  }
}
