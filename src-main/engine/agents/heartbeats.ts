import type { AgentId, AgentSummary, CorrelationId } from '@contract'
import { type Clock, type Events, engineCaller, type Log, messageOf, type NewId, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Store } from '../store'
import type { Agents, Asking } from './agents'
import { parseDefinition, rowOf, stateOf } from './rows'

/** So many intervals without a report, and an external agent counts as unreachable. */
const MISSED_INTERVALS = 3

/** External agents: what they report, and who has fallen silent. */
export interface Heartbeats {
  /** @throws AGENT_008 when the agent is not external, AGENT_002 when it is retired */
  report(asking: Asking, id: AgentId, note: string | undefined): Promise<AgentSummary>
  /** Begin to watch those that reported before the engine was started. */
  start(): void
  close(): void
}

export const createHeartbeats = (ports: {
  gate: Gate
  store: Store
  agents: Agents
  clock: Clock
  events: Events
  newId: NewId
  log: Log
}): Heartbeats => {
  const { gate, store, agents, clock, events, newId, log } = ports
  /** When each counts as silent, on the steady clock. One that has never reported is not waited for. */
  const due = new Map<AgentId, number>()
  let timer: { atMs: number; cancel: () => void } | null = null
  let isClosed = false

  const windowMs = (id: AgentId): number =>
    MISSED_INTERVALS * parseDefinition(rowOf(store, id).definition).heartbeatIntervalMs

  /** One timer, for the earliest. A report moves a time only later, so the timer comes too early and looks again. */
  const arm = (atMs: number): void => {
    if (isClosed || (timer !== null && timer.atMs <= atMs)) return
    timer?.cancel()
    timer = { atMs, cancel: clock.after(Math.max(0, atMs - clock.monotonicMs()), look) }
  }
  const expect = (id: AgentId, inMs: number): void => {
    const atMs = clock.monotonicMs() + inMs
    due.set(id, atMs)
    arm(atMs)
  }

  const silent = async (id: AgentId): Promise<void> => {
    const correlationId = newId<CorrelationId>()
    const reason = `It has not reported for ${MISSED_INTERVALS} times its interval.`
    await gate.commit(
      {
        caller: engineCaller('lifecycle'),
        accountOf: 'fact',
        correlationId,
        action: 'agent.unreachable',
        resource: agents.summary(id).name,
        details: { agentId: id },
      },
      (tx) => {
        if (stateOf(tx, id) === 'Ready') agents.move(tx, { id, to: 'Unreachable', reason, correlationId })
      },
    )
  }

  const look = (): void => {
    timer = null
    const nowMs = clock.monotonicMs()
    let next: number | null = null
    for (const [id, atMs] of due) {
      if (atMs > nowMs) {
        next = next === null ? atMs : Math.min(next, atMs)
        continue
      }
      due.delete(id)
      if (agents.state(id) !== 'Ready') continue
      silent(id).catch((error: unknown) => {
        log.error({ agent: id, reason: messageOf(error) }, 'a silent agent could not be marked')
        expect(id, windowMs(id))
      })
    }
    if (next !== null) arm(next)
  }

  return {
    async report(asking, id, note) {
      const row = rowOf(store, id)
      const definition = parseDefinition(row.definition)
      const { correlationId } = asking
      await gate.commit(
        {
          ...asking,
          action: 'agent.heartbeat',
          resource: definition.name,
          arguments: { id, note: note ?? null },
          details: { agentId: id },
          // Thousands of agents report all the time; what is kept is each report that changes something.
          record: row.state === 'Ready' ? 'refusals' : 'every',
          precondition: () => {
            if (definition.executionMode !== 'external')
              throw new RuntimeError(
                'AGENT_008',
                `This agent is ${definition.executionMode}; only external ones report.`,
              )
          },
        },
        (tx) => {
          const state = stateOf(tx, id)
          if (!['Created', 'Initializing', 'Ready', 'Unreachable'].includes(state))
            throw new RuntimeError('AGENT_002', `An agent that is ${state} does not report.`, { details: { state } })
          const at = clock.nowMs()
          tx.run('UPDATE agents SET last_heartbeat_at = :at WHERE id = :id', { id, at })
          const reason = note ?? (state === 'Unreachable' ? 'it reports again' : 'its first report')
          agents.moveOver(tx, { id, to: 'Ready', reason, correlationId }, ['Initializing'])
          tx.onCommit(() => {
            agents.index.reported(id, at)
            expect(id, MISSED_INTERVALS * definition.heartbeatIntervalMs)
            events.publish('agents.changed', { id })
          })
        },
      )
      return agents.summary(id)
    },

    start() {
      // While the console was closed nobody could report, so each has its whole time again.
      for (const { id, state, intervalMs } of agents.index.reporting())
        if (state === 'Ready') expect(id, MISSED_INTERVALS * intervalMs)
    },

    close() {
      isClosed = true
      timer?.cancel()
    },
  }
}
