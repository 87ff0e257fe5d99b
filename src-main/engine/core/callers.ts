import type { AgentId, CorrelationId, ExecutionId, Scope } from '@contract'

/** Who asks, as attested by the transport that carried the request: never what the request says of itself. */
export type Caller =
  | { readonly kind: 'operator'; readonly id: string; readonly scopes: ReadonlySet<Scope> }
  | { readonly kind: 'cli'; readonly id: string; readonly scopes: ReadonlySet<Scope> }
  | { readonly kind: 'engine'; readonly id: string }
  | {
      readonly kind: 'agent'
      readonly id: AgentId
      readonly name: string
      readonly executionId: ExecutionId
      readonly correlationId: CorrelationId
    }

/** The engine acting by itself: reconciliation, time limits, clean-up. */
export const engineCaller = (part: string): Caller => ({ kind: 'engine', id: part })
