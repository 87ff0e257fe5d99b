import type { AgentState, AgentSummary, ExecutionMode } from '@contract'

/** Every legal change of state. What is not here is an error to whoever asks for it. */
export const TRANSITIONS = {
  Created: ['Initializing', 'Terminating'],
  Initializing: ['Ready', 'Failed', 'Terminating'],
  // Unreachable: external agents only, when their reports stay away.
  Ready: ['Running', 'Suspended', 'Terminating', 'Unreachable'],
  Running: ['Waiting', 'Suspended', 'Completed', 'Failed', 'Terminating'],
  Waiting: ['Running', 'Suspended', 'Failed', 'Terminating'],
  Suspended: ['Ready', 'Running', 'Terminating'],
  Completed: ['Ready', 'Terminating'],
  Failed: ['Initializing', 'Terminating'],
  Terminating: ['Terminated', 'Failed'],
  Terminated: [],
  Unreachable: ['Ready', 'Terminating'],
} as const satisfies Record<AgentState, readonly AgentState[]>

export const isLegal = (from: AgentState, to: AgentState): boolean =>
  (TRANSITIONS[from] as readonly AgentState[]).includes(to)

/**
 * A shortest legal way from one state to another, without its start; null when there is none. What happens at once is
 * still written step by step, so that no timeline ever shows a change that the table does not know.
 */
export const wayBetween = (from: AgentState, to: AgentState, over: readonly AgentState[]): AgentState[] | null => {
  if (from === to) return []
  const reached = new Map<AgentState, AgentState[]>([[from, []]])
  for (const [state, way] of reached)
    for (const next of TRANSITIONS[state] as readonly AgentState[]) {
      if (next === to) return [...way, to]
      if (over.includes(next) && !reached.has(next)) reached.set(next, [...way, next])
    }
  return null
}

type Action = AgentSummary['actions'][number]

/** What a person may do with an agent in each state. A run that is asked for while another one goes on waits its turn. */
export const ACTIONS = {
  Created: ['run', 'stop', 'edit'],
  Initializing: ['run', 'stop', 'edit'],
  Ready: ['run', 'suspend', 'stop', 'edit'],
  Running: ['run', 'suspend', 'stop', 'edit'],
  Waiting: ['run', 'suspend', 'stop', 'edit'],
  Suspended: ['resume', 'stop', 'edit'],
  Completed: ['run', 'stop', 'edit'],
  Failed: ['run', 'stop', 'edit'],
  Terminating: [],
  Terminated: [],
  Unreachable: ['stop', 'edit'],
} as const satisfies Record<AgentState, readonly Action[]>

/** External agents run elsewhere: here they can only be edited and retired. */
export const actionsOf = (state: AgentState, mode: ExecutionMode): readonly Action[] =>
  mode === 'external' ? ACTIONS[state].filter((action) => action === 'stop' || action === 'edit') : ACTIONS[state]
