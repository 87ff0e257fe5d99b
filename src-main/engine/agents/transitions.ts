import type { AgentState, AgentSummary } from '@contract'

/** Every legal change of state. What is not here is an error to whoever asks for it. */
export const TRANSITIONS = {
  Created: ['Initializing', 'Terminating'],
  Initializing: ['Ready', 'Failed', 'Terminating'],
  Ready: ['Running', 'Suspended', 'Terminating'],
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

type Action = AgentSummary['actions'][number]

/** What a person may do with an agent in each state. */
export const ACTIONS = {
  Created: ['run', 'stop', 'edit'],
  Initializing: ['stop', 'edit'],
  Ready: ['run', 'suspend', 'stop', 'edit'],
  Running: ['suspend', 'stop', 'edit'],
  Waiting: ['suspend', 'stop', 'edit'],
  Suspended: ['resume', 'stop', 'edit'],
  Completed: ['run', 'stop', 'edit'],
  Failed: ['run', 'stop', 'edit'],
  Terminating: [],
  Terminated: [],
  Unreachable: ['stop'],
} as const satisfies Record<AgentState, readonly Action[]>
