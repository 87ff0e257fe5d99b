import type { AgentId, AgentState, BackendId, CorrelationId, ExecutionId, Json } from '@contract'
import type { Clock } from '../core'
import type { Recovery, RecoveryDecision } from '../recovery/types'
import type { Scheduler } from '../scheduler/types'
import type { Tx } from '../store'
import type { Agents } from './agents'
import type { End } from './end-of-run'
import type { Executions, Spent } from './executions'
import type { LiveRuns } from './live-runs'
import { type ExecutionRow, parseDefinition, rowOf, stateOf } from './rows'
import { wayBetween } from './transitions'

export interface EndFacts {
  readonly end: End
  readonly spent?: Spent
  /** Whether its program had been started. */
  readonly started: boolean
  /** The engine was killed under it. */
  readonly engineKilled?: boolean
}

/** What the end of a run leads to, all in the transaction that records it. */
export interface Settlement {
  /** A run that was under way is over. Invariants L3 and L4. */
  settle(tx: Tx, row: ExecutionRow, facts: EndFacts): void
  /** A run that waited will not be started, because somebody wants it so. */
  drop(tx: Tx, row: ExecutionRow, end: End): void
  /** A run that waited cannot be started. */
  refuse(tx: Tx, row: ExecutionRow, end: End): void
  /** Every run of the agent that waits ends so. */
  dropAll(tx: Tx, agentId: AgentId, end: End): void
  /** A person took over: starts by the engine that wait are called off. */
  callOffRestarts(tx: Tx, agentId: AgentId, reason: string): void
}

export const endWith = (cause: End['cause'], what: Pick<End, 'state' | 'code' | 'message'>): End => ({
  ...what,
  cause,
  exitCode: null,
  output: null,
})

export const createSettlement = (ports: {
  agents: Agents
  executions: Executions
  peers: LiveRuns
  scheduler: Pick<Scheduler, 'remove'>
  recovery: Pick<Recovery, 'decide' | 'restartQueued' | 'restartCalledOff' | 'restartState' | 'healthy'>
  clock: Clock
}): Settlement => {
  const { agents, executions, peers, scheduler, recovery, clock } = ports

  const restartsChanged = (tx: Tx, agentId: AgentId): void => tx.onCommit(() => agents.index.restartsChanged(agentId))

  /** Whether a run of the agent is under way. */
  const isBusy = (tx: Tx, agentId: AgentId): boolean =>
    tx.get(`SELECT 1 FROM executions WHERE agent_id = :agentId AND ended_at IS NULL AND state <> 'queued' LIMIT 1`, {
      agentId,
    }) !== undefined

  const drop: Settlement['drop'] = (tx, row, end) => {
    scheduler.remove(tx, row.id)
    executions.ended(tx, row, { end })
  }

  const dropAll: Settlement['dropAll'] = (tx, agentId, end) => {
    for (const row of executions.waiting(tx, agentId)) drop(tx, row, end)
  }

  /** Another run with the same input, by the newest definition. */
  const again = (
    tx: Tx,
    row: ExecutionRow,
    how: {
      origin: 'recovery' | 'preemption'
      attempt: number
      delayMs: number
      avoid: BackendId | null
      queuedAtMs: number
    },
  ): ExecutionId => {
    const agent = rowOf(tx, row.agent_id)
    return executions.queue(tx, {
      agentId: row.agent_id,
      version: agent.version,
      definition: parseDefinition(agent.definition),
      correlationId: row.correlation_id,
      input: JSON.parse(row.input) as Json,
      origin: how.origin,
      scheduleId: row.schedule_id,
      attempt: how.attempt,
      priority: row.priority,
      notBeforeMs: how.delayMs === 0 ? null : clock.nowMs() + how.delayMs,
      deadlineAtMs: null,
      avoid: how.avoid,
      queuedAtMs: how.queuedAtMs,
    })
  }

  const decide = (tx: Tx, row: ExecutionRow, facts: EndFacts): RecoveryDecision | null => {
    const { end, started, engineKilled = false } = facts
    // It came too late, which nothing that is tried again can mend.
    if (end.state === 'succeeded' || end.cause === 'deadline-passed') return null
    const { name, executionMode } = parseDefinition(rowOf(tx, row.agent_id).definition)
    restartsChanged(tx, row.agent_id)
    return recovery.decide(tx, {
      agentId: row.agent_id,
      agentName: name,
      executionId: row.id,
      correlationId: row.correlation_id,
      mode: executionMode,
      cause: end.cause,
      code: end.code ?? 'RUN_001',
      message: end.message ?? '',
      started,
      attempt: row.attempt,
      backend: row.backend,
      engineKilled,
    })
  }

  /** The run that follows by itself, if one does. */
  const follow = (tx: Tx, row: ExecutionRow, end: End, decision: RecoveryDecision | null): ExecutionId | null => {
    if (end.cause === 'preempted')
      return again(tx, row, {
        origin: 'preemption',
        attempt: row.attempt,
        delayMs: 0,
        avoid: null,
        queuedAtMs: row.queued_at,
      })
    if (decision === null || !['retry', 'restart', 'failover'].includes(decision.step)) return null
    const successor = again(tx, row, {
      origin: 'recovery',
      attempt: decision.nextAttempt ?? row.attempt + 1,
      delayMs: decision.delayMs ?? 0,
      avoid: decision.avoid,
      queuedAtMs: clock.nowMs(),
    })
    recovery.restartQueued(tx, row.agent_id, successor)
    return successor
  }

  /** Where the last run of an agent leaves it, and by way of which states; null when it stays where it is. */
  const targetOf = (
    state: AgentState,
    end: End,
    decision: RecoveryDecision | null,
  ): readonly [AgentState, ...AgentState[]] | null => {
    if (state === 'Terminating') return ['Terminated']
    if (end.state === 'succeeded') return ['Completed', 'Running']
    // A person has suspended it; that its run is gone does not change that.
    if (end.cause === 'cancelled' || end.cause === 'preempted')
      return state === 'Suspended' ? null : ['Ready', 'Suspended']
    if (decision?.step === 'suspend') return ['Suspended', 'Ready']
    if (decision?.step === 'terminate') return ['Terminated', 'Terminating']
    return ['Failed', 'Running']
  }

  const moveOn = (tx: Tx, row: ExecutionRow, end: End, decision: RecoveryDecision | null): void => {
    const id = row.agent_id
    const state = stateOf(tx, id)
    const target = targetOf(state, end, decision)
    if (target === null) return
    const [to, ...over] = target
    // A run is settled wherever its agent stands: where there is no way, the agent stays.
    if (wayBetween(state, to, over) === null) return
    const said = end.message ?? 'run completed'
    const reason = decision === null || decision.step === 'none' ? said : `${said} ${decision.reason}`
    agents.moveOver(tx, { id, to, reason, correlationId: row.correlation_id }, over)
  }

  return {
    drop,
    dropAll,

    refuse(tx, row, end) {
      scheduler.remove(tx, row.id)
      const decision = decide(tx, row, { end, started: false })
      executions.ended(tx, row, { end, successor: follow(tx, row, end, decision) })
      if (isBusy(tx, row.agent_id)) return
      // Nothing of the agent was begun, so it stays as it is, unless recovery wants it out of the way.
      if (decision?.step === 'suspend' || decision?.step === 'terminate') moveOn(tx, row, end, decision)
    },

    settle(tx, row, facts) {
      const { end, spent } = facts
      const id = row.agent_id
      const isRetiring = stateOf(tx, id) === 'Terminating'
      // While it is being retired, only what was asked for is told: nothing is to be tried again.
      const decision = isRetiring && end.state !== 'stopped' ? null : decide(tx, row, facts)
      if (end.state === 'succeeded') {
        recovery.healthy(tx, id)
        restartsChanged(tx, id)
      }
      const successor = isRetiring ? null : follow(tx, row, end, decision)
      executions.ended(tx, row, { end, ...(spent === undefined ? {} : { spent }), successor })
      if (decision?.step === 'terminate')
        dropAll(tx, id, endWith('stopped-by-operator', { state: 'stopped', code: 'RUN_003', message: decision.reason }))
      // The table tells, not the memory: two runs may end within one commit.
      if (!isBusy(tx, id)) {
        moveOn(tx, row, end, decision)
        return
      }
      const others = peers.of(id).filter((run) => run.executionId !== row.id)
      // The agent goes on with its other runs; what recovery wants of the agent is wanted of them too.
      const reason = `${end.message ?? ''} ${decision?.reason ?? ''}`.trim()
      const correlationId: CorrelationId = row.correlation_id
      if (decision?.step === 'suspend' && stateOf(tx, id) !== 'Suspended') {
        agents.moveOver(tx, { id, to: 'Suspended', reason, correlationId }, ['Ready'])
        tx.onCommit(() => {
          for (const run of others) run.pause().catch(run.fault)
        })
      } else if (decision?.step === 'terminate') {
        agents.move(tx, { id, to: 'Terminating', reason, correlationId })
        tx.onCommit(() => {
          for (const run of others) run.requestStop('stopped-by-operator', reason)
        })
      } else peers.reflect(tx, id, correlationId)
    },

    callOffRestarts(tx, agentId, reason) {
      const rows = executions.waiting(tx, agentId).filter((row) => row.origin === 'recovery')
      for (const row of rows)
        drop(tx, row, endWith('cancelled', { state: 'stopped', code: 'RUN_003', message: reason }))
      if (recovery.restartState(agentId) === null) return
      recovery.restartCalledOff(tx, agentId)
      restartsChanged(tx, agentId)
    },
  }
}
