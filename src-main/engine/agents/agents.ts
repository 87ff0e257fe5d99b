import type { AgentDefinition, AgentDetail, AgentId, AgentState, CorrelationId, StateChange } from '@contract'
import { type Caller, type Clock, type Events, type NewId, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Sql, Store, Tx } from '../store'
import { healthOfAgent } from './agent-health'
import { type AgentIndex, createAgentIndex, type RestartState } from './agent-index'
import { parseDefinition, rowOf, stateOf } from './rows'
import { changeState, insertAgent, timelineOf } from './timeline'
import { isLegal, wayBetween } from './transitions'

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
export interface Agents
  extends Pick<AgentIndex, 'page' | 'ids' | 'list' | 'summary' | 'countByState' | 'state' | 'name'> {
  /** @throws AGENT_001 */
  get(id: AgentId): AgentDetail
  /** @throws AGENT_007 when there are as many as may be */
  create(asking: Asking, definition: AgentDefinition): Promise<AgentDetail>
  /** Make a new version. @throws AGENT_003 when `baseVersion` is no longer the newest, AGENT_002 when it is retired */
  edit(
    asking: Asking,
    change: { id: AgentId; baseVersion: number; definition: AgentDefinition; note: string },
  ): Promise<AgentDetail>
  timeline(id: AgentId): StateChange[]
  /** One version of the definition. @throws AGENT_001 */
  definition(sql: Sql, id: AgentId, version: number): AgentDefinition
  /**
   * Change the state by compare-and-set, within the caller's transaction.
   * @throws AGENT_002 when the live state does not allow it
   */
  move(tx: Tx, move: Move): void
  /** The same by way of other states, each step written. @throws AGENT_002 when there is no way */
  moveOver(tx: Tx, move: Move, over: readonly AgentState[]): void
  /** Hear of each change of state once it is on the disk. */
  onMoved(listener: (id: AgentId, to: AgentState) => void): () => void
  /** What is known of all agents without asking the database. */
  readonly index: AgentIndex
}

export const createAgents = (ports: {
  gate: Gate
  store: Store
  clock: Clock
  events: Events
  newId: NewId
  maxAgents: number
  /** Of recovery. */
  restartState: (id: AgentId) => RestartState
}): Agents => {
  const { gate, store, clock, events, newId, maxAgents } = ports
  const index = createAgentIndex({ sql: store, restartState: ports.restartState })
  const listeners = new Set<(id: AgentId, to: AgentState) => void>()
  /** Made in transactions that are not on the disk yet. */
  let beingMade = 0

  const get = (id: AgentId): AgentDetail => {
    const summary = index.summary(id)
    return {
      ...summary,
      definition: parseDefinition(rowOf(store, id).definition),
      health: healthOfAgent(summary, clock.nowMs()),
      versions: store
        .all<{ version: number; created_at: number; note: string }>(
          'SELECT version, created_at, note FROM agent_versions WHERE agent_id = :id ORDER BY version DESC',
          { id },
        )
        .map((version) => ({ version: version.version, createdAtMs: version.created_at, note: version.note })),
    }
  }

  const addVersion = (tx: Tx, id: AgentId, version: number, definition: AgentDefinition, note: string): void => {
    tx.run(
      `INSERT INTO agent_versions (agent_id, version, definition, note, created_at)
       VALUES (?, ?, ?, ?, ?)`,
      [id, version, JSON.stringify(definition), note, clock.nowMs()],
    )
  }

  /** One step of the table; false when the state is not `from`. */
  const step = (tx: Tx, { id, to, reason, correlationId }: Move, from: AgentState): boolean => {
    if (!isLegal(from, to))
      throw new RuntimeError('AGENT_002', `An agent that is ${from} cannot become ${to}.`, { details: { from, to } })
    const at = clock.nowMs()
    if (!changeState(tx, { id, from, to, reason, at, correlationId })) return false
    tx.onCommit(() => {
      index.moved(id, to, reason, at)
      events.publish('agents.changed', { id })
      for (const listener of listeners) listener(id, to)
    })
    return true
  }

  const move = (tx: Tx, asked: Move): void => {
    // Most often the state is what was last committed, so it need not be read first; who changed it meanwhile is in this transaction.
    const known = index.state(asked.id)
    if (known !== null && isLegal(known, asked.to) && step(tx, asked, known)) return
    if (!step(tx, asked, stateOf(tx, asked.id)))
      throw new RuntimeError('AGENT_002', 'The state of the agent changed meanwhile.')
  }

  return {
    page: index.page,
    ids: index.ids,
    list: index.list,
    summary: index.summary,
    countByState: index.countByState,
    state: index.state,
    name: index.name,
    index,
    get,

    async create({ caller, correlationId }, definition) {
      const id = newId<AgentId>()
      let counted = false
      let madeAtMs = 0
      try {
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
            const count = index.active() + beingMade
            if (count >= maxAgents)
              throw new RuntimeError('AGENT_007', `There are ${count} agents, and ${maxAgents} is the most allowed.`)
            counted = true
            beingMade += 1
            const at = clock.nowMs()
            madeAtMs = at
            insertAgent(tx, { id, at, correlationId })
            addVersion(tx, id, 1, definition, 'created')
            tx.onCommit(() => {
              index.added({ id, atMs: at, definition })
              beingMade -= 1
              counted = false
              events.publish('agents.changed', { id })
            })
          },
        )
      } finally {
        // The transaction was rolled back after it had counted.
        if (counted) beingMade -= 1
      }
      const summary = index.summary(id)
      return {
        ...summary,
        definition,
        health: healthOfAgent(summary, madeAtMs),
        versions: [{ version: 1, createdAtMs: madeAtMs, note: 'created' }],
      }
    },

    async edit({ caller, correlationId }, { id, baseVersion, definition, note }) {
      const before = parseDefinition(rowOf(store, id).definition)
      await gate.commit(
        {
          caller,
          correlationId,
          action: 'agent.edit',
          resource: before.name,
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
          const mode = parseDefinition(row.definition).executionMode
          if ((mode === 'external') !== (definition.executionMode === 'external'))
            throw new RuntimeError('AGENT_004', `An agent that is ${mode} cannot become ${definition.executionMode}.`, {
              nextStep: 'Make another agent with this execution mode.',
            })
          const version = baseVersion + 1
          addVersion(tx, id, version, definition, note)
          tx.run('UPDATE agents SET version = :version WHERE id = :id AND version = :baseVersion', {
            id,
            version,
            baseVersion,
          })
          tx.onCommit(() => {
            index.edited(id, version, definition)
            events.publish('agents.changed', { id })
          })
        },
      )
      return get(id)
    },

    timeline(id) {
      index.summary(id)
      return timelineOf(store, id)
    },

    definition(sql, id, version) {
      const row = sql.get<{ definition: string }>(
        'SELECT definition FROM agent_versions WHERE agent_id = :id AND version = :version',
        { id, version },
      )
      if (row === undefined) throw new RuntimeError('AGENT_001', 'There is no such agent or version of it.')
      return parseDefinition(row.definition)
    },

    move,

    moveOver(tx, asked, over) {
      let from = stateOf(tx, asked.id)
      const way = wayBetween(from, asked.to, over)
      if (way === null)
        throw new RuntimeError('AGENT_002', `An agent that is ${from} cannot become ${asked.to}.`, {
          details: { from, to: asked.to },
        })
      for (const to of way) {
        if (!step(tx, { ...asked, to }, from))
          throw new RuntimeError('AGENT_002', 'The state of the agent changed meanwhile.')
        from = to
      }
    },

    onMoved(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
