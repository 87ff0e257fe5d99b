import type { AgentId, AgentSummary, Execution, ExecutionId, Json, Priority, RunOrigin, ScheduleId } from '@contract'
import { type Caller, engineCaller, RuntimeError } from '../core'
import type { RunStarter } from '../scheduler/types'
import type { Asking } from './agents'
import { INTERRUPTED } from './end-of-run'
import { createExecutions, type Executions } from './executions'
import { createLiveRuns } from './live-runs'
import { type ExecutionRow, parseDefinition, rowOf, stateOf, toExecution } from './rows'
import type { RunPorts } from './run-ports'
import { createRunStarter } from './run-starter'
import { createSettlement, endWith } from './settlement'
import { createStateCheck } from './state-check'
import { createSweeper } from './sweeper'

/** What is to be run. */
export interface RunRequest {
  readonly id: AgentId
  readonly input: Json
  /** In place of that of the definition. */
  readonly priority?: Priority | undefined
  /** It is not started any more when it still waits after this time. */
  readonly startWithinMs?: number | undefined
  /** Who wants it, where that is not the caller. */
  readonly origin?: RunOrigin | undefined
  readonly scheduleId?: ScheduleId | undefined
  /** 1 unless it was tried before. */
  readonly attempt?: number | undefined
}

/** Runs of agents: queued, started, watched, suspended, ended, and accounted for after a crash. */
export interface Runs {
  /**
   * Put a run into the queue. The scheduler starts it when its turn comes.
   * @throws AGENT_001, AGENT_002 when the state does not allow a run, AGENT_008 for an external agent, SANDBOX_001 when
   * the tier is not usable, SCHED_001 when the queue is full
   */
  start(asking: Asking, run: RunRequest): Promise<Execution>
  suspend(asking: Asking, id: AgentId, reason: string): Promise<AgentSummary>
  resume(asking: Asking, id: AgentId, reason: string): Promise<AgentSummary>
  /** End the runs of an agent, those that wait too, and retire it. */
  stop(asking: Asking, id: AgentId, reason: string): Promise<AgentSummary>
  /** End one run; the agent stays. @throws AGENT_006, RUN_004 when it has ended */
  cancel(asking: Asking, id: ExecutionId, reason: string): Promise<Execution>
  /** Resolves when the run has ended and everything of it is on the disk. */
  ended(id: ExecutionId): Promise<Execution>
  /** Hear of each end once it is on the disk. */
  readonly onEnded: Executions['onEnded']
  list(query: { agentId?: AgentId | undefined; limit: number }): Execution[]
  /** @throws AGENT_006 */
  get(id: ExecutionId): Execution
  /** What the scheduler starts runs with. */
  readonly starter: RunStarter
  /** Account for what an earlier start of the engine left: no run stays open, no sandbox stays behind. */
  reconcile(): Promise<void>
  /** Remove sandboxes that belong to no run. */
  sweep(): Promise<void>
  /** End every run under way; what waits goes on waiting. Resolves when all are accounted for. */
  close(): Promise<void>
}

type AgentAct =
  | 'agent.run'
  | 'agent.suspend'
  | 'agent.resume'
  | 'agent.stop'
  | 'agent.terminated'
  | 'agent.failed'
  | 'run.end'

const ORIGIN_OF: Readonly<Record<Caller['kind'], RunOrigin>> = {
  operator: 'operator',
  cli: 'cli',
  agent: 'agent',
  engine: 'recovery',
}

const RUNNABLE: readonly string[] = ['Created', 'Initializing', 'Ready', 'Running', 'Waiting', 'Completed', 'Failed']

const notExternal = (row: { definition: string }): void => {
  if (parseDefinition(row.definition).executionMode === 'external')
    throw new RuntimeError('AGENT_008', 'An external agent runs elsewhere and is not started or stopped from here.')
}

export const createRuns = (options: Omit<RunPorts, 'sweeper'>): Runs => {
  const { gate, store, agents, sandboxes, scheduler, recovery, newId, clock, log } = options
  const peers = createLiveRuns(agents)
  const executions = createExecutions({ ...options, index: agents.index })
  const settlement = createSettlement({ ...options, executions, peers })
  const sweeper = createSweeper({
    drivers: options.drivers,
    isLive: (executionId) => peers.find(executionId as ExecutionId) !== undefined,
    log: log.child('sweeper'),
  })
  const stateCheck = createStateCheck({ ...options, peers, everyMs: options.limits.stateCheckIntervalMs })
  const starting = createRunStarter({
    ...options,
    sweeper,
    peers,
    executions,
    settlement,
    onLive: () => stateCheck.wake(),
  })
  const waiters = new Map<ExecutionId, (() => void)[]>()
  executions.onEnded(({ executionId }) => {
    const waiting = waiters.get(executionId) ?? []
    waiters.delete(executionId)
    for (const tell of waiting) tell()
    // What never began has nobody else to tell those who follow it.
    if (peers.find(executionId) !== undefined) return
    options.logs.drop(executionId)
    options.stats.drop(executionId)
  })
  // What waits may start now, or not any more.
  agents.onMoved((id) => scheduler.poke(id))

  const unknown = (id: ExecutionId): RuntimeError =>
    new RuntimeError('AGENT_006', 'There is no execution with this id.', { details: { id } })

  const get = (id: ExecutionId): Execution => {
    const row = executions.row(store, id)
    if (row === undefined) throw unknown(id)
    return toExecution(row)
  }

  /** The gate request of an act on an agent. */
  const act = <Action extends AgentAct>(asking: Asking, id: AgentId, action: Action, reason: string) => ({
    ...asking,
    action,
    resource: agents.index.summary(id).name,
    arguments: { id, reason },
    details: { agentId: id, reason },
  })

  const hasOpenRun = (sql: Pick<typeof store, 'get'>, id: AgentId): boolean =>
    sql.get('SELECT 1 FROM executions WHERE agent_id = :id AND ended_at IS NULL LIMIT 1', { id }) !== undefined

  const retire = async (asking: Pick<Asking, 'correlationId'>, id: AgentId): Promise<void> => {
    const { correlationId } = asking
    await gate.commit(
      { ...act({ caller: engineCaller('lifecycle'), correlationId }, id, 'agent.terminated', ''), accountOf: 'fact' },
      (tx) => agents.move(tx, { id, to: 'Terminated', reason: 'nothing of it runs', correlationId }),
    )
  }

  /** One open run of an earlier start: its process is gone, so it has failed; the agent follows where it may. */
  const closeLeftover = async ({ id, agent_id: agentId, correlation_id: correlationId }: ExecutionRow) => {
    const message = 'The console ended while this ran.'
    await gate.commit(
      {
        ...act({ caller: engineCaller('reconcile'), correlationId }, agentId, 'run.end', message),
        accountOf: 'fact',
        details: { agentId, execution: id, cause: 'engine-stopped' },
      },
      (tx) => {
        const row = executions.row(tx, id)
        if (row === undefined || row.ended_at !== null) return
        const end = endWith('engine-stopped', { state: 'failed', code: 'RUN_003', message })
        settlement.settle(tx, row, { end, started: row.state === 'running', engineKilled: true })
      },
    )
  }

  const start: Runs['start'] = async (asking, request) => {
    const { id, input } = request
    const row = rowOf(store, id)
    const definition = parseDefinition(row.definition)
    const { correlationId } = asking
    const executionId = await gate.commit(
      {
        ...asking,
        action: 'agent.run',
        resource: definition.name,
        arguments: { id, version: row.version, input },
        tier: definition.securityTier,
        details: { agentId: id, version: row.version },
        precondition: () => {
          notExternal(row)
          // Refused before anything is written: a missing tier never falls to a weaker one.
          sandboxes.driver(definition.securityTier)
        },
      },
      (tx) => {
        const { version, state } = rowOf(tx, id)
        if (version !== row.version)
          throw new RuntimeError('AGENT_003', 'The agent was edited after this run was asked for.', {
            details: { asked: row.version, newest: version },
          })
        // Nobody would wait for it any more.
        if (starting.isClosing()) throw new RuntimeError('RUN_003', 'The console is being closed.')
        if (!RUNNABLE.includes(state))
          throw new RuntimeError('AGENT_002', `An agent that is ${state} cannot be run.`, { details: { state } })
        const origin = request.origin ?? ORIGIN_OF[asking.caller.kind]
        if (origin === 'operator' || origin === 'cli') settlement.callOffRestarts(tx, id, 'A person ran the agent.')
        const nowMs = clock.nowMs()
        return executions.queue(tx, {
          agentId: id,
          version,
          definition,
          correlationId,
          input,
          origin,
          scheduleId: request.scheduleId ?? null,
          attempt: request.attempt ?? 1,
          priority: request.priority ?? definition.priority,
          notBeforeMs: null,
          deadlineAtMs: request.startWithinMs === undefined ? null : nowMs + request.startWithinMs,
          avoid: null,
          queuedAtMs: nowMs,
        })
      },
    )
    return get(executionId)
  }

  const suspend: Runs['suspend'] = async (asking, id, reason) => {
    const frozen: ReturnType<typeof peers.of>[number][] = []
    try {
      await gate.perform(
        {
          ...act(asking, id, 'agent.suspend', reason),
          precondition: () => {
            notExternal(rowOf(store, id))
            const state = stateOf(store, id)
            if (state !== 'Ready' && state !== 'Running' && state !== 'Waiting')
              throw new RuntimeError('AGENT_002', `An agent that is ${state} cannot be suspended.`)
          },
        },
        async () => {
          frozen.push(...peers.of(id))
          await Promise.all(frozen.map((run) => run.pause()))
        },
        (tx) => agents.move(tx, { id, to: 'Suspended', reason, correlationId: asking.correlationId }),
      )
    } catch (error) {
      // Frozen in vain: the agent is not suspended.
      for (const run of frozen) await run.resume().catch(run.fault)
      throw error
    }
    return agents.summary(id)
  }

  const resume: Runs['resume'] = async (asking, id, reason) => {
    const { correlationId } = asking
    await gate.perform(
      {
        ...act(asking, id, 'agent.resume', reason),
        precondition: () => {
          const state = stateOf(store, id)
          if (state !== 'Suspended') throw new RuntimeError('AGENT_002', `An agent that is ${state} cannot be resumed.`)
        },
      },
      async () => {
        await Promise.all(peers.of(id).map((run) => run.resume()))
      },
      (tx) => {
        const to = peers.of(id).some((run) => run.isProgram()) ? 'Running' : 'Ready'
        agents.move(tx, { id, to, reason, correlationId })
        peers.reflect(tx, id, correlationId)
      },
    )
    return agents.summary(id)
  }

  const stop: Runs['stop'] = async (asking, id, reason) => {
    const { correlationId } = asking
    await gate.commit(act(asking, id, 'agent.stop', reason), (tx) => {
      agents.move(tx, { id, to: 'Terminating', reason, correlationId })
      settlement.callOffRestarts(tx, id, 'A person stopped the agent.')
      settlement.dropAll(tx, id, endWith('stopped-by-operator', INTERRUPTED['stopped-by-operator']))
      if (!hasOpenRun(tx, id)) agents.move(tx, { id, to: 'Terminated', reason: 'nothing of it runs', correlationId })
    })
    starting.callOffAll(id)
    const runs = peers.of(id)
    for (const run of runs) run.requestStop('stopped-by-operator')
    await Promise.all(runs.map((run) => run.done))
    // A run had settled before it saw that the agent is being retired.
    if (stateOf(store, id) === 'Terminating' && !hasOpenRun(store, id)) await retire(asking, id)
    return agents.summary(id)
  }

  const cancel: Runs['cancel'] = async (asking, id, reason) => {
    const agentId = executions.row(store, id)?.agent_id ?? null
    const message = `The run was cancelled: ${reason}`
    await gate.commit(
      {
        ...asking,
        action: 'run.cancel',
        resource: id,
        arguments: { id, reason },
        details: { agentId, execution: id, reason },
      },
      (tx) => {
        const row = executions.row(tx, id)
        if (row === undefined) throw unknown(id)
        if (row.ended_at !== null) throw new RuntimeError('RUN_004', 'The run has ended.')
        if (row.origin === 'recovery') {
          recovery.restartCalledOff(tx, row.agent_id)
          tx.onCommit(() => agents.index.restartsChanged(row.agent_id))
        }
        if (row.state === 'queued')
          settlement.drop(tx, row, endWith('cancelled', { ...INTERRUPTED.cancelled, message }))
      },
    )
    starting.callOff(id)
    const run = peers.find(id)
    run?.requestStop('cancelled', message)
    await run?.done
    return get(id)
  }

  return {
    start,
    suspend,
    resume,
    stop,
    cancel,
    get,
    starter: starting.starter,
    onEnded: executions.onEnded,

    async ended(id) {
      if (get(id).endedAtMs === null)
        await new Promise<void>((resolve) => {
          waiters.set(id, [...(waiters.get(id) ?? []), resolve])
        })
      await peers.find(id)?.done
      return get(id)
    },

    list: ({ agentId, limit }) =>
      store
        .all<ExecutionRow>(
          agentId === undefined
            ? 'SELECT * FROM executions ORDER BY id DESC LIMIT :limit'
            : 'SELECT * FROM executions WHERE agent_id = :agentId ORDER BY id DESC LIMIT :limit',
          agentId === undefined ? { limit } : { agentId, limit },
        )
        .map(toExecution),

    async reconcile() {
      for (const row of store.all<ExecutionRow>(
        `SELECT * FROM executions WHERE ended_at IS NULL AND state <> 'queued'`,
      )) {
        log.warn({ execution: row.id, correlationId: row.correlation_id }, 'a run was open when the engine ended')
        await closeLeftover(row)
      }
      for (const { id } of agents.list(['Terminating'])) {
        await store.write((tx) =>
          settlement.dropAll(tx, id, endWith('stopped-by-operator', INTERRUPTED['stopped-by-operator'])),
        )
        await retire({ correlationId: newId() }, id)
      }
      for (const { id } of agents.list(['Initializing', 'Running', 'Waiting'])) {
        const correlationId = newId<Execution['correlationId']>()
        const reason = 'The console ended while it was under way.'
        await gate.commit(
          {
            ...act({ caller: engineCaller('reconcile'), correlationId }, id, 'agent.failed', reason),
            accountOf: 'fact',
          },
          (tx) => agents.move(tx, { id, to: 'Failed', reason, correlationId }),
        )
      }
    },

    sweep: () => sweeper.sweep(),

    async close() {
      starting.close()
      stateCheck.close()
      const open = peers.all()
      for (const run of open) run.requestStop('engine-stopped')
      await Promise.all(open.map((run) => run.done))
    },
  }
}
