/** Tool servers (MCP over stdio), what they offer, and the one way to call it. */

export type { Decision } from './catalogue'
export { findHiddenCharacters } from './hidden-characters'
export { createTools, type ToolCallContext, type Tools } from './tools'
