/** Agents: the list, one agent beside it, and the form that makes a new one. */
export { AgentDetailPage } from './AgentDetailPage'
export { AgentsPage } from './AgentsPage'
export { CancelRunDialog } from './CancelRun'
export { NewAgentPage } from './NewAgentPage'
export { RunLog } from './RunLog'
