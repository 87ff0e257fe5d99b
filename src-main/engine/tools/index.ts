/** Tool servers (MCP over stdio), what they offer, and the one way to call it. */
export type { Decision } from './catalogue'
export { createTools, type ToolCallContext, type Tools } from './tools'
