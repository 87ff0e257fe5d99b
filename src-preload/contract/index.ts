/**
 * The contract: everything that can be asked of the engine, and everything it announces.
 *
 * One declaration, three transports: typed IPC, HTTP and the CLI all derive from these tables.
 */
import type { z } from 'zod'
import { agentCalls, agentStreams, agentTopics } from './agents'
import { approvalCalls, approvalTopics } from './approvals'
import { auditCalls, auditStreams, auditTopics } from './audit'
import type { Reply } from './errors'
import { messageCalls, messageStreams, messageTopics } from './messages'
import { policyCalls, policyTopics } from './policies'
import { recoveryCalls, recoveryTopics } from './recovery'
import { resourceCalls, resourceTopics } from './resources'
import { schedulerCalls, schedulerTopics } from './scheduler'
import { scheduleCalls, scheduleTopics } from './schedules'
import { secretCalls, secretTopics } from './secrets'
import { systemCalls, systemTopics } from './system'
import { toolCalls, toolTopics } from './tools'

export * from './agents'
export * from './approvals'
export * from './audit'
export * from './common'
export * from './define'
export * from './errors'
export * from './messages'
export * from './policies'
export * from './recovery'
export * from './resources'
export * from './scheduler'
export * from './schedules'
export * from './secrets'
export * from './system'
export * from './tools'

export const calls = {
  ...systemCalls,
  ...agentCalls,
  ...toolCalls,
  ...policyCalls,
  ...approvalCalls,
  ...secretCalls,
  ...auditCalls,
  ...schedulerCalls,
  ...scheduleCalls,
  ...resourceCalls,
  ...messageCalls,
  ...recoveryCalls,
} as const

export const topics = {
  ...systemTopics,
  ...agentTopics,
  ...toolTopics,
  ...policyTopics,
  ...approvalTopics,
  ...secretTopics,
  ...auditTopics,
  ...schedulerTopics,
  ...scheduleTopics,
  ...resourceTopics,
  ...messageTopics,
  ...recoveryTopics,
} as const

export const streams = { ...agentStreams, ...auditStreams, ...messageStreams } as const

export type Channel = keyof typeof calls
export type Topic = keyof typeof topics
export type StreamName = keyof typeof streams

/** What a caller passes: before defaults and brands are applied. */
export type CallInput<C extends Channel> = z.input<(typeof calls)[C]['input']>
/** What a handler receives: parsed. */
export type CallRequest<C extends Channel> = z.output<(typeof calls)[C]['input']>
export type CallOutput<C extends Channel> = z.output<(typeof calls)[C]['output']>
export type TopicPayload<T extends Topic> = z.output<(typeof topics)[T]['payload']>
export type StreamInput<S extends StreamName> = z.input<(typeof streams)[S]['input']>
export type StreamRequest<S extends StreamName> = z.output<(typeof streams)[S]['input']>
export type StreamItem<S extends StreamName> = z.output<(typeof streams)[S]['item']>

/** One event on its way to a window. `seq` grows by one for each event sent to that window. */
export interface TopicEvent<T extends Topic = Topic> {
  readonly seq: number
  readonly topic: T
  readonly payload: TopicPayload<T>
}

/** What a stream's port carries from main: items in batches, then exactly one end. */
export type StreamMessage<T> =
  | { readonly kind: 'items'; readonly items: readonly T[]; readonly seq: number }
  | { readonly kind: 'end'; readonly error: import('./errors').WireError | null }

/** The three functions that the preload script exposes to the page, and nothing else. */
export interface Bridge {
  /** Ask the engine. Never rejects: failure is a reply too. */
  invoke<C extends Channel>(channel: C, input: CallInput<C>): Promise<Reply<CallOutput<C>>>
  /** Hear every event, in batches; returns how to stop. */
  subscribe(listener: (events: readonly TopicEvent[]) => void): () => void
  /**
   * Open a stream; `onMessage` gets its messages. Acknowledge each batch by calling the given function with its `seq`:
   * main holds further items back until then. Returns how to close it.
   */
  openStream<S extends StreamName>(
    name: S,
    input: StreamInput<S>,
    onMessage: (message: StreamMessage<StreamItem<S>>, acknowledge: () => void) => void,
  ): () => void
}
