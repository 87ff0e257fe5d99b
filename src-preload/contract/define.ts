/**
 * The vocabulary of the contract: how a call, a topic and a stream are declared.
 *
 * The contract is pure data. It knows nothing of Electron, Node or the DOM, so main validates with it,
 * the renderer infers its types from it, and HTTP and the CLI can be derived from it.
 */
import type { z } from 'zod'

/** What a caller must hold to use a procedure. One scope per area and strength of act. */
export type Scope =
  | 'system.read'
  | 'settings.write'
  | 'agents.read'
  | 'agents.write'
  | 'agents.run'
  | 'scheduler.read'
  | 'scheduler.write'
  | 'schedules.read'
  | 'schedules.write'
  | 'resources.read'
  | 'backends.write'
  | 'messages.read'
  | 'messages.write'
  | 'messages.send'
  | 'messages.reveal'
  | 'recovery.read'
  | 'recovery.write'
  | 'tools.read'
  | 'tools.write'
  | 'reviews.decide'
  | 'policies.read'
  | 'policies.write'
  | 'approvals.read'
  | 'approvals.decide'
  | 'secrets.list'
  | 'secrets.write'
  | 'secrets.reveal'
  | 'audit.read'
  | 'audit.write'
  | 'tasks.write'

/** A query reads and may be cached; a command changes something and never is. */
export type CallKind = 'query' | 'command'

export interface CallDefinition<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: CallKind
  readonly scope: Scope
  readonly input: I
  readonly output: O
}

export interface TopicDefinition<P extends z.ZodType = z.ZodType> {
  readonly payload: P
}

export interface StreamDefinition<I extends z.ZodType = z.ZodType, T extends z.ZodType = z.ZodType> {
  readonly scope: Scope
  readonly input: I
  readonly item: T
}

/** Declare a procedure that only reads. */
export const query = <I extends z.ZodType, O extends z.ZodType>(scope: Scope, input: I, output: O) =>
  ({ kind: 'query', scope, input, output }) as const

/** Declare a procedure that changes something. */
export const command = <I extends z.ZodType, O extends z.ZodType>(scope: Scope, input: I, output: O) =>
  ({ kind: 'command', scope, input, output }) as const

/** Declare an event that the engine publishes to every window. */
export const topic = <P extends z.ZodType>(payload: P) => ({ payload }) as const

/** Declare a long-lived source of items, carried by its own port with back-pressure and an end. */
export const stream = <I extends z.ZodType, T extends z.ZodType>(scope: Scope, input: I, item: T) =>
  ({ scope, input, item }) as const
