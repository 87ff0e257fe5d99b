import type { AgentId, AgentState } from '@contract'
import type { Events } from '../core'
import type { Store } from '../store'

/** What the bus knows of an agent. */
export interface KnownAgent {
  readonly id: AgentId
  readonly name: string
  readonly state: AgentState
  /** Its newest definition grants `messages`. */
  readonly takesPart: boolean
}

/** Which agents there are, without asking the database for each message. */
export interface Directory {
  agent(id: string): KnownAgent | null
  /** Those of this name that are not retired. */
  named(name: string): KnownAgent[]
  /** All that are not retired and take part. */
  reachable(): KnownAgent[]
  /** Part of the name, in any case. */
  nameHolds(id: string, text: string): boolean
  /** An agent was retired: nothing will be read by it any more. */
  onRetired(listener: (id: AgentId) => void): () => void
  close(): void
}

interface Row {
  id: AgentId
  state: AgentState
  name: string
  capabilities: string
}

const ROWS = `SELECT a.id, a.state, v.definition ->> 'name' AS name, v.definition ->> 'capabilities' AS capabilities
  FROM agents a JOIN agent_versions v ON v.agent_id = a.id AND v.version = a.version`

const known = (row: Row): KnownAgent => ({
  id: row.id,
  name: row.name,
  state: row.state,
  takesPart: (JSON.parse(row.capabilities) as readonly string[]).includes('messages'),
})

/** Read once when it is first needed, then one row for each agent that changed. */
export const createDirectory = ({ store, events }: { readonly store: Store; readonly events: Events }): Directory => {
  let agents: Map<string, KnownAgent> | null = null
  const byName = new Map<string, Set<string>>()
  const stale = new Set<string>()
  const listeners = new Set<(id: AgentId) => void>()

  const put = (agent: KnownAgent): void => {
    const former = agents?.get(agent.id)
    if (former !== undefined) byName.get(former.name)?.delete(former.id)
    agents?.set(agent.id, agent)
    const ids = byName.get(agent.name) ?? new Set()
    byName.set(agent.name, ids.add(agent.id))
  }

  const current = (): ReadonlyMap<string, KnownAgent> => {
    if (agents === null) {
      agents = new Map()
      for (const row of store.all<Row>(ROWS)) put(known(row))
      stale.clear()
    }
    for (const id of stale) {
      stale.delete(id)
      const row = store.get<Row>(`${ROWS} WHERE a.id = :id`, { id })
      if (row !== undefined) put(known(row))
    }
    return agents
  }

  const stop = events.subscribe(({ topic, payload }) => {
    if (topic !== 'agents.changed' || !('id' in payload) || typeof payload.id !== 'string') return
    stale.add(payload.id)
    if (listeners.size === 0) return
    const agent = current().get(payload.id)
    if (agent?.state === 'Terminated') for (const listener of listeners) listener(agent.id)
  })

  const alive = (agent: KnownAgent): boolean => agent.state !== 'Terminated' && agent.state !== 'Terminating'

  return {
    agent: (id) => current().get(id) ?? null,
    named(name) {
      const all = current()
      return [...(byName.get(name) ?? [])].flatMap((id) => all.get(id) ?? []).filter(alive)
    },
    reachable: () => [...current().values()].filter((agent) => agent.takesPart && alive(agent)),
    nameHolds: (id, text) => current().get(id)?.name.toLowerCase().includes(text) ?? false,
    onRetired(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    close() {
      stop()
      listeners.clear()
    },
  }
}
