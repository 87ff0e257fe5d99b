import type {
  AgentDefinition,
  AgentDetail,
  AgentId,
  AgentState,
  AgentSummary,
  CorrelationId,
  StateChange,
} from '@contract'
import { type Caller, type Clock, type Events, type NewId, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Sql, Store, Tx } from '../store'
import { type AgentRow, definitionOf, type LastRunRow, toSummary } from './rows'
import { isLegal } from './transitions'

/** Who asks, and the id that everything of it is recorded under. */
export interface Asking {
  readonly caller: Caller
  readonly correlationId: CorrelationId
}

export interface Move {
  readonly id: AgentId
  readonly to: AgentState
  readonly reason: string
  readonly correlationId: CorrelationId
}

/** Agents, their immutable versions and their states. */
export interface Agents {
  list(states?: readonly AgentState[]): AgentSummary[]
  /** @throws AGENT_001 */
  get(id: AgentId): AgentDetail
  summary(id: AgentId): AgentSummary
  /** @throws AGENT_007 when there are as many as may be */
  create(asking: Asking, definition: AgentDefinition): Promise<AgentDetail>
  /** Make a new version. @throws AGENT_003 when `baseVersion` is no longer the newest, AGENT_002 when it is retired */
  edit(
    asking: Asking,
    change: { id: AgentId; baseVersion: number; definition: AgentDefinition; note: string },
  ): Promise<AgentDetail>
  timeline(id: AgentId): StateChange[]
  /**
   * Change the state by compare-and-set, within the caller's transaction.
   * @throws AGENT_002 when the live state does not allow it
   */
  move(tx: Tx, move: Move): void
  countByState(): Partial<Record<AgentState, number>>
}

const AGENT_SQL = `SELECT a.id, a.state, a.state_reason, a.state_changed_at, a.version, a.created_at, v.definition
  FROM agents a JOIN agent_versions v ON v.agent_id = a.id AND v.version = a.version`

export const rowOf = (sql: Sql, id: AgentId): AgentRow => {
  const row = sql.get<AgentRow>(`${AGENT_SQL} WHERE a.id = :id`, { id })
  if (row === undefined) throw new RuntimeError('AGENT_001', 'There is no agent with this id.', { details: { id } })
  return row
}

/** Without input and output, which can be a megabyte each. */
const LAST_RUN_SQL = 'SELECT id, agent_id, state, started_at, ended_at, end_cause FROM executions'

const lastExecution = (sql: Sql, id: AgentId): LastRunRow | undefined =>
  sql.get<LastRunRow>(`${LAST_RUN_SQL} WHERE agent_id = :id ORDER BY id DESC LIMIT 1`, { id })

export const createAgents = (ports: {
  gate: Gate
  store: Store
  clock: Clock
  events: Events
  newId: NewId
  maxAgents: number
}): Agents => {
  const { gate, store, clock, events, newId, maxAgents } = ports

  const summary = (id: AgentId): AgentSummary => toSummary(rowOf(store, id), lastExecution(store, id))

  const get = (id: AgentId): AgentDetail => {
    const row = rowOf(store, id)
    return {
      ...toSummary(row, lastExecution(store, id)),
      definition: definitionOf(row),
      versions: store
        .all<{ version: number; created_at: number; note: string }>(
          'SELECT version, created_at, note FROM agent_versions WHERE agent_id = :id ORDER BY version DESC',
          { id },
        )
        .map((version) => ({ version: version.version, createdAtMs: version.created_at, note: version.note })),
    }
  }

  const recordChange = (tx: Tx, move: Move, from: AgentState | null): void => {
    tx.run(
      `INSERT INTO state_changes (agent_id, at, from_state, to_state, reason, correlation_id)
       VALUES (:id, :at, :from, :to, :reason, :correlationId)`,
      { ...move, at: clock.nowMs(), from },
    )
    tx.onCommit(() => events.publish('agents.changed', { id: move.id }))
  }

  const addVersion = (tx: Tx, id: AgentId, version: number, definition: AgentDefinition, note: string): void => {
    tx.run(
      `INSERT INTO agent_versions (agent_id, version, definition, note, created_at)
       VALUES (:id, :version, :definition, :note, :at)`,
      { id, version, definition: JSON.stringify(definition), note, at: clock.nowMs() },
    )
  }

  return {
    summary,
    get,

    list(states) {
      // Only what a list shows: the programs of a thousand agents need not be parsed for it.
      const rows = store.all<AgentRow>(
        `SELECT a.id, a.state, a.state_reason, a.state_changed_at, a.version, a.created_at,
           json_object('name', v.definition ->> 'name', 'description', v.definition ->> 'description',
             'securityTier', v.definition ->> 'securityTier', 'priority', v.definition ->> 'priority') AS definition
         FROM agents a JOIN agent_versions v ON v.agent_id = a.id AND v.version = a.version ORDER BY a.id DESC`,
      )
      const latest = new Map(
        store
          .all<LastRunRow>(`${LAST_RUN_SQL} WHERE id IN (SELECT max(id) FROM executions GROUP BY agent_id)`)
          .map((row) => [row.agent_id, row]),
      )
      return rows
        .filter((row) => states === undefined || states.includes(row.state))
        .map((row) => toSummary(row, latest.get(row.id)))
    },

    async create({ caller, correlationId }, definition) {
      const id = newId<AgentId>()
      await gate.commit(
        {
          caller,
          correlationId,
          action: 'agent.create',
          resource: definition.name,
          arguments: { definition },
          tier: definition.securityTier,
          details: { agentId: id, tier: definition.securityTier, capabilities: definition.capabilities },
        },
        (tx) => {
          const count = tx.get<{ n: number }>(`SELECT count(*) AS n FROM agents WHERE state <> 'Terminated'`)?.n ?? 0
          if (count >= maxAgents)
            throw new RuntimeError('AGENT_007', `There are ${count} agents, and ${maxAgents} is the most allowed.`)
          tx.run(
            `INSERT INTO agents (id, state, state_reason, state_changed_at, version, created_at)
             VALUES (:id, 'Created', NULL, :at, 1, :at)`,
            { id, at: clock.nowMs() },
          )
          addVersion(tx, id, 1, definition, 'created')
          recordChange(tx, { id, to: 'Created', reason: 'created', correlationId }, null)
        },
      )
      return get(id)
    },

    async edit({ caller, correlationId }, { id, baseVersion, definition, note }) {
      const before = rowOf(store, id)
      await gate.commit(
        {
          caller,
          correlationId,
          action: 'agent.edit',
          resource: definitionOf(before).name,
          arguments: { id, baseVersion, definition, note },
          tier: definition.securityTier,
          details: { agentId: id, baseVersion, note },
        },
        (tx) => {
          const row = rowOf(tx, id)
          if (row.state === 'Terminating' || row.state === 'Terminated')
            throw new RuntimeError('AGENT_002', `The agent is ${row.state} and can no longer be edited; duplicate it.`)
          if (row.version !== baseVersion)
            throw new RuntimeError('AGENT_003', `You changed version ${baseVersion}; the newest is ${row.version}.`, {
              details: { baseVersion, newest: row.version },
            })
          addVersion(tx, id, baseVersion + 1, definition, note)
          tx.run('UPDATE agents SET version = :version WHERE id = :id AND version = :baseVersion', {
            id,
            version: baseVersion + 1,
            baseVersion,
          })
          tx.onCommit(() => events.publish('agents.changed', { id }))
        },
      )
      return get(id)
    },

    timeline(id) {
      rowOf(store, id)
      return store
        .all<{
          seq: number
          at: number
          from_state: AgentState | null
          to_state: AgentState
          reason: string
          correlation_id: CorrelationId
        }>('SELECT * FROM state_changes WHERE agent_id = :id ORDER BY seq', { id })
        .map((row) => ({
          seq: row.seq,
          atMs: row.at,
          from: row.from_state,
          to: row.to_state,
          reason: row.reason,
          correlationId: row.correlation_id,
        }))
    },

    move(tx, move) {
      const from = rowOf(tx, move.id).state
      if (!isLegal(from, move.to))
        throw new RuntimeError('AGENT_002', `An agent that is ${from} cannot become ${move.to}.`, {
          details: { from, to: move.to },
        })
      const changed = tx.run(
        `UPDATE agents SET state = :to, state_reason = :reason, state_changed_at = :at WHERE id = :id AND state = :from`,
        { id: move.id, to: move.to, reason: move.reason, at: clock.nowMs(), from },
      )
      if (changed !== 1) throw new RuntimeError('AGENT_002', 'The state of the agent changed meanwhile.')
      recordChange(tx, move, from)
    },

    countByState: () =>
      Object.fromEntries(
        store
          .all<{ state: AgentState; n: number }>('SELECT state, count(*) AS n FROM agents GROUP BY state')
          .map((row) => [row.state, row.n]),
      ),
  }
}
