/** Agents: definitions, versions, states, and their runs. */
export { type Agents, type Asking, createAgents } from './agents'
export { createExecutionLogs, type ExecutionLogs } from './execution-log'
export { createExecutionStats, type ExecutionStats } from './execution-stats'
export { createAgentMemory } from './memory'
export { createRuns, type Runs } from './runs'
export { loadTemplates } from './templates'
