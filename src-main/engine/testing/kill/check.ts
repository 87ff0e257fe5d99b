import type { AgentId, AgentState, ExecutionId, ScheduleId } from '@contract'
import { isRuntimeError } from '../../core'
import type { Engine } from '../../engine'
import { holds, type Ledger, type Settled } from './ledger'
import { asAgent, asking } from './open-engine'
import { messageKey } from './said'

/** Docs, section 7: every change of state that may be. Written here again, so that the engine cannot vouch for itself. */
const DIAGRAM: Readonly<Record<AgentState, readonly AgentState[]>> = {
  Created: ['Initializing', 'Terminating'],
  Initializing: ['Ready', 'Failed', 'Terminating'],
  Ready: ['Running', 'Suspended', 'Terminating', 'Unreachable'],
  Running: ['Waiting', 'Suspended', 'Completed', 'Failed', 'Terminating'],
  Waiting: ['Running', 'Suspended', 'Failed', 'Terminating'],
  Suspended: ['Ready', 'Running', 'Terminating'],
  Completed: ['Ready', 'Terminating'],
  Failed: ['Initializing', 'Terminating'],
  Terminating: ['Terminated', 'Failed'],
  Terminated: [],
  Unreachable: ['Ready', 'Terminating'],
}

/** What waited when it was killed must have ended by itself by then. */
const QUEUE_WITHIN_MS = 45_000
const SETTLED_WITHIN_MS = 3_000

/** What is there, or null when it is not. */
const orNull = async (read: () => Promise<string> | string, gone: readonly string[]): Promise<string | null> => {
  try {
    return await read()
  } catch (error) {
    if (isRuntimeError(error) && gone.includes(error.code)) return null
    throw error
  }
}

const readers: Readonly<Record<string, (engine: Engine, id: string) => Promise<string | null>>> = {
  agent: (engine, id) =>
    orNull(() => {
      const { version, definition } = engine.agents.get(id as AgentId)
      return `${version} ${definition.description}`
    }, ['AGENT_001']),
  run: (engine, id) =>
    orNull(() => {
      const { state, endedAtMs } = engine.runs.get(id as ExecutionId)
      return endedAtMs === null ? 'asked' : state
    }, ['AGENT_006']),
  secret: (engine, name) => orNull(() => engine.secrets.reveal(asking(), name), ['SECRET_001']),
  schedule: (engine, id) => orNull(() => engine.schedules.get(id as ScheduleId).definition.name, ['SCHED_002']),
  message: (engine, place) =>
    orNull(async () => {
      const { state } = await engine.bus.get(place.split(':')[0] ?? '')
      return state === 'queued' || state === 'delivered' ? 'sent' : state
    }, ['COMM_007']),
  policy: async (engine) => engine.policy.view().text,
}

const actualOf = (engine: Engine, key: string): Promise<string | null> => {
  const [kind = '', ...rest] = key.split(':')
  const read = readers[kind]
  if (read === undefined) throw new Error(`nobody knows how to look up ${key}`)
  return read(engine, rest.join(':'))
}

const shown = (value: string | null | undefined): string => (value ?? 'nothing').slice(0, 60)

/** Each promise against what is there. A run that was asked for may have ended meanwhile. */
const checkPromises = async (engine: Engine, ledger: Ledger): Promise<{ faults: string[]; settled: Settled }> => {
  const faults: string[] = []
  const settled: Record<string, string | null> = {}
  for (const [key, promised] of Object.entries(ledger)) {
    const actual = await actualOf(engine, key)
    const right = key.startsWith('run:') && promised.kept === 'asked' ? actual !== null : holds(promised, actual)
    if (!right) faults.push(`${key}: "${shown(promised.kept)}" was acknowledged, and "${shown(actual)}" is there`)
    if (promised.tried.length > 0) settled[key] = actual
  }
  return { faults, settled }
}

interface Change {
  readonly agent_id: string
  readonly from_state: AgentState | null
  readonly to_state: AgentState
}

const checkStates = (engine: Engine): string[] => {
  const faults: string[] = []
  const last = new Map<string, AgentState>()
  for (const change of engine.store.all<Change>(
    'SELECT agent_id, from_state, to_state FROM state_changes ORDER BY seq',
  )) {
    const before = last.get(change.agent_id) ?? null
    const legal =
      change.from_state === null ? change.to_state === 'Created' : DIAGRAM[change.from_state].includes(change.to_state)
    if (!legal || before !== change.from_state)
      faults.push(
        `agent ${change.agent_id} went from ${change.from_state} to ${change.to_state} while it was ${before}`,
      )
    last.set(change.agent_id, change.to_state)
  }
  for (const { id, state } of engine.store.all<{ id: string; state: AgentState }>('SELECT id, state FROM agents'))
    if (last.get(id) !== state) faults.push(`agent ${id} is ${state}, but its timeline ends with ${last.get(id)}`)
  return faults
}

const countOf = (engine: Engine, sql: string): number => engine.store.get<{ n: number }>(sql)?.n ?? -1

/** A run that is open waits in the queue or is under way; there is no third place. */
const checkRuns = (engine: Engine): string[] => {
  const { queued, running } = engine.scheduler.status()
  const open = countOf(engine, 'SELECT count(*) AS n FROM executions WHERE ended_at IS NULL')
  const faults = open === queued + running ? [] : [`${open} runs are open: ${queued} wait and ${running} are under way`]
  const strays = countOf(
    engine,
    `SELECT count(*) AS n FROM run_queue q LEFT JOIN executions e ON e.id = q.execution_id
     WHERE e.id IS NULL OR e.ended_at IS NOT NULL OR e.state != 'queued'`,
  )
  return strays === 0 ? faults : [...faults, `${strays} runs wait in the queue that are not open`]
}

const checkRest = (engine: Engine): string[] => {
  const faults: string[] = []
  const { allocations } = engine.resources.overview()
  const { queued, running } = engine.scheduler.status()
  if (queued !== 0 || running !== 0) faults.push(`${queued} runs still wait and ${running} are still under way`)
  if (allocations.length !== 0) faults.push(`${allocations.length} grants are left`)
  const open = countOf(engine, 'SELECT count(*) AS n FROM executions WHERE ended_at IS NULL')
  if (open !== 0) faults.push(`${open} runs are open, and nothing waits or is under way`)
  return faults
}

/**
 * Read everything that waits, as its receivers would. What was acknowledged never comes again, what was promised and not
 * acknowledged comes, and nothing comes twice.
 */
const drainMessages = async (engine: Engine, ledger: Ledger, settled: Settled) => {
  const waits = new Map<string, Set<string>>()
  const done = new Set<string>()
  const faults: string[] = []
  for (const [key, { kept }] of Object.entries(ledger)) {
    const [kind, id = '', to = ''] = key.split(':')
    if (kind !== 'message') continue
    const isDone = (settled[key] ?? kept) === 'acknowledged'
    if (isDone) done.add(id)
    const waiting = waits.get(to) ?? new Set()
    waits.set(to, isDone ? waiting : waiting.add(id))
  }
  const read: Record<string, string> = {}
  for (const [to, waiting] of waits) {
    const reader = asAgent(engine, to as AgentId)
    const seen = new Set<string>()
    for (;;) {
      const received = await engine.bus.receive(reader, { max: 100, waitMs: 0 })
      if (received.length === 0) break
      for (const { id } of received) {
        if (done.has(id)) faults.push(`message ${id} came again after it was acknowledged`)
        if (seen.has(id)) faults.push(`message ${id} came twice`)
        seen.add(id)
        if (waiting.delete(id)) read[messageKey(id, to)] = 'acknowledged'
      }
      await engine.bus.acknowledge(
        reader,
        received.map(({ id }) => id),
      )
    }
    for (const id of waiting) faults.push(`message ${id} was acknowledged to its sender and never came`)
  }
  return { faults, read }
}

/** Resolves once it holds, or when the time is up. */
const until = async (holdsNow: () => boolean, withinMs: number): Promise<void> => {
  const endsAtMs = performance.now() + withinMs
  while (!holdsNow() && performance.now() < endsAtMs) await new Promise((resolve) => setTimeout(resolve, 25))
}

const isQuiet = (engine: Engine): boolean => {
  const { queued, running } = engine.scheduler.status()
  return queued === 0 && running === 0
}

/** What a killed engine left, once another one has opened its folder. */
export const check = async (
  engine: Engine,
  ledger: Ledger,
): Promise<{ checked: number; faults: string[]; settled: Settled }> => {
  // Runs go on meanwhile: the end of one is on the disk a moment before its place is free.
  await until(() => checkRuns(engine).length === 0, SETTLED_WITHIN_MS)
  const early = checkRuns(engine)
  const { faults, settled } = await checkPromises(engine, ledger)
  const messages = await drainMessages(engine, ledger, settled)
  await until(() => isQuiet(engine), QUEUE_WITHIN_MS)
  const leftovers = (
    await Promise.all(
      engine.sandboxes
        .drivers()
        .filter(({ kind }) => kind === 'process')
        .map((driver) => driver.found()),
    )
  ).flat()
  const integrity = engine.store.all<{ integrity_check: string }>('PRAGMA integrity_check')
  const audit = await engine.audit.verify()
  return {
    checked: Object.keys(ledger).length,
    settled: { ...settled, ...messages.read },
    faults: [
      ...early,
      ...faults,
      ...messages.faults,
      ...checkRest(engine),
      ...checkStates(engine),
      ...leftovers.map(({ id }) => `process ${id} of the killed engine still runs`),
      ...integrity.filter((row) => row.integrity_check !== 'ok').map((row) => `the database: ${row.integrity_check}`),
      ...(audit.ok ? [] : [`the audit trail does not verify: ${audit.problem}`]),
    ],
  }
}
