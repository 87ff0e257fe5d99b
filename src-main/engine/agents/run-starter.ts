import type { AgentId, ExecutionId, Json } from '@contract'
import { engineCaller, RuntimeError } from '../core'
import type { QueueEntry, RunStarter, StartedRun } from '../scheduler/types'
import type { Tx } from '../store'
import { createLiveRun, type LiveRunPorts } from './live-run'
import { type ExecutionRow, stateOf } from './rows'
import { endWith } from './settlement'

/** Takes runs out of the queue and starts them. */
export interface RunStarting {
  readonly starter: RunStarter
  /** Whoever asks a person for leave to start need not be answered any more. */
  callOff(executionId: ExecutionId): void
  callOffAll(agentId: AgentId): void
  isClosing(): boolean
  /** Start nothing more. */
  close(): void
}

/** Why a run does not start in this state of its agent, in words; null when it may. */
const obstacle = (state: string | null): string | null => {
  if (state === null || state === 'Terminating' || state === 'Terminated') return 'its agent is retired'
  if (state === 'Suspended') return 'its agent is suspended'
  if (state === 'Unreachable') return 'its agent is not reachable'
  return null
}

/** What could not be kept of a refusal is no refusal: it is tried again. */
const TRANSIENT: ReadonlySet<string> = new Set(['AUDIT_001', 'STORE_001', 'INTERNAL_001'])

export const createRunStarter = (ports: LiveRunPorts & { readonly onLive: () => void }): RunStarting => {
  const { gate, store, agents, scheduler, resources, recovery, executions, settlement, peers, log } = ports
  /** Runs whose start is being decided. */
  const deciding = new Map<ExecutionId, { agentId: AgentId; abort: AbortController }>()
  let closing = false

  const before = (): RuntimeError => new RuntimeError('RUN_003', 'The run was ended before it began.')
  const gone = (): RuntimeError => new RuntimeError('SCHED_004', 'The run no longer waits in the queue.')

  const waitingRow = (sql: Pick<Tx, 'get'>, id: ExecutionId): ExecutionRow => {
    const row = executions.row(sql, id)
    if (row === undefined || row.state !== 'queued') throw gone()
    return row
  }

  const endUnstarted = async (entry: QueueEntry, error: RuntimeError): Promise<void> => {
    const { agentId, executionId, correlationId } = entry
    const late = error.code === 'RUN_005'
    const what = { code: error.code, message: error.message }
    const end = late
      ? endWith('deadline-passed', { ...what, state: 'timed-out' })
      : endWith(error.code.startsWith('SANDBOX_') ? 'sandbox-failed' : 'refused', { ...what, state: 'failed' })
    await gate.commit(
      {
        caller: engineCaller('lifecycle'),
        accountOf: 'fact',
        correlationId,
        action: 'run.end',
        resource: entry.agentName,
        tier: entry.tier,
        details: { agentId, execution: executionId, cause: end.cause, state: end.state, code: error.code },
      },
      (tx) => {
        const row = executions.row(tx, executionId)
        if (row?.state === 'queued') settlement.refuse(tx, row, end)
      },
    )
  }

  /** It left the queue, and then nothing of it came to be. */
  const endLost = ({ agentId, executionId, correlationId, agentName, tier }: QueueEntry, error: RuntimeError) =>
    gate.commit(
      {
        caller: engineCaller('lifecycle'),
        accountOf: 'fact',
        correlationId,
        action: 'run.end',
        resource: agentName,
        tier,
        details: { agentId, execution: executionId, cause: 'sandbox-failed', state: 'failed', code: error.code },
      },
      (tx) => {
        const row = executions.row(tx, executionId)
        if (row === undefined || row.ended_at !== null) return
        const { code, message } = error
        settlement.settle(tx, row, {
          end: endWith('sandbox-failed', { code, message, state: 'failed' }),
          started: false,
        })
      },
    )

  const begin: RunStarter['begin'] = async (entry, { driver }) => {
    const { agentId, executionId, correlationId } = entry
    const waiting = waitingRow(store, executionId)
    const definition = agents.definition(store, agentId, waiting.agent_version)
    const amounts = resources.amountsOf(definition.limits)
    const abort = new AbortController()
    const course = { wasAdmitted: false, reserved: false }
    let live: StartedRun | null = null
    deciding.set(executionId, { agentId, abort })

    const launch = (row: ExecutionRow): void => {
      const run = createLiveRun(ports, {
        entry,
        agentId,
        executionId,
        correlationId,
        origin: row.origin,
        scheduleId: row.schedule_id,
        definition,
        input: JSON.parse(row.input) as Json,
        driver,
      })
      peers.add(agentId, executionId, run)
      const done = run.done.then(() => {
        peers.remove(agentId, executionId)
        resources.release(executionId)
      })
      live = { done, preempt: () => run.requestStop('preempted') }
      ports.onLive()
    }

    try {
      await gate.commit(
        {
          caller: { kind: 'agent', id: agentId, name: definition.name, executionId, correlationId },
          correlationId,
          action: 'compute.allocate',
          resource: `${driver.id}/${definition.name}`,
          tier: definition.securityTier,
          bytes: amounts.memoryBytes,
          facts: {
            capabilities: definition.capabilities,
            labels: Object.entries(definition.metadata).map(([name, value]) => `${name}=${value}`),
          },
          details: { agentId, backend: driver.id, ...amounts },
          signal: abort.signal,
        },
        (tx) => {
          course.wasAdmitted = true
          const row = waitingRow(tx, executionId)
          if (closing) throw new RuntimeError('RUN_003', 'The console is being closed.')
          const state = stateOf(tx, agentId)
          const why = obstacle(state)
          if (why !== null) throw new RuntimeError('AGENT_002', `The run cannot start: ${why}.`)
          if (!scheduler.remove(tx, executionId)) throw gone()
          course.reserved = true
          resources.reserve(tx, { executionId, agentId, agentName: definition.name, backend: driver.id, amounts })
          const move = {
            id: agentId,
            correlationId,
            reason: row.attempt > 1 ? `attempt ${row.attempt}` : 'its turn came',
          }
          if (state === 'Created' || state === 'Failed') agents.move(tx, { ...move, to: 'Initializing' })
          if (state === 'Completed') agents.move(tx, { ...move, to: 'Ready' })
          executions.started(tx, row, { backend: driver.id, priority: entry.priority })
          if (row.origin === 'recovery') {
            recovery.restartStarted(tx, agentId, executionId)
            tx.onCommit(() => agents.index.restartsChanged(agentId))
          }
          // Right with the commit: whoever stops the agent next has to find the run.
          tx.onCommit(() => launch(row))
        },
      )
    } catch (error) {
      if (course.reserved) resources.release(executionId)
      const code = error instanceof RuntimeError ? error.code : 'INTERNAL_001'
      const refused = course.wasAdmitted ? code === 'RESOURCE_002' : !TRANSIENT.has(code)
      if (refused && !closing && error instanceof RuntimeError) await endUnstarted(entry, error)
      throw error
    } finally {
      deciding.delete(executionId)
    }
    if (live !== null) return live
    const failure = new RuntimeError('INTERNAL_001', 'The run was recorded and could not be started.')
    await endLost(entry, failure).finally(() => resources.release(executionId))
    throw failure
  }

  return {
    starter: {
      begin,
      giveUp: (entry, error) =>
        endUnstarted(entry, error).catch((cause: unknown) => {
          log.error({ execution: entry.executionId, cause }, 'the end of a run could not be recorded')
          throw cause
        }),
      mayStart: ({ agentId }) => (closing ? 'the console is being closed' : obstacle(agents.state(agentId))),
    },
    callOff: (executionId) => deciding.get(executionId)?.abort.abort(before()),
    callOffAll(agentId) {
      for (const asked of deciding.values()) if (asked.agentId === agentId) asked.abort.abort(before())
    },
    isClosing: () => closing,
    close() {
      closing = true
    },
  }
}
