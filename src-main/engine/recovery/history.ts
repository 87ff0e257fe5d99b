import { hash } from 'node:crypto'
import type { AgentId, ErrorGroup, ErrorType, RecoveryEvent } from '@contract'
import type { Store, Tx } from '../store'

export interface EventFacts extends Omit<RecoveryEvent, 'seq' | 'atMs'> {
  readonly groupKey: string
}

export interface EventQuery {
  readonly agentId?: AgentId | undefined
  readonly types?: readonly ErrorType[] | undefined
  readonly beforeSeq?: number | undefined
  readonly limit: number
}

/** What a person was told. */
export interface Told {
  readonly atMs: number
  readonly agentId: AgentId | null
  readonly title: string
  readonly text: string
}

/** What failed, in the database. */
export interface History {
  add(tx: Tx, atMs: number, event: EventFacts): void
  /** How often it happened since then. */
  countSince(tx: Tx, groupKey: string, sinceMs: number): number
  addEscalation(tx: Tx, escalation: Told & { readonly groupKey: string; readonly why: string }): void
  /** What a person was told since then, the newest first. */
  told(sinceMs: number): Told[]
  isEscalatedSince(
    sql: Pick<Tx, 'get'>,
    escalation: { readonly groupKey: string; readonly why: string },
    sinceMs: number,
  ): boolean
  events(query: EventQuery): RecoveryEvent[]
  /** Groups that failed since then, the one that failed last first. */
  groups(sinceMs: number): ErrorGroup[]
}

interface EventRow {
  seq: number
  at: number
  agent_id: RecoveryEvent['agentId']
  agent_name: string | null
  execution_id: RecoveryEvent['executionId']
  correlation_id: RecoveryEvent['correlationId']
  type: RecoveryEvent['type']
  code: RecoveryEvent['code']
  message: string
  step: RecoveryEvent['step']
  reason: string
  attempt: number
  delay_ms: number | null
}

type GroupRow = Pick<EventRow, 'agent_id' | 'agent_name' | 'type' | 'code' | 'message'> & {
  group_key: string
  count: number
  first_at: number
  last_at: number
  escalated: number
}

const MOST_GROUPS = 500
const MOST_TOLD = 20

const COLUMNS = `seq, at, agent_id, agent_name, execution_id, correlation_id, type, code, message, step, reason, attempt,
 delay_ms`

/**
 * Equal failures have equal keys: of the same agent, with the same code, and with messages that differ in their numbers
 * and ids at most.
 */
export const groupKeyOf = (failure: Pick<RecoveryEvent, 'agentId' | 'code' | 'message'>): string => {
  const shape = failure.message.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12,}\b|\d+/gi, '#')
  return hash('sha256', `${failure.agentId ?? ''}\n${failure.code}\n${shape}`).slice(0, 32)
}

const toEvent = (row: EventRow): RecoveryEvent => ({
  seq: row.seq,
  atMs: row.at,
  agentId: row.agent_id,
  agentName: row.agent_name,
  executionId: row.execution_id,
  correlationId: row.correlation_id,
  type: row.type,
  code: row.code,
  message: row.message,
  step: row.step,
  reason: row.reason,
  attempt: row.attempt,
  delayMs: row.delay_ms,
})

/** `limit` is how many failures are kept; the oldest go when there are more. */
export const createHistory = ({ store, limit }: { readonly store: Store; readonly limit: number }): History => {
  const trim = (tx: Tx, table: 'recovery_events' | 'recovery_escalations'): void => {
    tx.run(`DELETE FROM ${table} WHERE seq <= (SELECT max(seq) FROM ${table}) - :limit`, { limit })
  }

  return {
    add(tx, atMs, event) {
      tx.run(
        `INSERT INTO recovery_events (at, agent_id, agent_name, execution_id, correlation_id, type, code, message, step,
         reason, attempt, delay_ms, group_key)
         VALUES (:atMs, :agentId, :agentName, :executionId, :correlationId, :type, :code, :message, :step, :reason,
         :attempt, :delayMs, :groupKey)`,
        { atMs, ...event },
      )
      trim(tx, 'recovery_events')
    },

    countSince: (tx, groupKey, sinceMs) =>
      tx.get<{ count: number }>(
        `SELECT count(*) AS count FROM recovery_events WHERE group_key = :groupKey AND at > :sinceMs AND step <> 'escalate'`,
        { groupKey, sinceMs },
      )?.count ?? 0,

    addEscalation(tx, told) {
      tx.run(
        `INSERT INTO recovery_escalations (at, group_key, why, agent_id, title, text)
         VALUES (:atMs, :groupKey, :why, :agentId, :title, :text)`,
        { ...told },
      )
      trim(tx, 'recovery_escalations')
    },

    told: (sinceMs) =>
      store.all<Told>(
        `SELECT at AS atMs, agent_id AS agentId, title, text FROM recovery_escalations WHERE at > :sinceMs
         ORDER BY at DESC LIMIT ${MOST_TOLD}`,
        { sinceMs },
      ),

    isEscalatedSince: (sql, { groupKey, why }, sinceMs) =>
      sql.get(
        'SELECT 1 FROM recovery_escalations WHERE group_key = :groupKey AND why = :why AND at > :sinceMs LIMIT 1',
        { groupKey, why, sinceMs },
      ) !== undefined,

    events({ agentId, types, beforeSeq, limit: most }) {
      const wanted = [
        ...(agentId === undefined ? [] : ['agent_id = :agentId']),
        ...(beforeSeq === undefined ? [] : ['seq < :beforeSeq']),
        ...(types === undefined ? [] : ['type IN (SELECT value FROM json_each(:types))']),
      ]
      return store
        .all<EventRow>(
          `SELECT ${COLUMNS} FROM recovery_events ${wanted.length === 0 ? '' : `WHERE ${wanted.join(' AND ')}`}
           ORDER BY seq DESC LIMIT :most`,
          {
            most,
            ...(agentId === undefined ? {} : { agentId }),
            ...(beforeSeq === undefined ? {} : { beforeSeq }),
            ...(types === undefined ? {} : { types: JSON.stringify(types) }),
          },
        )
        .map(toEvent)
    },

    groups: (sinceMs) =>
      store
        .all<GroupRow>(
          `SELECT newest.group_key, newest.agent_id, newest.agent_name, newest.type, newest.code, newest.message,
             groups.count, groups.first_at, groups.last_at,
             EXISTS (SELECT 1 FROM recovery_escalations AS told
               WHERE told.group_key = newest.group_key AND told.at > :sinceMs) AS escalated
           FROM (SELECT max(seq) AS seq, count(*) AS count, min(at) AS first_at, max(at) AS last_at
               FROM recovery_events WHERE at > :sinceMs AND step <> 'escalate' GROUP BY group_key) AS groups
             JOIN recovery_events AS newest ON newest.seq = groups.seq
           ORDER BY groups.last_at DESC, groups.seq DESC LIMIT ${MOST_GROUPS}`,
          { sinceMs },
        )
        .map((row) => ({
          key: row.group_key,
          agentId: row.agent_id,
          agentName: row.agent_name,
          type: row.type,
          code: row.code,
          message: row.message,
          count: row.count,
          firstAtMs: row.first_at,
          lastAtMs: row.last_at,
          escalated: row.escalated === 1,
        })),
  }
}
