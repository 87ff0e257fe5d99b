import type { Json, ServerId, Tool, ToolDetail, ToolId, ToolStatus } from '@contract'
import { type Clock, type Events, type NewId, RuntimeError, stableStringify } from '../core'
import type { Sql, Store, Tx } from '../store'
import type { OfferedTool } from './definition'
import { findHiddenCharacters } from './hidden-characters'

export interface ServerEntry {
  readonly id: ServerId
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly addedAtMs: number
}

export interface ToolEntry {
  readonly id: ToolId
  readonly serverId: ServerId
  readonly serverName: string
  readonly name: string
  readonly status: ToolStatus
  readonly digest: string
  readonly definition: Json
  readonly decidedDigest: string | null
  readonly decidedReason: string | null
}

export interface Decision {
  readonly toolId: ToolId
  /** Of the definition that was on the screen. */
  readonly digest: string
  readonly decision: 'approve' | 'reject'
  readonly reason: string
}

/** What a new list of a server changed. */
export interface ListChange {
  readonly added: string[]
  readonly changed: string[]
  readonly gone: string[]
  readonly returned: string[]
}

/** The tables of tool servers and tools. Writes join the caller's transaction. */
export interface Catalogue {
  servers(): ServerEntry[]
  server(id: ServerId): ServerEntry | undefined
  counts(id: ServerId): { readonly toolCount: number; readonly pendingCount: number }
  tools(statuses?: readonly ToolStatus[]): Tool[]
  /** @throws REVIEW_002 */
  tool(id: ToolId): ToolDetail
  /** By `server.tool`. */
  entry(qualifiedName: string): ToolEntry | undefined
  approved(): ToolEntry[]
  /** @throws MCP_003 when the name is taken */
  addServer(tx: Tx, server: ServerEntry): void
  /** @throws MCP_003 when it is not known */
  removeServer(tx: Tx, id: ServerId): void
  /** Take over what a server offers now; statuses follow from the decisions that were made. */
  takeOver(tx: Tx, serverId: ServerId, offered: ReadonlyMap<string, OfferedTool>): ListChange
  /** @throws REVIEW_002, REVIEW_003 when something else is offered by now */
  decide(tx: Tx, decision: Decision): Tool
}

interface ServerRow {
  id: ServerId
  name: string
  command: string
  args: string
  added_at: number
}

interface ToolRow {
  id: ToolId
  server_id: ServerId
  server_name: string
  name: string
  status: ToolStatus
  digest: string
  definition: string
  offered_at: number
  decision: 'approve' | 'reject' | null
  decided_at: number | null
  decided_reason: string | null
  decided_digest: string | null
  decided_definition: string | null
}

const TOOLS =
  'SELECT tools.*, tool_servers.name AS server_name FROM tools JOIN tool_servers ON tool_servers.id = server_id'

/** A decision holds for the definition it was made on, and for no other. */
const statusOf = (row: Pick<ToolRow, 'decision' | 'decided_digest'>, digest: string): ToolStatus => {
  if (row.decision === null) return 'pending'
  if (row.decided_digest !== digest) return 'changed'
  return row.decision === 'approve' ? 'approved' : 'rejected'
}

const toTool = (row: ToolRow): Tool => ({
  id: row.id,
  serverId: row.server_id,
  serverName: row.server_name,
  name: row.name,
  qualifiedName: `${row.server_name}.${row.name}`,
  status: row.status,
  digest: row.digest,
  offeredAtMs: row.offered_at,
  decidedAtMs: row.decided_at,
  decidedReason: row.decided_reason,
})

const toServer = (row: ServerRow): ServerEntry => ({
  id: row.id,
  name: row.name,
  command: row.command,
  args: JSON.parse(row.args) as string[],
  addedAtMs: row.added_at,
})

const toEntry = (row: ToolRow): ToolEntry => ({
  id: row.id,
  serverId: row.server_id,
  serverName: row.server_name,
  name: row.name,
  status: row.status,
  digest: row.digest,
  definition: JSON.parse(row.definition) as Json,
  decidedDigest: row.decided_digest,
  decidedReason: row.decided_reason,
})

export const createCatalogue = (ports: { store: Store; clock: Clock; events: Events; newId: NewId }): Catalogue => {
  const { store, clock, events, newId } = ports

  const rowOf = (sql: Sql, id: ToolId): ToolRow => {
    const row = sql.get<ToolRow>(`${TOOLS} WHERE tools.id = :id`, { id })
    if (row === undefined) throw new RuntimeError('REVIEW_002', 'There is no such tool.')
    return row
  }
  const rowsOf = (sql: Sql, serverId: ServerId): ToolRow[] =>
    sql.all<ToolRow>(`${TOOLS} WHERE server_id = :serverId ORDER BY tools.name`, { serverId })
  const announce = (tx: Tx, id: ToolId): void => tx.onCommit(() => events.publish('tools.changed', { id }))
  const announceServer = (tx: Tx, id: ServerId): void => tx.onCommit(() => events.publish('servers.changed', { id }))

  const insert = (tx: Tx, serverId: ServerId, tool: OfferedTool): void => {
    const id = newId<ToolId>()
    tx.run(
      `INSERT INTO tools (id, server_id, name, status, digest, definition, offered_at)
       VALUES (:id, :serverId, :name, 'pending', :digest, :definition, :now)`,
      {
        id,
        serverId,
        name: tool.name,
        digest: tool.digest,
        definition: JSON.stringify(tool.definition),
        now: clock.nowMs(),
      },
    )
    announce(tx, id)
  }

  const update = (tx: Tx, row: ToolRow, next: { status: ToolStatus; tool: OfferedTool | null }): void => {
    const { status, tool } = next
    if (status === row.status && (tool === null || tool.digest === row.digest)) return
    const isNew = tool !== null && tool.digest !== row.digest
    tx.run(
      'UPDATE tools SET status = :status, digest = :digest, definition = :definition, offered_at = :offered WHERE id = :id',
      {
        id: row.id,
        status,
        digest: isNew ? tool.digest : row.digest,
        definition: isNew ? JSON.stringify(tool.definition) : row.definition,
        offered: isNew ? clock.nowMs() : row.offered_at,
      },
    )
    announce(tx, row.id)
  }

  return {
    servers: () => store.all<ServerRow>('SELECT * FROM tool_servers ORDER BY name').map(toServer),
    server(id) {
      const row = store.get<ServerRow>('SELECT * FROM tool_servers WHERE id = :id', { id })
      return row === undefined ? undefined : toServer(row)
    },
    counts(id) {
      const row = store.get<{ tools: number; waiting: number }>(
        `SELECT count(*) FILTER (WHERE status <> 'gone') AS tools,
                count(*) FILTER (WHERE status IN ('pending', 'changed')) AS waiting
         FROM tools WHERE server_id = :id`,
        { id },
      )
      return { toolCount: row?.tools ?? 0, pendingCount: row?.waiting ?? 0 }
    },
    tools: (statuses) =>
      store
        .all<ToolRow>(`${TOOLS} ORDER BY server_name, tools.name`)
        .filter((row) => statuses === undefined || statuses.includes(row.status))
        .map(toTool),
    tool(id) {
      const row = rowOf(store, id)
      const definition = JSON.parse(row.definition) as Json
      const differs = row.decided_digest !== null && row.decided_digest !== row.digest
      return {
        ...toTool(row),
        definition,
        decidedDefinition:
          differs && row.decided_definition !== null ? (JSON.parse(row.decided_definition) as Json) : null,
        hiddenCharacters: findHiddenCharacters(definition),
      }
    },
    entry(qualifiedName) {
      // A server's name holds no dot, so the first one is the border.
      const dot = qualifiedName.indexOf('.')
      if (dot < 0) return undefined
      const row = store.get<ToolRow>(`${TOOLS} WHERE tool_servers.name = :server AND tools.name = :name`, {
        server: qualifiedName.slice(0, dot),
        name: qualifiedName.slice(dot + 1),
      })
      return row === undefined ? undefined : toEntry(row)
    },
    approved: () =>
      store.all<ToolRow>(`${TOOLS} WHERE status = 'approved' ORDER BY server_name, tools.name`).map(toEntry),

    addServer(tx, server) {
      const taken = tx.get('SELECT 1 FROM tool_servers WHERE name = :name', { name: server.name })
      if (taken !== undefined) throw new RuntimeError('MCP_003', `There is a tool server named ${server.name} already.`)
      tx.run(
        `INSERT INTO tool_servers (id, name, transport, command, args, added_at)
         VALUES (:id, :name, 'stdio', :command, :args, :addedAtMs)`,
        {
          id: server.id,
          name: server.name,
          command: server.command,
          args: JSON.stringify(server.args),
          addedAtMs: server.addedAtMs,
        },
      )
      announceServer(tx, server.id)
    },

    removeServer(tx, id) {
      const tools = rowsOf(tx, id)
      if (tx.run('DELETE FROM tool_servers WHERE id = :id', { id }) === 0)
        throw new RuntimeError('MCP_003', 'There is no such tool server.')
      announceServer(tx, id)
      for (const tool of tools) announce(tx, tool.id)
    },

    takeOver(tx, serverId, offered) {
      const change: ListChange = { added: [], changed: [], gone: [], returned: [] }
      const known = rowsOf(tx, serverId)
      for (const row of known) {
        const tool = offered.get(row.name)
        if (tool === undefined) {
          if (row.status !== 'gone') change.gone.push(row.name)
          update(tx, row, { status: 'gone', tool: null })
          continue
        }
        if (tool.digest !== row.digest) change.changed.push(row.name)
        else if (row.status === 'gone') change.returned.push(row.name)
        update(tx, row, { status: statusOf(row, tool.digest), tool })
      }
      const names = new Set(known.map((row) => row.name))
      for (const tool of offered.values()) {
        if (names.has(tool.name)) continue
        change.added.push(tool.name)
        insert(tx, serverId, tool)
      }
      if (Object.values(change).some((list) => list.length > 0)) announceServer(tx, serverId)
      return change
    },

    decide(tx, { toolId, digest, decision, reason }) {
      const row = rowOf(tx, toolId)
      if (row.status === 'gone' || row.digest !== digest)
        throw new RuntimeError('REVIEW_003', 'The tool is offered with another definition by now, or no longer at all.')
      const status = decision === 'approve' ? 'approved' : 'rejected'
      tx.run(
        `UPDATE tools SET status = :status, decision = :decision, decided_at = :now, decided_reason = :reason,
           decided_digest = digest, decided_definition = definition WHERE id = :toolId`,
        { toolId, status, decision, reason, now: clock.nowMs() },
      )
      announce(tx, toolId)
      announceServer(tx, row.server_id)
      return toTool(rowOf(tx, toolId))
    },
  }
}

/** Whether two lists are the same, whatever the order of their tools and keys. */
export const sameOffer = (a: ReadonlyMap<string, OfferedTool>, b: ReadonlyMap<string, OfferedTool>): boolean => {
  const digests = (offer: ReadonlyMap<string, OfferedTool>): string =>
    stableStringify([...offer.values()].map((tool) => tool.digest).sort())
  return digests(a) === digests(b)
}
