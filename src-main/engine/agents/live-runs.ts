import type { AgentId, CorrelationId, ExecutionId } from '@contract'
import type { Tx } from '../store'
import type { Agents } from './agents'
import type { LiveRun } from './live-run'
import { stateOf } from './rows'

/** The runs under way, by agent, and what they mean for its state. */
export interface LiveRuns {
  add(agentId: AgentId, executionId: ExecutionId, run: LiveRun): void
  remove(agentId: AgentId, executionId: ExecutionId): void
  of(agentId: AgentId): readonly LiveRun[]
  find(executionId: ExecutionId): LiveRun | undefined
  all(): readonly LiveRun[]
  /**
   * Bring Running and Waiting into line with the runs: an agent waits when every program of it does. Does nothing in
   * other states, which somebody asked for.
   */
  reflect(tx: Tx, agentId: AgentId, correlationId: CorrelationId): void
}

export const createLiveRuns = (agents: Pick<Agents, 'move'>): LiveRuns => {
  const byAgent = new Map<AgentId, Map<ExecutionId, LiveRun>>()
  const byExecution = new Map<ExecutionId, LiveRun>()
  const of = (agentId: AgentId): readonly LiveRun[] => [...(byAgent.get(agentId)?.values() ?? [])]

  return {
    add(agentId, executionId, run) {
      byExecution.set(executionId, run)
      const runs = byAgent.get(agentId) ?? new Map<ExecutionId, LiveRun>()
      byAgent.set(agentId, runs.set(executionId, run))
    },
    remove(agentId, executionId) {
      byExecution.delete(executionId)
      const runs = byAgent.get(agentId)
      runs?.delete(executionId)
      if (runs?.size === 0) byAgent.delete(agentId)
    },
    of,
    find: (executionId) => byExecution.get(executionId),
    all: () => [...byExecution.values()],

    reflect(tx, id, correlationId) {
      const waits = of(id)
        .filter((run) => run.isProgram())
        .map((run) => run.waitsFor())
      if (waits.length === 0) return
      const [reason = null] = waits
      const state = stateOf(tx, id)
      if (state === 'Running' && reason !== null && !waits.includes(null))
        agents.move(tx, { id, to: 'Waiting', reason, correlationId })
      else if (state === 'Waiting' && waits.includes(null))
        agents.move(tx, { id, to: 'Running', reason: 'it no longer waits', correlationId })
    },
  }
}
