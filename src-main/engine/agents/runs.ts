import type { AgentId, AgentSummary, Execution, ExecutionId, Json } from '@contract'
import { engineCaller, RuntimeError } from '../core'
import { type Agents, type Asking, rowOf } from './agents'
import { createLiveRun, type LiveRun } from './live-run'
import { definitionOf, type ExecutionRow, toExecution } from './rows'
import type { RunPorts } from './run-ports'
import { createSweeper } from './sweeper'

/** Runs of agents: started, watched, suspended, stopped, and accounted for after a crash. */
export interface Runs {
  /** @throws AGENT_001, AGENT_002 when the state does not allow a run, SANDBOX_001 when the tier is not usable */
  start(asking: Asking, run: { id: AgentId; input: Json }): Promise<Execution>
  suspend(asking: Asking, id: AgentId, reason: string): Promise<AgentSummary>
  resume(asking: Asking, id: AgentId, reason: string): Promise<AgentSummary>
  /** End the current run, if any, and retire the agent. */
  stop(asking: Asking, id: AgentId, reason: string): Promise<AgentSummary>
  /** Resolves when the run has ended and everything of it is on the disk. */
  ended(id: ExecutionId): Promise<Execution>
  list(query: { agentId?: AgentId | undefined; limit: number }): Execution[]
  /** @throws AGENT_006 */
  get(id: ExecutionId): Execution
  /** Account for what an earlier start of the engine left: no run stays open, no sandbox stays behind. */
  reconcile(): Promise<void>
  /** Remove sandboxes that belong to no run. */
  sweep(): Promise<void>
  /** End every run; resolves when all are accounted for. */
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

export const createRuns = (options: Omit<RunPorts, 'sweeper'>): Runs => {
  const { gate, store, agents, sandboxes, events, newId, clock, log } = options
  const live = new Map<AgentId, LiveRun>()
  const ends = new Map<ExecutionId, Promise<void>>()
  let closing = false
  const sweeper = createSweeper({
    drivers: options.drivers,
    isLive: (executionId) => ends.has(executionId as ExecutionId),
    log: log.child('sweeper'),
  })
  const ports: RunPorts = { ...options, sweeper }

  const get = (id: ExecutionId): Execution => {
    const row = store.get<ExecutionRow>('SELECT * FROM executions WHERE id = :id', { id })
    if (row === undefined)
      throw new RuntimeError('AGENT_006', 'There is no execution with this id.', { details: { id } })
    return toExecution(row)
  }

  /** The gate request of a person's act on an agent. */
  const act = <Action extends AgentAct>(asking: Asking, id: AgentId, action: Action, reason: string) => ({
    ...asking,
    action,
    resource: definitionOf(rowOf(store, id)).name,
    arguments: { id, reason },
    details: { agentId: id, reason },
  })

  const start: Runs['start'] = async (asking, { id, input }) => {
    const row = rowOf(store, id)
    const definition = definitionOf(row)
    // Refused before anything is written: a missing tier never falls to a weaker one.
    const driver = sandboxes.driver(definition.securityTier)
    const executionId = newId<ExecutionId>()
    const definitionRun = await gate.commit(
      {
        ...asking,
        action: 'agent.run',
        resource: definition.name,
        arguments: { id, version: row.version, input },
        tier: definition.securityTier,
        details: { agentId: id, execution: executionId, version: row.version },
      },
      (tx) => {
        const current = rowOf(tx, id)
        if (current.version !== row.version)
          throw new RuntimeError('AGENT_003', 'The agent was edited after this run was asked for.', {
            details: { asked: row.version, newest: current.version },
          })
        // Nobody would wait for it any more, and its sandbox would be left behind.
        if (closing) throw new RuntimeError('RUN_003', 'The console is being closed.')
        // The table, not `live`, tells: two starts may be decided within one commit.
        const open = tx.get('SELECT 1 FROM executions WHERE agent_id = :id AND ended_at IS NULL LIMIT 1', { id })
        if (open !== undefined)
          throw new RuntimeError('AGENT_002', 'A run of this agent has not ended yet.', {
            details: { state: current.state },
          })
        if (!['Created', 'Ready', 'Completed', 'Failed'].includes(current.state))
          throw new RuntimeError('AGENT_002', `An agent that is ${current.state} cannot be run.`, {
            details: { state: current.state },
          })
        if (current.state === 'Created' || current.state === 'Failed')
          agents.move(tx, { id, to: 'Initializing', reason: 'run requested', correlationId: asking.correlationId })
        if (current.state === 'Completed')
          agents.move(tx, { id, to: 'Ready', reason: 'run requested', correlationId: asking.correlationId })
        tx.run(
          `INSERT INTO executions (id, agent_id, agent_version, correlation_id, state, tier, input, output, started_at)
           VALUES (:executionId, :id, :version, :correlationId, 'starting', :tier, :input, 'null', :at)`,
          {
            executionId,
            id,
            version: current.version,
            correlationId: asking.correlationId,
            tier: definition.securityTier,
            input: JSON.stringify(input),
            at: clock.nowMs(),
          },
        )
        tx.onCommit(() => events.publish('executions.changed', { id: executionId, agentId: id }))
        return definitionOf(current)
      },
    )
    const run = createLiveRun(ports, {
      agentId: id,
      executionId,
      correlationId: asking.correlationId,
      definition: definitionRun,
      input,
      driver,
    })
    live.set(id, run)
    const end = run.done.then(() => {
      if (live.get(id) === run) live.delete(id)
      ends.delete(executionId)
    })
    ends.set(executionId, end)
    return get(executionId)
  }

  const suspend: Runs['suspend'] = async (asking, id, reason) => {
    const run = live.get(id)
    await gate.perform(
      {
        ...act(asking, id, 'agent.suspend', reason),
        precondition: () => {
          const { state } = rowOf(store, id)
          if (state !== 'Ready' && state !== 'Running' && state !== 'Waiting')
            throw new RuntimeError('AGENT_002', `An agent that is ${state} cannot be suspended.`)
        },
      },
      async () => run?.pause(),
      (tx) => agents.move(tx, { id, to: 'Suspended', reason, correlationId: asking.correlationId }),
    )
    return agents.summary(id)
  }

  const resume: Runs['resume'] = async (asking, id, reason) => {
    const run = live.get(id)
    await gate.perform(
      {
        ...act(asking, id, 'agent.resume', reason),
        precondition: () => {
          const { state } = rowOf(store, id)
          if (state !== 'Suspended') throw new RuntimeError('AGENT_002', `An agent that is ${state} cannot be resumed.`)
        },
      },
      async () => run?.resume(),
      (tx) => {
        agents.move(tx, {
          id,
          to: run === undefined ? 'Ready' : 'Running',
          reason,
          correlationId: asking.correlationId,
        })
        run?.resumeWaiting(tx)
      },
    )
    return agents.summary(id)
  }

  const stop: Runs['stop'] = async (asking, id, reason) => {
    await gate.commit(act(asking, id, 'agent.stop', reason), (tx) =>
      agents.move(tx, { id, to: 'Terminating', reason, correlationId: asking.correlationId }),
    )
    const run = live.get(id)
    if (run !== undefined) {
      run.requestStop('stopped-by-operator')
      await run.done
    }
    // No run, or one that had settled before it saw that the agent is being retired.
    if (rowOf(store, id).state === 'Terminating') await retire(asking, id)
    return agents.summary(id)
  }

  const retire = async (asking: Pick<Asking, 'correlationId'>, id: AgentId): Promise<void> => {
    await gate.commit(
      {
        ...act({ caller: engineCaller('lifecycle'), correlationId: asking.correlationId }, id, 'agent.terminated', ''),
        accountOf: 'fact',
      },
      (tx) =>
        agents.move(tx, { id, to: 'Terminated', reason: 'nothing of it runs', correlationId: asking.correlationId }),
    )
  }

  /** One open execution of an earlier start: its process is gone, so it has failed; the agent follows where it may. */
  const closeLeftover = async (row: ExecutionRow): Promise<void> => {
    const { id, agent_id: agentId, correlation_id: correlationId } = row
    const message = 'The console ended while this ran.'
    await gate.commit(
      {
        ...act({ caller: engineCaller('reconcile'), correlationId }, agentId, 'run.end', message),
        accountOf: 'fact',
        details: { agentId, execution: id, cause: 'engine-stopped' },
      },
      (tx) => {
        tx.run(
          `UPDATE executions SET state = 'failed', end_cause = 'engine-stopped', error_code = 'RUN_003',
           error_message = :message, ended_at = :at WHERE id = :id AND ended_at IS NULL`,
          { id, message, at: clock.nowMs() },
        )
        const move = (to: Parameters<Agents['move']>[1]['to']): void =>
          agents.move(tx, { id: agentId, to, reason: message, correlationId })
        const { state } = rowOf(tx, agentId)
        if (state === 'Suspended') move('Running')
        if (['Initializing', 'Running', 'Waiting', 'Suspended'].includes(state)) move('Failed')
      },
    )
  }

  return {
    start,
    suspend,
    resume,
    stop,
    get,

    async ended(id) {
      await ends.get(id)
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
      for (const row of store.all<ExecutionRow>('SELECT * FROM executions WHERE ended_at IS NULL')) {
        log.warn({ execution: row.id, correlationId: row.correlation_id }, 'a run was open when the engine ended')
        await closeLeftover(row)
      }
      for (const row of store.all<{ id: AgentId }>(`SELECT id FROM agents WHERE state = 'Terminating'`))
        await retire({ correlationId: newId() }, row.id)
      for (const row of store.all<{ id: AgentId }>(`SELECT id FROM agents WHERE state = 'Initializing'`)) {
        const correlationId = newId<Execution['correlationId']>()
        await gate.commit(
          {
            ...act({ caller: engineCaller('reconcile'), correlationId }, row.id, 'agent.failed', 'engine ended'),
            accountOf: 'fact',
          },
          (tx) =>
            agents.move(tx, {
              id: row.id,
              to: 'Failed',
              reason: 'The console ended while it initialized.',
              correlationId,
            }),
        )
      }
    },

    sweep: () => sweeper.sweep(),

    async close() {
      closing = true
      const open = [...live.values()]
      for (const run of open) run.requestStop('engine-stopped')
      await Promise.all(open.map((run) => run.done))
    },
  }
}
