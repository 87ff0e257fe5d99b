import type { CorrelationId, DeadLetter, DeadReason, ErrorCode } from '@contract'
import { type Events, engineCaller, type Log, messageOf, type NewId } from '../core'
import type { Gate } from '../gate'
import type { Store, Tx } from '../store'
import type { Delivery } from './delivery'
import { decodeHeader, type Header } from './header.ts'
import type { Journal, Kept } from './journal'
import type { Entry } from './mailboxes'
import type { BusAsking } from './types'

/** How a message died. */
export interface Death {
  readonly reason: DeadReason
  readonly code: ErrorCode
  readonly detail: string
}

export interface DeadLetterQuery {
  readonly reasons?: readonly DeadReason[] | undefined
  readonly agentId?: string | undefined
  readonly before?: string | undefined
  readonly limit: number
}

/** One letter with the message it was. */
export interface Letter {
  readonly row: DeadLetterRow
  readonly header: Header
}

export interface DeadLetterRow {
  seq: number
  id: string
  parcel: number
  place: number
  sender_id: string
  recipient_id: string
  reason: DeadReason
  code: ErrorCode
  detail: string
  died_at: number
  replays: number
}

/** Messages that came to a bad end, with the reason. At most once promises nothing, so its losses are only counted. */
export interface DeadLetters {
  /** They leave their queues at once; resolves when that is on the disk, with its record. */
  bury(entries: readonly Entry[], death: Death): Promise<void>
  /** Within the transaction that keeps a message which is dead already. */
  insert(tx: Tx, entry: Entry, death: Death): void
  /** Record what `insert` wrote. */
  tell(entries: readonly Entry[], death: Death): Promise<void>
  list(
    query: DeadLetterQuery,
    show: (place: DeadLetterRow) => DeadLetter['header'] | null,
  ): {
    items: DeadLetter[]
    next: string | null
    total: number
  }
  letter(id: string): Letter | null
  remove(tx: Tx, id: string): boolean
  purge(asking: BusAsking, ids: readonly string[], reason: string): Promise<number>
  readonly count: number
}

const RESOURCE = 'dead-letters'
const MAX_NAMED = 20
const ROWS = 'SELECT * FROM dead_letters'

export const createDeadLetters = (ports: {
  readonly gate: Gate
  readonly store: Store
  readonly journal: Journal
  readonly delivery: () => Delivery
  readonly events: Events
  readonly newId: NewId
  readonly nowMs: () => number
  readonly log: Log
  /** How many are kept. */
  readonly limit: number
  readonly nameOf: (recipientId: string) => string
  readonly onBuried: (entries: readonly Entry[]) => void
}): DeadLetters => {
  const { gate, store, journal } = ports
  let count = store.get<{ n: number }>('SELECT count(*) AS n FROM dead_letters')?.n ?? 0

  const announce = (tx: Tx): void =>
    tx.onCommit(() => {
      count = store.get<{ n: number }>('SELECT count(*) AS n FROM dead_letters')?.n ?? 0
    })

  const insert: DeadLetters['insert'] = (tx, entry, { reason, code, detail }) => {
    tx.run(
      `INSERT OR IGNORE INTO dead_letters
         (id, parcel, place, sender_id, recipient_id, reason, code, detail, died_at, replays)
       VALUES (:id, :parcel, :place, :sender, :recipient, :reason, :code, :detail, :at, :replays)`,
      {
        id: entry.id,
        parcel: entry.fates.parcel,
        place: entry.index,
        sender: entry.sender.id,
        recipient: entry.recipient.id,
        reason,
        code,
        detail,
        at: ports.nowMs(),
        replays: entry.replays,
      },
    )
  }

  const keepLimit = (tx: Tx): void => {
    tx.run(
      `DELETE FROM dead_letters WHERE seq <= (SELECT seq FROM dead_letters ORDER BY seq DESC LIMIT 1 OFFSET :limit)`,
      { limit: ports.limit },
    )
    announce(tx)
  }

  /** One record for what dies together at one receiver. */
  const byRecipient = (entries: readonly Entry[]): Entry[][] => {
    const groups = new Map<string, Entry[]>()
    for (const entry of entries) {
      const group = groups.get(entry.recipient.id)
      if (group === undefined) groups.set(entry.recipient.id, [entry])
      else group.push(entry)
    }
    return [...groups.values()]
  }

  const fact = (group: readonly Entry[], { reason, code, detail }: Death) => ({
    caller: engineCaller('bus'),
    accountOf: 'fact' as const,
    correlationId: group[0]?.correlationId ?? ports.newId<CorrelationId>(),
    action: 'deadletter.add' as const,
    resource: ports.nameOf(group[0]?.recipient.id ?? ''),
    details: { reason, code, detail, count: group.length, messages: group.slice(0, MAX_NAMED).map(({ id }) => id) },
  })

  return {
    insert,
    async bury(entries, death) {
      const delivery = ports.delivery()
      const dying = entries.filter(({ settled }) => !settled)
      for (const entry of dying) delivery.withdraw(entry)
      const letters = dying.filter(({ guarantee }) => guarantee === 'at-least-once')
      const lost = dying.filter(({ guarantee }) => guarantee === 'at-most-once')
      const state = death.reason === 'expired' ? 'expired' : 'dead'
      for (const entry of lost) delivery.finish(entry, 'dropped')
      if (lost.length > 0) await journal.save()
      for (const group of byRecipient(letters)) {
        let kept: Kept = () => undefined
        try {
          await gate.commit(fact(group, death), (tx) => {
            for (const entry of group) {
              delivery.finish(entry, state)
              insert(tx, entry, death)
            }
            kept = journal.saveWithin(tx)
            keepLimit(tx)
          })
        } catch (error) {
          kept(error)
          throw error
        }
        kept()
      }
      if (dying.length > 0) ports.onBuried(dying)
    },
    async tell(entries, death) {
      for (const group of byRecipient(entries)) await gate.commit(fact(group, death), keepLimit)
      if (entries.length > 0) ports.onBuried(entries)
    },
    list({ reasons, agentId, before, limit }, show) {
      const wanted = reasons ?? []
      const params = { agent: agentId ?? '', before: Number(before ?? Number.MAX_SAFE_INTEGER) }
      const where = `${agentId === undefined ? '' : '(sender_id = :agent OR recipient_id = :agent) AND '}
        ${wanted.length === 0 ? '' : `reason IN (SELECT value FROM json_each(:reasons)) AND `} :agent = :agent`
      const filter = { ...params, ...(wanted.length === 0 ? {} : { reasons: JSON.stringify(wanted) }) }
      const rows = store.all<DeadLetterRow>(
        `${ROWS} WHERE ${where} AND seq < :before ORDER BY seq DESC LIMIT ${limit + 1}`,
        filter,
      )
      const total =
        store.get<{ n: number }>(`SELECT count(*) AS n FROM dead_letters WHERE ${where} AND :before = :before`, filter)
          ?.n ?? 0
      const page = rows.slice(0, limit)
      return {
        items: page.flatMap((row) => {
          const header = show(row)
          const { reason, code, detail, died_at: diedAtMs, replays } = row
          return header === null ? [] : [{ header, reason, code, detail, diedAtMs, replays }]
        }),
        next: rows.length > limit ? String(page.at(-1)?.seq ?? '') : null,
        total,
      }
    },
    letter(id) {
      const row = store.get<DeadLetterRow>(`${ROWS} WHERE id = :id`, { id })
      const head = row === undefined ? undefined : journal.parcel(row.parcel)?.heads[row.place]
      const header = head === undefined ? null : decodeHeader(head.header)
      return row === undefined || header === null ? null : { row, header }
    },
    remove(tx, id) {
      announce(tx)
      return tx.run('DELETE FROM dead_letters WHERE id = :id', { id }) > 0
    },
    async purge(asking, ids, reason) {
      const { caller, correlationId } = asking
      return gate.commit(
        {
          caller,
          correlationId,
          action: 'deadletter.purge',
          resource: RESOURCE,
          arguments: { ids: [...ids], reason },
          details: { reason, count: ids.length, messages: ids.slice(0, MAX_NAMED) },
        },
        (tx) => {
          const purged = ids.reduce((sum, id) => sum + tx.run('DELETE FROM dead_letters WHERE id = :id', { id }), 0)
          announce(tx)
          tx.onCommit(() => ports.events.publish('deadLetters.changed', {}))
          return purged
        },
      )
    },
    get count() {
      return count
    },
  }
}

/** A record that cannot be written must not end whoever causes it; the next start finds the message where it was. */
export const inBackground = (log: Log, what: string, work: Promise<unknown>): void => {
  work.catch((error: unknown) => log.error({ reason: messageOf(error) }, what))
}
