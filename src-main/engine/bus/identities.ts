import { hash } from 'node:crypto'
import type { Identity, Party } from '@contract'
import { type Clock, RuntimeError, randomId } from '../core'
import type { KeyStore } from '../secrets'
import type { Store, Tx } from '../store'
import type { KeyMaterial } from './key-ring.ts'
import { createKeyVault, type Made } from './key-vault'

/** One version of the keys of a party. */
export interface PartyKeys {
  readonly version: number
  readonly createdAtMs: number
  readonly signingPublic: Buffer
  readonly agreementPublic: Buffer
  retiredAtMs: number | null
  /** It signs nothing after this sequence. */
  retiredAfter: number | null
  /** In memory once they were needed; null when they were taken out for good. */
  privates: { readonly signing: Buffer; readonly agreement: Buffer } | 'sealed' | null
}

/** Somebody with an identity: an agent, the console or the engine. */
export interface Member {
  readonly num: number
  readonly id: string
  readonly kind: Party['kind']
  /** Of the last message that it sent. */
  sequence: number
  readonly keys: Map<number, PartyKeys>
  current: PartyKeys
}

/** A key needs its private half for this. */
export type Need = 'sender' | 'recipient' | 'verify'

/** The registry of keys. Every key that is used comes from here, never from a message. */
export interface Identities {
  /** Its identity, made on first use, with the private keys of its newest version at hand. @throws SECRET_004 */
  ready(party: { readonly id: string; readonly kind: Party['kind'] }): Promise<Member>
  /** The same without waiting; null when something has to be made or opened first. */
  atHand(id: string): Member | null
  member(id: string): Member | null
  byNumber(num: number): Member | null
  /** The console or the engine. */
  own(kind: 'console' | 'engine'): Promise<Member>
  /** Open the private keys of older versions that are needed to read. @throws SECRET_004, SECRET_005 */
  openFor(member: Member, version: number): Promise<void>
  material(member: Member, version: number, need: Need): KeyMaterial | null
  /** Make the next version of the keys; `keep` writes it within a transaction. */
  renew(member: Member): Promise<{ keep(tx: Tx): void }>
  /** Within the transaction that keeps what was sent. */
  saveSequence(tx: Tx, member: Member): void
  list(): Member[]
  /** Take out private keys that were retired before this time: nothing that is kept needs them. */
  forgetBefore(tx: Tx, atMs: number): number
  /** Zero what is in memory. */
  close(): void
}

interface KeyRow {
  party: number
  version: number
  created_at: number
  retired_at: number | null
  retired_after: number | null
  signing_public: Buffer
  agreement_public: Buffer
  record_id: string
  sealed_private: Buffer | null
}

const VERSIONS = 65_536
const KINDS = ['agent', 'console', 'engine'] as const

export const fingerprintOf = (keys: Pick<PartyKeys, 'signingPublic'>): string =>
  hash('sha256', keys.signingPublic, 'buffer').toString('base64url')

export const keyNumber = (member: Pick<Member, 'num'>, version: number): number => member.num * VERSIONS + version

export const createIdentities = (ports: {
  readonly store: Store
  readonly keyStore: Pick<KeyStore, 'key'>
  readonly clock: Clock
}): Identities => {
  const { store, clock } = ports
  const { make, unseal } = createKeyVault(ports)
  const members = new Map<string, Member>()
  const numbers = new Map<number, Member>()
  const making = new Map<string, Promise<Member>>()
  let nextNum = 1

  const adopt = (member: Member): void => {
    members.set(member.id, member)
    numbers.set(member.num, member)
    nextNum = Math.max(nextNum, member.num + 1)
  }

  const load = (): void => {
    const keys = new Map<number, KeyRow[]>()
    const rows = store.all<KeyRow>(
      `SELECT party, version, created_at, retired_at, retired_after, signing_public, agreement_public, record_id,
         CASE WHEN sealed_private IS NULL THEN NULL ELSE x'00' END AS sealed_private
       FROM message_keys ORDER BY party, version`,
    )
    for (const row of rows) keys.set(row.party, [...(keys.get(row.party) ?? []), row])
    const parties = store.all<{ num: number; id: string; kind: string; sequence: number }>(
      'SELECT * FROM message_parties ORDER BY num',
    )
    for (const { num, id, kind, sequence } of parties) {
      const known = KINDS.find((one) => one === kind)
      const own = (keys.get(num) ?? []).map(
        (row): PartyKeys => ({
          version: row.version,
          createdAtMs: row.created_at,
          signingPublic: row.signing_public,
          agreementPublic: row.agreement_public,
          retiredAtMs: row.retired_at,
          retiredAfter: row.retired_after,
          privates: row.sealed_private === null ? null : 'sealed',
        }),
      )
      const current = own.at(-1)
      if (known === undefined || current === undefined) continue
      adopt({ num, id, kind: known, sequence, keys: new Map(own.map((one) => [one.version, one])), current })
    }
  }
  load()

  const keysOf = (made: Made): PartyKeys => ({
    version: made.version,
    createdAtMs: made.createdAtMs,
    signingPublic: made.signingPublic,
    agreementPublic: made.agreementPublic,
    retiredAtMs: null,
    retiredAfter: null,
    privates: { signing: made.signing, agreement: made.agreement },
  })

  const insertKeys = (tx: Tx, num: number, made: Made): void => {
    tx.run(
      `INSERT INTO message_keys (party, version, created_at, signing_public, agreement_public, record_id, sealed_private)
       VALUES (:num, :version, :createdAtMs, :signingPublic, :agreementPublic, :recordId, :sealed)`,
      {
        num,
        version: made.version,
        createdAtMs: made.createdAtMs,
        signingPublic: made.signingPublic,
        agreementPublic: made.agreementPublic,
        recordId: made.recordId,
        sealed: made.sealed,
      },
    )
  }

  const create = async (id: string, kind: Party['kind']): Promise<Member> => {
    const made = await make(id, 1)
    const num = nextNum++
    await store.write((tx) => {
      tx.run('INSERT INTO message_parties (num, id, kind, sequence) VALUES (:num, :id, :kind, 0)', { num, id, kind })
      insertKeys(tx, num, made)
    })
    const keys = keysOf(made)
    const member = { num, id, kind, sequence: 0, keys: new Map([[keys.version, keys]]), current: keys }
    adopt(member)
    return member
  }

  const ready: Identities['ready'] = async ({ id, kind }) => {
    const known = members.get(id)
    if (known !== undefined) {
      await unseal(known, known.current)
      if (known.current.privates === null)
        throw new RuntimeError('SECRET_005', 'The private keys of this identity are gone.')
      return known
    }
    const pending = making.get(id) ?? create(id, kind)
    making.set(id, pending)
    try {
      return await pending
    } finally {
      making.delete(id)
    }
  }

  return {
    ready,
    atHand(id) {
      const member = members.get(id)
      return member !== undefined && typeof member.current.privates === 'object' && member.current.privates !== null
        ? member
        : null
    },
    member: (id) => members.get(id) ?? null,
    byNumber: (num) => numbers.get(num) ?? null,
    async own(kind) {
      const known = [...members.values()].find((member) => member.kind === kind)
      if (known !== undefined) return ready(known)
      const pending = making.get(kind) ?? create(randomId(), kind)
      making.set(kind, pending)
      try {
        return await pending
      } finally {
        making.delete(kind)
      }
    },

    async openFor(member, version) {
      const keys = member.keys.get(version)
      if (keys !== undefined) await unseal(member, keys)
    },

    material(member, version, need) {
      const keys = member.keys.get(version)
      if (keys === undefined) return null
      const { privates } = keys
      const open = typeof privates === 'object' && privates !== null ? privates : null
      if (need !== 'verify' && open === null) return null
      return {
        key: keyNumber(member, version),
        signingPublic: keys.signingPublic,
        agreementPublic: keys.agreementPublic,
        signingPrivate: need === 'sender' ? (open?.signing ?? null) : null,
        agreementPrivate: need === 'verify' ? null : (open?.agreement ?? null),
      }
    },

    async renew(member) {
      const former = member.current
      const made = await make(member.id, former.version + 1)
      return {
        keep(tx) {
          const retiredAtMs = clock.nowMs()
          const retiredAfter = member.sequence
          tx.run(
            `UPDATE message_keys SET retired_at = :retiredAtMs, retired_after = :retiredAfter
             WHERE party = :num AND version = :version`,
            { retiredAtMs, retiredAfter, num: member.num, version: former.version },
          )
          insertKeys(tx, member.num, made)
          // Nothing is sealed while a transaction runs, so the sequence above is that of the last message before.
          tx.onCommit(() => {
            former.retiredAtMs = retiredAtMs
            former.retiredAfter = member.sequence
            member.current = keysOf(made)
            member.keys.set(made.version, member.current)
          })
        },
      }
    },

    saveSequence(tx, member) {
      tx.run('UPDATE message_parties SET sequence = :sequence WHERE num = :num', {
        sequence: member.sequence,
        num: member.num,
      })
    },

    list: () => [...members.values()],

    forgetBefore(tx, atMs) {
      const gone = tx.run(
        'UPDATE message_keys SET sealed_private = NULL WHERE retired_at < :atMs AND sealed_private IS NOT NULL',
        { atMs },
      )
      tx.onCommit(() => {
        for (const { keys } of members.values())
          for (const one of keys.values()) {
            if (one.retiredAtMs === null || one.retiredAtMs >= atMs) continue
            wipe(one)
            one.privates = null
          }
      })
      return gone
    },

    close() {
      for (const { keys } of members.values()) for (const one of keys.values()) wipe(one)
      members.clear()
      numbers.clear()
    },
  }
}

/** What opening these takes, each key once: the receivers' private halves, and of the senders only what verifies. */
export const keysToOpen = (
  identities: Pick<Identities, 'byNumber' | 'material'>,
  messages: readonly { readonly senderKey: number; readonly recipientKey: number }[],
): KeyMaterial[] => {
  const keys = new Map<number, KeyMaterial>()
  const add = (key: number, need: Need): void => {
    const known = keys.get(key)
    if (known !== undefined && (need === 'verify' || known.agreementPrivate !== null)) return
    const member = identities.byNumber(Math.floor(key / VERSIONS))
    const material = member === null ? null : identities.material(member, key % VERSIONS, need)
    if (material !== null) keys.set(key, material)
  }
  for (const { senderKey, recipientKey } of messages) {
    add(recipientKey, 'recipient')
    add(senderKey, 'verify')
  }
  return [...keys.values()]
}

const wipe = ({ privates }: PartyKeys): void => {
  if (privates === null || privates === 'sealed') return
  privates.signing.fill(0)
  privates.agreement.fill(0)
}

export const toIdentity = (member: Member, party: Party): Identity => ({
  party,
  fingerprint: fingerprintOf(member.current),
  keyVersion: member.current.version,
  createdAtMs: Math.min(...[...member.keys.values()].map(({ createdAtMs }) => createdAtMs)),
  rotatedAtMs: member.current.version > 1 ? member.current.createdAtMs : null,
})
