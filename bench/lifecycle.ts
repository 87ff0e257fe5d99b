/**
 * Claims: an agent is made in well under a millisecond and changes its state in tens of microseconds, each decided, recorded
 * and on the disk when it is acknowledged; a page of a list of thousands costs no query.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentDefinition, AgentId, CorrelationId } from '@contract'
import { type Agents, createAgents, loadTemplates } from '../src-main/engine/agents'
import { createAudit } from '../src-main/engine/audit'
import {
  createEvents,
  createIds,
  createRedactor,
  engineCaller,
  messageOf,
  silentLog,
  systemClock,
} from '../src-main/engine/core'
import { type Gate, openGate } from '../src-main/engine/gate'
import { createPolicy } from '../src-main/engine/policy'
import { openStore, type Store } from '../src-main/engine/store'
import { asking, withFolder } from './bench-engine'
import { ROOT } from './electron-app'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

/** Acts that wait for their own commit each, as many people and runs at once do. */
const WRITERS = 256
/** What is compared takes turns, so that a slow moment of the machine meets both sides. */
const TURNS = 20
/** The list that the claim is about. */
const LISTED = 5_000
const PAGE = 100

interface Parts {
  readonly store: Store
  readonly gate: Gate
  readonly agents: Agents
  readonly definition: AgentDefinition
  close(): Promise<void>
}

const openParts = async (dir: string): Promise<Parts> => {
  const clock = systemClock
  const events = createEvents((error) => process.stderr.write(`${messageOf(error)}\n`))
  const store = openStore({ dir, clock, log: silentLog, inBackground: true })
  const redactor = createRedactor()
  const newId = createIds(clock)
  const policy = createPolicy({
    path: join(dir, 'policy.yaml'),
    defaultText: await readFile(join(ROOT, 'resources', 'policies', 'default.yaml'), 'utf8'),
    clock,
    events,
    log: silentLog,
  })
  const audit = createAudit({ store, clock, events, redactor })
  const { gate } = openGate({ policy, audit, store, clock, events, redactor, newId, log: silentLog })
  const agents = createAgents({
    gate,
    store,
    clock,
    events,
    newId,
    maxAgents: 1_000_000,
    restartState: () => null,
  })
  const template = (await loadTemplates(join(ROOT, 'resources', 'templates'))).find(({ id }) => id === 'hello')
  if (template === undefined) throw new Error('There is no template.')
  return {
    store,
    gate,
    agents,
    definition: template.definition,
    async close() {
      policy.close()
      await store.close()
    },
  }
}

/** Let many do it at once until all are done; the time of each one's share, in microseconds. */
const shareOf = async (acts: number, act: (n: number) => Promise<unknown>): Promise<number> => {
  let next = 0
  const writer = async (): Promise<void> => {
    while (next < acts) {
      next += 1
      await act(next)
    }
  }
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: WRITERS }, writer))
  return ((performance.now() - startedMs) * 1_000) / acts
}

const measureCreate = async ({ store, agents, definition }: Parts, acts: number): Promise<BenchResult[]> => {
  const newId = createIds(systemClock)
  const text = JSON.stringify(definition)
  const create = (n: number): Promise<unknown> =>
    agents.create(asking(), { ...definition, name: `Agent ${String(n).padStart(5, '0')}` })
  const rows = (): Promise<unknown> =>
    store.write((tx) => {
      const id = newId()
      const at = Date.now()
      tx.run(
        `INSERT INTO agents (id, state, state_reason, state_changed_at, version, created_at, last_change)
         VALUES (?, 'Created', NULL, ?, 1, ?, 0)`,
        [id, at, at],
      )
      tx.run(
        `INSERT INTO agent_versions (agent_id, version, definition, note, created_at)
         VALUES (:id, 1, :text, 'created', :at)`,
        { id, text, at },
      )
      tx.run(
        `INSERT INTO state_changes (agent_id, at, from_state, to_state, reason, correlation_id)
         VALUES (:id, :at, NULL, 'Created', 'created', :id)`,
        { id, at },
      )
    })
  const samples: number[] = []
  const bare: number[] = []
  const alone: number[] = []
  await shareOf(acts, create)
  for (let turn = 0; turn < TURNS; turn += 1) {
    samples.push(await shareOf(acts, create))
    bare.push(await shareOf(acts, rows))
  }
  for (let n = 0; n < acts; n += 1) {
    const startedMs = performance.now()
    await create(n)
    alone.push((performance.now() - startedMs) * 1_000)
  }
  // The rows of the other side belong to no agent that is known.
  const baseline = { name: 'the same rows written and synced by the same store', samples: bare }
  return [
    toResult({ name: 'lifecycle.create', unit: 'µs', samples, baseline }),
    toResult({ name: 'lifecycle.create-alone', unit: 'µs', samples: alone }),
  ]
}

const measureTransition = async (parts: Parts, acts: number): Promise<BenchResult> => {
  const { store, gate, agents, definition } = parts
  const ids: AgentId[] = []
  const newId = createIds(systemClock)
  const correlationId = newId<CorrelationId>()
  for (let n = 0; n < WRITERS; n += 1) {
    const { id } = await agents.create(asking(), { ...definition, name: `Mover ${n}` })
    await store.write((tx) => {
      for (const to of ['Initializing', 'Ready'] as const)
        agents.move(tx, { id, to, reason: 'made ready', correlationId })
    })
    ids.push(id)
  }
  const at = (n: number): AgentId => ids[n % WRITERS] ?? newId()
  const move = (n: number): Promise<unknown> => {
    const id = at(n)
    const to = agents.state(id) === 'Ready' ? 'Suspended' : 'Ready'
    return gate.commit(
      {
        caller: engineCaller('lifecycle'),
        accountOf: 'fact',
        correlationId,
        action: 'agent.suspend',
        resource: definition.name,
        tier: definition.securityTier,
        details: { agentId: id },
      },
      (tx) => agents.move(tx, { id, to, reason: 'measured', correlationId }),
    )
  }
  const rows = (n: number): Promise<unknown> =>
    store.write((tx) => {
      const id = at(n)
      const now = Date.now()
      tx.run(
        `INSERT INTO state_changes (agent_id, at, from_state, to_state, reason, correlation_id, prev)
         VALUES (?, ?, 'Ready', 'Ready', 'measured', ?, (SELECT last_change FROM agents WHERE id = ?))`,
        [id, now, correlationId, id],
      )
      tx.run(
        `UPDATE agents SET state_reason = ?, state_changed_at = ?, last_change = last_insert_rowid()
         WHERE id = ? AND state <> 'Failed'`,
        [`measured ${n}`, now, id],
      )
    })
  const samples: number[] = []
  const bare: number[] = []
  await shareOf(acts, move)
  for (let turn = 0; turn < TURNS; turn += 1) {
    samples.push(await shareOf(acts, move))
    bare.push(await shareOf(acts, rows))
  }
  const baseline = { name: 'the same rows written and synced by the same store', samples: bare }
  return toResult({ name: 'lifecycle.transition', unit: 'µs', samples, baseline })
}

const measureList = async ({ store, agents, definition }: Parts, calls: number): Promise<BenchResult[]> => {
  await shareOf(LISTED, (n) => agents.create(asking(), { ...definition, name: `Listed ${String(n).padStart(5, '0')}` }))
  const pages: number[] = []
  const searches: number[] = []
  const queries: number[] = []
  const sorts = ['created', 'name', 'state', 'changed', 'priority'] as const
  const [mover] = agents.ids({ filter: {}, sort: { by: 'name', descending: false }, limit: 1 })
  if (mover === undefined) throw new Error('There is nobody to move.')
  const correlationId = createIds(systemClock)<CorrelationId>()
  await store.write((tx) => agents.move(tx, { id: mover, to: 'Initializing', reason: 'made ready', correlationId }))
  await store.write((tx) => agents.move(tx, { id: mover, to: 'Ready', reason: 'made ready', correlationId }))
  for (let n = 0; n < calls; n += 1) {
    // Something changes between two looks, as it does.
    await store.write((tx) => {
      const to = agents.state(mover) === 'Ready' ? 'Suspended' : 'Ready'
      agents.move(tx, { id: mover, to, reason: 'measured', correlationId })
    })
    const by = sorts[n % sorts.length] ?? 'created'
    const offset = (n * PAGE) % (LISTED - PAGE)
    let startedMs = performance.now()
    agents.page({ filter: {}, sort: { by, descending: n % 2 === 0 }, offset, limit: PAGE })
    pages.push((performance.now() - startedMs) * 1_000)
    startedMs = performance.now()
    agents.page({ filter: { text: '9', states: ['Created'] }, sort: { by, descending: true }, offset: 0, limit: PAGE })
    searches.push((performance.now() - startedMs) * 1_000)
    startedMs = performance.now()
    store.all('SELECT * FROM agents ORDER BY id DESC LIMIT :limit OFFSET :offset', { limit: PAGE, offset })
    queries.push((performance.now() - startedMs) * 1_000)
  }
  const baseline = { name: 'the rows of one table alone, by a query for as many', samples: queries }
  return [
    toResult({ name: `lifecycle.page-of-${PAGE}-in-${LISTED}`, unit: 'µs', samples: pages, baseline }),
    toResult({ name: `lifecycle.search-in-${LISTED}`, unit: 'µs', samples: searches, baseline }),
  ]
}

const withParts = async <T>(dir: string, use: (parts: Parts) => Promise<T>): Promise<T> => {
  const parts = await openParts(dir)
  try {
    return await use(parts)
  } finally {
    await parts.close()
  }
}

const measure = async ({ calls, progress }: BenchOptions, dir: string): Promise<BenchResult[]> => {
  const acts = Math.max(WRITERS, Math.ceil(calls / 10))
  progress(`lifecycle: ${acts * TURNS} agents made`)
  const created = await withParts(join(dir, 'made'), (parts) => measureCreate(parts, acts))
  progress(`lifecycle: ${acts * TURNS * 5} changes of state`)
  const moved = await withParts(join(dir, 'moved'), (parts) => measureTransition(parts, acts * 5))
  progress(`lifecycle: pages of a list of ${LISTED}`)
  const listed = await withParts(join(dir, 'listed'), (parts) => measureList(parts, Math.max(500, calls)))
  return [...created, moved, ...listed]
}

export const lifecycle: Bench = {
  name: 'lifecycle',
  run: (options) => withFolder((folder) => measure(options, folder)),
}
