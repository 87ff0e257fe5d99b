import type {
  AgentDefinition,
  AgentFilter,
  AgentId,
  AgentSort,
  AgentState,
  AgentSummary,
  ExecutionId,
  ExecutionState,
} from '@contract'
import { PRIORITIES } from '@contract'
import type { z } from 'zod'
import { RuntimeError } from '../core'
import type { Sql } from '../store'
import { AGENT_SQL, type AgentRow, parseDefinition, type RunRow } from './rows'
import { createSortedList, type SortedList as SortedListOf } from './sorted-list'
import { actionsOf } from './transitions'

type Sort = z.infer<typeof AgentSort>
export type RestartState = AgentSummary['restarts']

/** One window of the agents, as `agents.page` answers it. */
export interface AgentPage {
  readonly items: AgentSummary[]
  /** Agents that the filter leaves, and agents in all. */
  readonly matched: number
  readonly total: number
  /** Of what the filter leaves when its states are set aside, so that the counts beside each state stay. */
  readonly countByState: Partial<Record<AgentState, number>>
}

/** What the list shows of a definition. */
type Head = Pick<
  AgentDefinition,
  'name' | 'description' | 'securityTier' | 'priority' | 'executionMode' | 'heartbeatIntervalMs'
>

/** One agent as it is known without asking the database. */
interface Entry {
  readonly id: AgentId
  readonly createdAtMs: number
  state: AgentState
  stateReason: string | null
  stateChangedAtMs: number
  version: number
  head: Head
  lastHeartbeatAtMs: number | null
  last: RunRow | null
  readonly open: Map<ExecutionId, ExecutionState>
  /** undefined: not asked yet. */
  restarts: RestartState | undefined
  /** What a search looks through, lower case. */
  text: string
}

/**
 * All agents as a list shows them, in memory: read once, then kept true by every commit. A page of thousands costs no
 * query. Invariant L6: after each commit it says what the tables say.
 */
export interface AgentIndex {
  page(query: { filter: AgentFilter; sort: Sort; offset: number; limit: number }): AgentPage
  ids(query: { filter: AgentFilter; sort: Sort; limit: number }): AgentId[]
  /** Newest first. */
  list(states?: readonly AgentState[]): AgentSummary[]
  /** @throws AGENT_001 */
  summary(id: AgentId): AgentSummary
  state(id: AgentId): AgentState | null
  name(id: AgentId): string | null
  countByState(): Partial<Record<AgentState, number>>
  /** Agents that are not retired. */
  active(): number
  /** Runs that wait and runs under way, over all agents. */
  runs(): { queued: number; live: number }
  /** External agents that have reported: who, since when, how often they should. */
  reporting(): { id: AgentId; state: AgentState; intervalMs: number }[]

  // Called after the commit of what they tell.
  added(agent: { id: AgentId; atMs: number; definition: AgentDefinition }): void
  edited(id: AgentId, version: number, definition: AgentDefinition): void
  moved(id: AgentId, to: AgentState, reason: string, atMs: number): void
  reported(id: AgentId, atMs: number): void
  run(row: RunRow): void
  restartsChanged(id: AgentId): void
}

type Order = (a: Entry, b: Entry) => number
type SortedList = SortedListOf<Entry>

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byAge: Order = (a, b) => byText(a.id, b.id)

const ORDERS: Readonly<Record<Sort['by'], Order>> = {
  created: byAge,
  name: (a, b) => byText(a.text, b.text) || byAge(a, b),
  state: (a, b) => byText(a.state, b.state) || byAge(a, b),
  changed: (a, b) => a.stateChangedAtMs - b.stateChangedAtMs || byAge(a, b),
  priority: (a, b) => PRIORITIES.indexOf(a.head.priority) - PRIORITIES.indexOf(b.head.priority) || byAge(a, b),
}

const headOf = (definition: Head): Head => ({
  name: definition.name,
  description: definition.description,
  securityTier: definition.securityTier,
  priority: definition.priority,
  executionMode: definition.executionMode,
  heartbeatIntervalMs: definition.heartbeatIntervalMs,
})

/** The name first, so that the text also serves to sort by it. */
const textOf = (id: AgentId, head: Head): string => `${head.name}\n${head.description}\n${id}`.toLowerCase()

/** Only what a list shows: the programs of thousands of agents need not be parsed for it. */
const HEADS_SQL = AGENT_SQL.replace(
  'v.definition',
  `json_object('name', v.definition ->> 'name', 'description', v.definition ->> 'description',
     'securityTier', v.definition ->> 'securityTier', 'priority', v.definition ->> 'priority',
     'executionMode', v.definition ->> 'executionMode',
     'heartbeatIntervalMs', coalesce(v.definition ->> 'heartbeatIntervalMs', 30000)) AS definition`,
)
const RUN_SQL = 'SELECT id, agent_id, state, started_at, ended_at, end_cause FROM executions'

export const createAgentIndex = (ports: { sql: Sql; restartState: (id: AgentId) => RestartState }): AgentIndex => {
  const { sql } = ports
  const entries = new Map<AgentId, Entry>()
  const counts = new Map<AgentState, number>()
  const totals = { queued: 0, live: 0 }
  /** One sorted list for each order that was asked for, put right when it is asked for again. */
  const sorted = new Map<Sort['by'], SortedList>()

  const touch = (entry: Entry, orders: readonly Sort['by'][]): void => {
    for (const by of orders) sorted.get(by)?.changed(entry)
  }
  const count = (state: AgentState, change: number): void => {
    counts.set(state, (counts.get(state) ?? 0) + change)
  }
  const tally = (state: ExecutionState | undefined, change: number): void => {
    if (state === undefined) return
    totals[state === 'queued' ? 'queued' : 'live'] += change
  }

  const add = (entry: Entry): void => {
    entries.set(entry.id, entry)
    count(entry.state, 1)
    for (const known of sorted.values()) known.changed(entry)
  }

  const noteRun = (row: RunRow): void => {
    const entry = entries.get(row.agent_id)
    if (entry === undefined) return
    tally(entry.open.get(row.id), -1)
    entry.open.delete(row.id)
    if (row.ended_at === null) {
      entry.open.set(row.id, row.state)
      tally(row.state, 1)
    }
    if (entry.last === null || row.id >= entry.last.id) entry.last = row
  }

  for (const row of sql.all<AgentRow>(`${HEADS_SQL} ORDER BY a.id`)) {
    const head = headOf(parseDefinition(row.definition))
    add({
      id: row.id,
      createdAtMs: row.created_at,
      state: row.state,
      stateReason: row.state_reason,
      stateChangedAtMs: row.state_changed_at,
      version: row.version,
      head,
      lastHeartbeatAtMs: row.last_heartbeat_at,
      last: null,
      open: new Map(),
      restarts: undefined,
      text: textOf(row.id, head),
    })
  }
  for (const row of sql.all<RunRow>(`${RUN_SQL} WHERE id IN (SELECT max(id) FROM executions GROUP BY agent_id)`))
    noteRun(row)
  for (const row of sql.all<RunRow>(`${RUN_SQL} WHERE ended_at IS NULL`)) noteRun(row)

  const show = (entry: Entry): AgentSummary => {
    if (entry.restarts === undefined) entry.restarts = ports.restartState(entry.id)
    const { head, last, restarts } = entry
    let queuedRuns = 0
    for (const state of entry.open.values()) if (state === 'queued') queuedRuns += 1
    return {
      id: entry.id,
      name: head.name,
      description: head.description,
      state: entry.state,
      stateReason: entry.stateReason,
      mode: head.executionMode,
      tier: head.securityTier,
      priority: head.priority,
      version: entry.version,
      createdAtMs: entry.createdAtMs,
      stateChangedAtMs: entry.stateChangedAtMs,
      lastExecution:
        last === null
          ? null
          : {
              id: last.id,
              state: last.state,
              startedAtMs: last.started_at,
              endedAtMs: last.ended_at,
              endCause: last.end_cause,
            },
      queuedRuns,
      liveRuns: entry.open.size - queuedRuns,
      restarts,
      lastHeartbeatAtMs: entry.lastHeartbeatAtMs,
      actions: [...actionsOf(entry.state, head.executionMode)],
    }
  }

  const inOrder = (by: Sort['by']): readonly Entry[] => {
    const known = sorted.get(by) ?? createSortedList([...entries.values()], ORDERS[by])
    sorted.set(by, known)
    return known.inOrder()
  }

  /** Everything of a filter but its states; null when nothing is left to ask. */
  const testOf = (filter: AgentFilter): ((entry: Entry) => boolean) | null => {
    const text = filter.text?.trim().toLowerCase() ?? ''
    const { tiers, modes, priorities } = filter
    if (text === '' && tiers === undefined && modes === undefined && priorities === undefined) return null
    return ({ head, text: own }) =>
      (text === '' || own.includes(text)) &&
      (tiers === undefined || tiers.includes(head.securityTier)) &&
      (modes === undefined || modes.includes(head.executionMode)) &&
      (priorities === undefined || priorities.includes(head.priority))
  }

  const countsNow = (): Partial<Record<AgentState, number>> =>
    Object.fromEntries([...counts].filter(([, number]) => number > 0))

  const select = (filter: AgentFilter, sort: Sort) => {
    const list = inOrder(sort.by)
    const test = testOf(filter)
    const { states } = filter
    const at = (index: number): Entry | undefined => list[sort.descending ? list.length - 1 - index : index]
    if (test === null && states === undefined) return { at, matched: list.length, countByState: countsNow() }
    const left: Entry[] = []
    const found = new Map<AgentState, number>()
    for (let index = 0; index < list.length; index += 1) {
      const entry = at(index)
      if (entry === undefined || (test !== null && !test(entry))) continue
      found.set(entry.state, (found.get(entry.state) ?? 0) + 1)
      if (states === undefined || states.includes(entry.state)) left.push(entry)
    }
    const countByState = Object.fromEntries(found) as Partial<Record<AgentState, number>>
    return { at: (index: number): Entry | undefined => left[index], matched: left.length, countByState }
  }

  const slice = (selected: ReturnType<typeof select>, offset: number, limit: number): Entry[] => {
    const window: Entry[] = []
    const end = Math.min(offset + limit, selected.matched)
    for (let index = offset; index < end; index += 1) {
      const entry = selected.at(index)
      if (entry !== undefined) window.push(entry)
    }
    return window
  }

  return {
    page({ filter, sort, offset, limit }) {
      const selected = select(filter, sort)
      return {
        items: slice(selected, offset, limit).map(show),
        matched: selected.matched,
        total: entries.size,
        countByState: selected.countByState,
      }
    },
    ids: ({ filter, sort, limit }) => slice(select(filter, sort), 0, limit).map(({ id }) => id),
    list: (states) =>
      inOrder('created')
        .filter((entry) => states === undefined || states.includes(entry.state))
        .map(show)
        .reverse(),
    summary(id) {
      const entry = entries.get(id)
      if (entry === undefined)
        throw new RuntimeError('AGENT_001', 'There is no agent with this id.', { details: { id } })
      return show(entry)
    },
    state: (id) => entries.get(id)?.state ?? null,
    name: (id) => entries.get(id)?.head.name ?? null,
    countByState: countsNow,
    active: () => entries.size - (counts.get('Terminated') ?? 0),
    runs: () => ({ ...totals }),
    reporting: () =>
      [...entries.values()]
        .filter((entry) => entry.head.executionMode === 'external' && entry.lastHeartbeatAtMs !== null)
        .map((entry) => ({ id: entry.id, state: entry.state, intervalMs: entry.head.heartbeatIntervalMs })),

    added({ id, atMs, definition }) {
      const head = headOf(definition)
      add({
        id,
        createdAtMs: atMs,
        state: 'Created',
        stateReason: null,
        stateChangedAtMs: atMs,
        version: 1,
        head,
        lastHeartbeatAtMs: null,
        last: null,
        open: new Map(),
        restarts: null,
        text: textOf(id, head),
      })
    },
    edited(id, version, definition) {
      const entry = entries.get(id)
      if (entry === undefined) return
      entry.version = version
      entry.head = headOf(definition)
      entry.text = textOf(id, entry.head)
      touch(entry, ['name', 'priority'])
    },
    moved(id, to, reason, atMs) {
      const entry = entries.get(id)
      if (entry === undefined) return
      count(entry.state, -1)
      count(to, 1)
      entry.state = to
      entry.stateReason = reason
      entry.stateChangedAtMs = atMs
      touch(entry, ['state', 'changed'])
    },
    reported(id, atMs) {
      const entry = entries.get(id)
      if (entry !== undefined) entry.lastHeartbeatAtMs = atMs
    },
    run: noteRun,
    restartsChanged(id) {
      const entry = entries.get(id)
      if (entry !== undefined) entry.restarts = undefined
    },
  }
}
