import type { MessageDetail, MessageFilter, MessageHeader, MessageId, Party } from '@contract'
import { type Clock, RuntimeError, type Source, type SourceSink } from '../core'
import type { CryptoPool } from './crypto-pool'
import { decodeHeader, type Header } from './header.ts'
import { fingerprintOf, type Identities, keyNumber, type Member } from './identities'
import type { Head } from './job.ts'
import type { Journal, Parcel } from './journal'
import type { Entry } from './mailboxes'
import { readSealed } from './sealed.ts'
import { type Fate, readFate } from './states'
import { correlationTerm, partyTerm, topicTerm } from './terms'

/** Looking at messages from outside. Nothing here opens one. */
export interface Browse {
  list(query: { filter: MessageFilter; before?: string | undefined; limit: number }): {
    items: MessageHeader[]
    next: string | null
    complete: boolean
    scanned: number
  }
  /** @throws COMM_007 */
  get(id: string): Promise<MessageDetail>
  conversation(correlationId: string, limit: number): MessageHeader[]
  at(parcelNum: number, index: number): MessageHeader | null
  follow(filter: MessageFilter): Source<MessageHeader>
  /** Tell those who follow. */
  changed(entries: readonly Entry[]): void
}

/** One answer looks at no more than this before it says how far it came. */
const MAX_SCANNED = 20_000
const MAX_MS = 8
const PARCELS_AT_ONCE = 64

interface Shown {
  readonly header: Header
  readonly head: Head
  readonly fate: Fate
}

const FINAL: ReadonlySet<Fate['state']> = new Set(['acknowledged', 'expired', 'dead', 'dropped'])

export const createBrowse = (ports: {
  readonly journal: Journal
  readonly identities: Identities
  readonly pool: CryptoPool
  readonly clock: Clock
  readonly partyOf: (member: Member) => Party
  readonly death: (id: string) => { readonly reason: string; readonly atMs: number } | null
}): Browse => {
  const { journal, identities, pool, clock } = ports
  const followers = new Set<{ matches: (shown: Shown) => boolean; sink: SourceSink<MessageHeader> }>()

  const partyOf = (id: string): Party => {
    const member = identities.member(id)
    return member === null ? { id, name: id, kind: 'agent' } : ports.partyOf(member)
  }

  const toHeader = ({ header, head, fate }: Shown): MessageHeader => ({
    id: header.id as MessageId,
    groupId: header.groupId as MessageId,
    sender: partyOf(header.senderId),
    recipient: partyOf(header.recipientId),
    topic: header.topic,
    type: header.type,
    sequence: header.sequence,
    sentAtMs: header.sentAtMs,
    ttlMs: header.ttlMs,
    correlationId: header.correlationId as MessageHeader['correlationId'],
    replyTo: header.replyTo as MessageHeader['replyTo'],
    payloadBytes: head.payloadBytes,
    sealedBytes: head.bodyBytes,
    guarantee: header.guarantee,
    state: fate.state,
    attempts: fate.attempts,
    deliveredAtMs: fate.deliveredAtMs,
    acknowledgedAtMs: fate.state === 'acknowledged' ? fate.settledAtMs : null,
  })

  const shownIn = (parcel: Parcel, index: number): Shown | null => {
    const head = parcel.heads[index]
    const header = head === undefined ? null : decodeHeader(head.header)
    if (head === undefined || header === null) return null
    return { header, head, fate: readFate(parcel.fates, index) }
  }

  /** Everything that is given must hold. */
  const matcher = (filter: MessageFilter): ((shown: Shown) => boolean) => {
    const { agentId, peerId, topic, types, states, correlationId, sinceMs, untilMs, minBytes } = filter
    const text = filter.text?.trim().toLowerCase() ?? ''
    const named = new Map<string, boolean>()
    const isNamed = (id: string): boolean => {
      const known = named.get(id)
      if (known !== undefined) return known
      const holds = partyOf(id).name.toLowerCase().includes(text)
      named.set(id, holds)
      return holds
    }
    return ({ header, head, fate }) => {
      const { senderId, recipientId } = header
      if (agentId !== undefined) {
        if (senderId !== agentId && recipientId !== agentId) return false
        if (peerId !== undefined && (senderId === agentId ? recipientId : senderId) !== peerId) return false
      }
      if (topic !== undefined && header.topic !== topic) return false
      if (types !== undefined && !types.includes(header.type)) return false
      if (states !== undefined && !states.includes(fate.state)) return false
      if (correlationId !== undefined && header.correlationId !== correlationId) return false
      if (sinceMs !== undefined && header.sentAtMs < sinceMs) return false
      if (untilMs !== undefined && header.sentAtMs > untilMs) return false
      if (minBytes !== undefined && head.payloadBytes < minBytes) return false
      if (text === '') return true
      return isNamed(senderId) || isNamed(recipientId) || (header.topic?.toLowerCase().includes(text) ?? false)
    }
  }

  /** The rarest thing asked for, by which parcels can be found. */
  const termOf = ({ correlationId, agentId, topic }: MessageFilter): Buffer | null => {
    if (correlationId !== undefined) return correlationTerm(correlationId)
    if (agentId !== undefined) return partyTerm(agentId)
    return topic === undefined || topic === '' ? null : topicTerm(topic)
  }

  const historyOf = ({ header, fate }: Shown): MessageDetail['history'] => {
    const history = [{ atMs: header.sentAtMs, what: 'Sent, sealed and signed' }]
    if (fate.deliveredAtMs !== null)
      history.push({
        atMs: fate.deliveredAtMs,
        what: fate.attempts > 1 ? `Handed over, ${fate.attempts} times in all` : 'Handed over',
      })
    if (fate.settledAtMs !== null && FINAL.has(fate.state)) {
      const reason = ports.death(header.id)?.reason
      const words: Readonly<Record<string, string>> = {
        acknowledged: 'Acknowledged',
        expired: 'Expired',
        dropped: 'Dropped',
        dead: `Became a dead letter${reason === undefined ? '' : ` (${reason})`}`,
      }
      history.push({ atMs: fate.settledAtMs, what: words[fate.state] ?? fate.state })
    }
    return history
  }

  return {
    list({ filter, before, limit }) {
      const matches = matcher(filter)
      const term = termOf(filter)
      const startedMs = clock.monotonicMs()
      const [fromParcel = Number.NaN, fromIndex = 0] = before === undefined ? [] : before.split('.').map(Number)
      let next = Number.isSafeInteger(fromParcel) ? fromParcel + 1 : Number.MAX_SAFE_INTEGER
      const items: MessageHeader[] = []
      let scanned = 0
      const stop = (cursor: string, complete: boolean) => ({ items, next: cursor, complete, scanned })
      for (;;) {
        const numbers = journal.numbersBefore(next, PARCELS_AT_ONCE, term)
        for (const num of numbers) {
          next = num
          const parcel = journal.parcel(num)
          if (parcel === null) continue
          const first = num === fromParcel ? Math.min(fromIndex, parcel.heads.length) : parcel.heads.length
          for (let index = first - 1; index >= 0; index -= 1) {
            if (items.length >= limit) return stop(`${num}.${index + 1}`, true)
            scanned += 1
            const shown = shownIn(parcel, index)
            if (shown !== null && matches(shown)) items.push(toHeader(shown))
          }
          if (scanned >= MAX_SCANNED || clock.monotonicMs() - startedMs > MAX_MS) return stop(`${num}.0`, false)
        }
        if (numbers.length < PARCELS_AT_ONCE) return { items, next: null, complete: true, scanned }
      }
    },

    async get(id) {
      const place = journal.find(id)
      const shown = place === null ? null : shownIn(place.parcel, place.index)
      const bytes = place === null ? null : journal.sealed(place.parcel.num, place.head)
      if (place === null || shown === null || bytes === null)
        throw new RuntimeError('COMM_007', 'There is no message with this id.', { details: { id } })
      const { header } = shown
      const sealed = readSealed(bytes)
      const sender = identities.member(header.senderId)
      const recipient = identities.member(header.recipientId)
      const keys = sender?.keys.get(header.senderKeyVersion)
      const material = sender === null ? null : identities.material(sender, header.senderKeyVersion, 'verify')
      const [valid = false] =
        sender === null || material === null
          ? []
          : await pool.check(
              [
                {
                  senderKey: keyNumber(sender, header.senderKeyVersion),
                  recipientKey: recipient === null ? 0 : keyNumber(recipient, header.recipientKeyVersion),
                  header: place.head.header,
                  sealed: bytes,
                },
              ],
              [material],
            )
      const form = sealed?.form ?? 'single'
      return {
        ...toHeader(shown),
        verification: {
          signature: valid ? 'valid' : 'invalid',
          form,
          senderKey: keys === undefined ? '' : fingerprintOf(keys),
          keyVersion: header.senderKeyVersion,
          detail:
            keys === undefined
              ? 'The sender never had the key that the message names.'
              : form === 'single'
                ? 'Ed25519 over header, nonce and ciphertext, with the key that the registry holds for the sender.'
                : `Ed25519 over the Merkle root of ${sealed?.place.size ?? 0} messages; this is number ${(sealed?.place.index ?? 0) + 1}, proven by its path.`,
        },
        cipher: { name: 'AES-256-GCM', agreement: 'X25519', nonce: sealed?.nonce.toString('hex') ?? '' },
        history: historyOf(shown),
      }
    },

    conversation(correlationId, limit) {
      const matches = matcher({ correlationId: correlationId as MessageHeader['correlationId'] })
      const found: MessageHeader[] = []
      let after = 0
      for (;;) {
        const numbers = journal.numbersFrom(after, PARCELS_AT_ONCE, correlationTerm(correlationId))
        for (const num of numbers) {
          after = num
          const parcel = journal.parcel(num)
          for (let index = 0; index < (parcel?.heads.length ?? 0); index += 1) {
            const shown = parcel === null ? null : shownIn(parcel, index)
            if (shown !== null && matches(shown)) found.push(toHeader(shown))
            if (found.length >= limit) return found
          }
        }
        if (numbers.length < PARCELS_AT_ONCE) return found
      }
    },

    at(num, index) {
      const parcel = journal.parcel(num)
      const shown = parcel === null ? null : shownIn(parcel, index)
      return shown === null ? null : toHeader(shown)
    },

    follow: (filter) => (sink) => {
      const follower = { matches: matcher(filter), sink }
      followers.add(follower)
      return () => {
        followers.delete(follower)
      }
    },

    changed(entries) {
      if (followers.size === 0) return
      const shown = entries.flatMap((entry): Shown[] => {
        const header = decodeHeader(entry.head.header)
        return header === null ? [] : [{ header, head: entry.head, fate: readFate(entry.fates, entry.index) }]
      })
      for (const { matches, sink } of followers) {
        const wanted = shown.filter(matches)
        if (wanted.length > 0) sink.emit(wanted.map(toHeader))
      }
    },
  }
}
