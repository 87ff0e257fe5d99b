import type { Store, Tx } from '../store'
import { decodeHeader, type Header, uuidBytes } from './header.ts'
import { type Head, readHeads } from './job.ts'
import type { Fates } from './states'
import { termsOf } from './terms'

/** What one thread sealed at once, and what became of it. */
export interface Parcel {
  readonly num: number
  readonly atMs: number
  readonly heads: readonly Head[]
  readonly fates: Fates
}

/** Tell those who wait for a save that it is on the disk, or why it is not. */
export type Kept = (error?: unknown) => void

export interface NewParcel {
  readonly num: number
  readonly atMs: number
  readonly firstId: string
  readonly heads: Buffer
  /** The same, read. */
  readonly read: readonly Head[]
  readonly bodies: Buffer
  readonly fates: Fates
  /** Under which it can be found. */
  readonly terms: Iterable<Buffer>
}

/** One message where it lies. */
export interface Place {
  readonly parcel: Parcel
  readonly index: number
  readonly head: Head
  readonly header: Header
}

/** Sealed messages on the disk, in parcels: one row for a burst, not one for each message. */
export interface Journal {
  /** Grows with each parcel. */
  nextNum(): number
  /** The time within the newest id that is kept, 0 when there is none. */
  readonly newestIdMs: number
  /**
   * Within a transaction, together with what is to be saved. The parcel is held in memory from its commit on, until all of
   * it is settled. Call the answer when the write has resolved or failed.
   */
  put(tx: Tx, parcel: NewParcel): Kept
  /** A fate in it was changed: the next save writes it. */
  touch(fates: Fates): void
  /** The sealed inside of a message; null when it is gone. */
  sealed(num: number, head: Head): Buffer | null
  /** @returns null when nothing is kept under this number */
  parcel(num: number): Parcel | null
  find(messageId: string): Place | null
  /** Parcels in which something is not settled, oldest first. */
  unsettled(): Parcel[]
  /** A parcel will be put soon: what is to be saved may wait for its transaction. Call the answer when it was, or failed. */
  expect(): () => void
  /** Resolves when all fates as they are now are on the disk. Many callers share one transaction. */
  save(): Promise<void>
  /** Together with every change to fates. */
  onSave(also: (tx: Tx) => void): void
  /** Within somebody's transaction; call the answer when its write has resolved or failed. */
  saveWithin(tx: Tx): Kept
  /** Numbers of parcels from `before` down; with terms only those in which one of them occurs. */
  numbersBefore(before: number, limit: number, term: Buffer | null): number[]
  numbersFrom(after: number, limit: number, term: Buffer): number[]
  /** Remove settled parcels older than this, without dead letters in them; returns how many. */
  prune(tx: Tx, beforeMs: number): number
  oldestAtMs(): number | null
  readonly storedBytes: number
}

interface ParcelRow {
  num: number
  at: number
  heads: Buffer
  open: number
  states: Buffer
}

/** Sealed bytes that are kept in memory for those who will read them next. */
const MAX_CACHED_BYTES = 64 * 1024 * 1024
const MAX_PRUNED = 200

const PARCEL = `SELECT p.num, p.at, p.heads, s.open, s.states
  FROM message_parcels p JOIN message_states s ON s.parcel = p.num`

const toParcel = (row: ParcelRow): Parcel => ({
  num: row.num,
  atMs: row.at,
  heads: readHeads(row.heads),
  fates: { parcel: row.num, bytes: row.states, open: row.open, dirty: false },
})

export const createJournal = (store: Store): Journal => {
  const live = new Map<number, Parcel>()
  const bodies = new Map<number, Buffer>()
  const alongside: ((tx: Tx) => void)[] = []
  let cachedBytes = 0
  let touched: Fates[] = []
  let expected = 0
  /** Those who asked since the last transaction that saves began. */
  let asked: {
    readonly saved: Promise<void>
    readonly resolve: () => void
    readonly reject: (error: unknown) => void
  } | null = null
  /** A transaction of our own is queued for them. */
  let queued = false
  let storedBytes =
    store.get<{ n: number | null }>('SELECT sum(length(heads) + length(bodies)) AS n FROM message_parcels')?.n ?? 0
  const newest = store.get<ParcelRow>(`${PARCEL} ORDER BY p.num DESC LIMIT 1`)
  let lastNum = newest?.num ?? 0
  const lastHead = newest === undefined ? undefined : readHeads(newest.heads).at(-1)
  const lastHeader = lastHead === undefined ? null : decodeHeader(lastHead.header)
  const newestIdMs = lastHeader === null ? 0 : uuidBytes(lastHeader.id).readUIntBE(0, 6)

  const cache = (num: number, bytes: Buffer): void => {
    bodies.set(num, bytes)
    cachedBytes += bytes.length
    for (const [oldest, { length }] of bodies) {
      if (cachedBytes <= MAX_CACHED_BYTES || oldest === num) break
      bodies.delete(oldest)
      cachedBytes -= length
    }
  }
  const uncache = (num: number): void => {
    cachedBytes -= bodies.get(num)?.length ?? 0
    bodies.delete(num)
  }

  const saveWithin = (tx: Tx): Kept => {
    const saved = touched
    const waiting = asked
    for (const fates of saved)
      tx.run('UPDATE message_states SET open = :open, states = :states WHERE parcel = :num', {
        num: fates.parcel,
        open: fates.open,
        states: fates.bytes,
      })
    for (const also of alongside) also(tx)
    tx.onCommit(() => {
      touched = []
      if (asked === waiting) asked = null
      for (const fates of saved) {
        fates.dirty = false
        if (fates.open > 0) continue
        live.delete(fates.parcel)
        uncache(fates.parcel)
      }
    })
    return (error) => {
      // Not committed: they are asked for again by whoever saves next.
      if (error !== undefined && asked === waiting) return
      if (error === undefined) waiting?.resolve()
      else waiting?.reject(error)
    }
  }

  const saveNow = async (): Promise<void> => {
    if (queued) return
    queued = true
    let kept: Kept = () => undefined
    try {
      await store.write((tx) => {
        queued = false
        kept = saveWithin(tx)
      })
      kept()
    } catch (error) {
      queued = false
      kept(error)
      const failed = asked
      asked = null
      failed?.reject(error)
    }
  }

  const parcel = (num: number): Parcel | null => {
    const known = live.get(num)
    if (known !== undefined) return known
    const row = store.get<ParcelRow>(`${PARCEL} WHERE p.num = :num`, { num })
    return row === undefined ? null : toParcel(row)
  }

  return {
    newestIdMs,
    nextNum() {
      lastNum += 1
      return lastNum
    },
    put(tx, { num, atMs, firstId, heads, read, bodies: sealed, fates, terms }) {
      tx.run(
        'INSERT INTO message_parcels (num, at, first_id, heads, bodies) VALUES (:num, :atMs, :id, :heads, :sealed)',
        {
          num,
          atMs,
          id: uuidBytes(firstId),
          heads,
          sealed,
        },
      )
      tx.run('INSERT INTO message_states (parcel, open, states) VALUES (:num, :open, :states)', {
        num,
        open: fates.open,
        states: fates.bytes,
      })
      for (const term of terms)
        tx.run('INSERT OR IGNORE INTO message_terms (term, parcel) VALUES (:term, :num)', { term, num })
      const kept = saveWithin(tx)
      tx.onCommit(() => {
        storedBytes += heads.length + sealed.length
        if (fates.open === 0) return
        live.set(num, { num, atMs, heads: read, fates })
        cache(num, sealed)
      })
      return kept
    },
    touch(fates) {
      if (fates.dirty) return
      fates.dirty = true
      touched.push(fates)
    },
    sealed(num, { bodyAt, bodyBytes }) {
      let bytes = bodies.get(num)
      if (bytes === undefined) {
        bytes = store.get<{ bodies: Buffer }>('SELECT bodies FROM message_parcels WHERE num = :num', { num })?.bodies
        if (bytes === undefined) return null
        if (live.has(num)) cache(num, bytes)
      }
      return bytes.subarray(bodyAt, bodyAt + bodyBytes)
    },
    parcel,
    find(messageId) {
      const row = store.get<{ num: number }>(
        'SELECT num FROM message_parcels WHERE first_id <= :id ORDER BY first_id DESC LIMIT 1',
        { id: uuidBytes(messageId) },
      )
      const found = row === undefined ? null : parcel(row.num)
      if (found === null) return null
      for (const [index, head] of found.heads.entries()) {
        const header = decodeHeader(head.header)
        if (header?.id === messageId) return { parcel: found, index, head, header }
      }
      return null
    },
    unsettled() {
      const rows = store.all<ParcelRow>(`${PARCEL} WHERE s.open > 0 ORDER BY p.num`)
      for (const row of rows) live.set(row.num, toParcel(row))
      return [...live.values()]
    },
    expect() {
      expected += 1
      return () => {
        expected -= 1
        if (expected === 0 && asked !== null) void saveNow()
      }
    },
    save() {
      if (asked === null) {
        let resolve: () => void = () => undefined
        let reject: (error: unknown) => void = () => undefined
        const saved = new Promise<void>((...ends) => {
          ;[resolve, reject] = ends
        })
        asked = { saved, resolve, reject }
      }
      if (expected === 0) void saveNow()
      return asked.saved
    },
    onSave(also) {
      alongside.push(also)
    },
    saveWithin,
    numbersBefore: (before, limit, term) =>
      store
        .all<{ num: number }>(
          term === null
            ? 'SELECT num FROM message_parcels WHERE num < :before ORDER BY num DESC LIMIT :limit'
            : 'SELECT parcel AS num FROM message_terms WHERE term = :term AND parcel < :before ORDER BY parcel DESC LIMIT :limit',
          term === null ? { before, limit } : { before, limit, term },
        )
        .map(({ num }) => num),
    numbersFrom: (after, limit, term) =>
      store
        .all<{ num: number }>(
          'SELECT parcel AS num FROM message_terms WHERE term = :term AND parcel > :after ORDER BY parcel LIMIT :limit',
          { after, limit, term },
        )
        .map(({ num }) => num),
    prune(tx, beforeMs) {
      const rows = tx.all<{ num: number; heads: Buffer; bytes: number }>(
        `SELECT p.num, p.heads, length(p.heads) + length(p.bodies) AS bytes
         FROM message_parcels p JOIN message_states s ON s.parcel = p.num
         WHERE p.at < :beforeMs AND s.open = 0 AND NOT EXISTS (SELECT 1 FROM dead_letters d WHERE d.parcel = p.num)
         ORDER BY p.num LIMIT ${MAX_PRUNED}`,
        { beforeMs },
      )
      for (const { num, heads } of rows) {
        for (const term of termsOf(readHeads(heads)).values())
          tx.run('DELETE FROM message_terms WHERE term = :term AND parcel = :num', { term, num })
        tx.run('DELETE FROM message_states WHERE parcel = :num', { num })
        tx.run('DELETE FROM message_parcels WHERE num = :num', { num })
      }
      tx.onCommit(() => {
        for (const { bytes } of rows) storedBytes -= bytes
      })
      return rows.length
    },
    oldestAtMs: () => store.get<{ at: number }>('SELECT at FROM message_parcels ORDER BY num LIMIT 1')?.at ?? null,
    get storedBytes() {
      return storedBytes
    },
  }
}
