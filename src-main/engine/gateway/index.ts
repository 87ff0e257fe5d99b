/** The runtime as an MCP server to each running agent. */
export { type AgentIo, preloadGateway, type ServeAgentOptions, serveAgent } from './serve-agent'
export type { GatewayConnection, GatewayResult, GatewaySession, GatewayTool } from './types'
