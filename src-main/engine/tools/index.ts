/** Tool servers (MCP over stdio), what they offer, and the one way to call it. */
export type { Decision } from './catalogue'
export type { ToolResult } from './connection'
export {
  type CallableTool,
  createTools,
  type ToolCallContext,
  type Tools,
  type ToolsContext,
  type ToolsPorts,
} from './tools'
