import type { Json } from '@contract'
import type { RuntimeError } from '../core'

/** A tool as the agent sees it through `tools/list`. */
export interface GatewayTool {
  readonly name: string
  readonly description: string
  readonly inputSchema: Readonly<Record<string, Json>>
}

/** The answer to one `tools/call`. A refusal is an answer too: the agent sees the code and the reason. */
export type GatewayResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: RuntimeError }

/** What one running agent may see and do: bound to its execution, so that identity never comes from the agent. */
export interface GatewaySession {
  tools(): Promise<readonly GatewayTool[]>
  call(name: string, args: Readonly<Record<string, Json>>, signal: AbortSignal): Promise<GatewayResult>
}

/** A connected agent. */
export interface GatewayConnection {
  /** Resolves when the agent has said `initialized`; rejects never. */
  readonly ready: Promise<void>
  /** Tell the agent that its list of tools changed. */
  toolsChanged(): Promise<void>
  /** Its streams were cut and taken up again: let it ask again what may not have arrived. Nothing is done twice. */
  connectedAgain(): Promise<void>
  close(): Promise<void>
}
