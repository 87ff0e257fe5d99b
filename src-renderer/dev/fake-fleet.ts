import type { AgentDetail, AgentState, CallInput, CallOutput, Channel, Execution, Restart, WireError } from '@contract'
import { actionsOf } from './fake-agents'
import { fakeId, MINUTE, NOW, wire } from './fake-ids'

type FleetChannel = Extract<
  Channel,
  'agents.page' | 'agents.ids' | 'agents.bulk' | 'agents.heartbeat' | 'agents.restarts' | 'executions.cancel'
>
type Handlers = { [C in FleetChannel]: (input: CallInput<C>) => CallOutput<C> }
type Filter = CallInput<'agents.page'>['filter']
type Sort = CallInput<'agents.page'>['sort']

const STATES: readonly AgentState[] = [
  'Completed',
  'Ready',
  'Running',
  'Completed',
  'Failed',
  'Waiting',
  'Created',
  'Suspended',
  'Completed',
  'Unreachable',
]
const MODES = ['ephemeral', 'scheduled', 'persistent', 'event-driven', 'ephemeral'] as const
const PRIORITIES = ['normal', 'normal', 'high', 'low', 'normal', 'critical'] as const
const WORDS = [
  'mail',
  'invoice',
  'ticket',
  'price',
  'report',
  'backup',
  'glossary',
  'contract',
  'log',
  'release',
] as const
const VERBS = ['triage', 'reader', 'watch', 'digest', 'router', 'check', 'sorter'] as const

/** Many agents made from one, for looking at a long list. */
export const makeFleet = (model: AgentDetail, count: number): AgentDetail[] =>
  Array.from({ length: count }, (_, index) => {
    const state = STATES[(index * 7) % STATES.length] ?? 'Ready'
    const external = state === 'Unreachable'
    const mode = external ? 'external' : (MODES[index % MODES.length] ?? 'ephemeral')
    const name = `${WORDS[index % WORDS.length]}-${VERBS[index % VERBS.length]}-${index}`
    const priority = PRIORITIES[index % PRIORITIES.length] ?? 'normal'
    return {
      ...model,
      id: fakeId(30, index),
      name,
      description: 'One of many.',
      state,
      stateReason: state === 'Failed' ? 'The program ended with exit code 1.' : null,
      mode,
      priority,
      createdAtMs: NOW - index * MINUTE,
      stateChangedAtMs: NOW - ((index * 37) % 9000) * 1000,
      lastExecution:
        state === 'Created' || external
          ? null
          : {
              id: fakeId(31, index),
              state: state === 'Running' ? 'running' : state === 'Failed' ? 'failed' : 'succeeded',
              startedAtMs: NOW - index * 1000,
              endedAtMs: state === 'Running' ? null : NOW,
              endCause: state === 'Running' ? null : state === 'Failed' ? 'program-error' : 'completed',
            },
      liveRuns: state === 'Running' ? 1 : 0,
      queuedRuns: index % 9 === 4 ? 2 : 0,
      restarts: state === 'Failed' ? { attempts: 1 + (index % 5), max: 5, nextAtMs: null } : null,
      lastHeartbeatAtMs: external ? NOW - 5 * MINUTE : null,
      actions: actionsOf(state),
      definition: { ...model.definition, name, executionMode: mode, priority },
    }
  })

const ORDER = ['low', 'normal', 'high', 'critical']
const KEYS: Record<Sort['by'], (agent: AgentDetail) => string | number> = {
  created: (agent) => agent.createdAtMs,
  changed: (agent) => agent.stateChangedAtMs,
  name: (agent) => agent.name,
  state: (agent) => agent.state,
  priority: (agent) => ORDER.indexOf(agent.priority),
}

/** The calls about many agents at once. */
export const createFakeFleet = (ports: {
  readonly agents: readonly AgentDetail[]
  readonly act: (id: string, act: CallInput<'agents.bulk'>['act']) => void
  readonly refuse: (error: WireError) => never
  readonly dropQueued: (executionId: string) => boolean
  readonly endRun: (executionId: string) => Execution
}): Handlers => {
  const passes = (agent: AgentDetail, filter: Filter, withStates: boolean) =>
    (!withStates || filter.states === undefined || filter.states.includes(agent.state)) &&
    (filter.tiers === undefined || filter.tiers.includes(agent.tier)) &&
    (filter.modes === undefined || filter.modes.includes(agent.mode)) &&
    (filter.priorities === undefined || filter.priorities.includes(agent.priority)) &&
    (filter.text === undefined ||
      `${agent.name} ${agent.description} ${agent.id}`.toLowerCase().includes(filter.text.toLowerCase()))
  const inOrder = (filter: Filter, sort: Sort) => {
    const key = KEYS[sort.by]
    const found = ports.agents.filter((agent) => passes(agent, filter, true))
    found.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
    return sort.descending ? found.reverse() : found
  }
  return {
    'agents.page': ({ filter, sort, offset, limit }) => {
      const found = inOrder(filter, sort)
      const countByState: CallOutput<'agents.page'>['countByState'] = {}
      for (const agent of ports.agents)
        if (passes(agent, filter, false)) countByState[agent.state] = (countByState[agent.state] ?? 0) + 1
      return {
        items: found.slice(offset, offset + limit),
        matched: found.length,
        total: ports.agents.length,
        countByState,
      }
    },
    'agents.ids': ({ filter, sort, limit }) =>
      inOrder(filter, sort)
        .slice(0, limit)
        .map(({ id }) => id),
    'agents.bulk': ({ ids, act }) => {
      const failed: CallOutput<'agents.bulk'>['failed'] = []
      for (const id of ids) {
        const agent = ports.agents.find((candidate) => candidate.id === id)
        if (agent?.actions.includes(act) === true) ports.act(id, act)
        else
          failed.push({
            id: id as AgentDetail['id'],
            name: agent?.name ?? id,
            error: wire(
              'AGENT_002',
              `The state of the agent does not allow it: it is ${agent?.state ?? 'gone'}.`,
              'Wait until its state has changed, or stop it.',
            ),
          })
      }
      return { done: ids.length - failed.length, failed }
    },
    'agents.heartbeat': ({ id }) =>
      ports.agents.find((agent) => agent.id === id) ??
      ports.refuse(wire('AGENT_001', 'The agent was not found.', 'Refresh the agent list.')),
    'agents.restarts': ({ id }) => {
      const agent = ports.agents.find((candidate) => candidate.id === id)
      if (agent === undefined || agent.restarts === null) return []
      return Array.from({ length: agent.restarts.attempts }, (_, index): Restart => {
        const last = index + 1 === agent.restarts?.attempts
        return {
          atMs: agent.stateChangedAtMs - (agent.restarts?.attempts ?? 0) * MINUTE + index * MINUTE,
          attempt: index + 1,
          max: agent.restarts?.max ?? 5,
          delayMs: 1000 * 2 ** index + 130,
          reason: 'The program ended with exit code 1.',
          failedExecutionId: fakeId(2, index),
          executionId: last ? null : fakeId(2, index + 1),
          outcome: last ? (agent.restarts?.nextAtMs === null ? 'given-up' : 'waiting') : 'failed',
        }
      }).reverse()
    },
    'executions.cancel': ({ id }) => {
      ports.dropQueued(id)
      return ports.endRun(id)
    },
  }
}
