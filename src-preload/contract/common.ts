/** Shapes that several areas share: ids, JSON values, paging. */
import { z } from 'zod'

const id = <B extends string>() => z.uuid().brand<B>()

export const AgentId = id<'AgentId'>()
export type AgentId = z.infer<typeof AgentId>
export const ExecutionId = id<'ExecutionId'>()
export type ExecutionId = z.infer<typeof ExecutionId>
export const CorrelationId = id<'CorrelationId'>()
export type CorrelationId = z.infer<typeof CorrelationId>
export const ServerId = id<'ServerId'>()
export type ServerId = z.infer<typeof ServerId>
export const ToolId = id<'ToolId'>()
export type ToolId = z.infer<typeof ToolId>
export const TaskId = id<'TaskId'>()
export type TaskId = z.infer<typeof TaskId>
export const ApprovalId = id<'ApprovalId'>()
export type ApprovalId = z.infer<typeof ApprovalId>
export const GrantId = id<'GrantId'>()
export type GrantId = z.infer<typeof GrantId>

export const ScheduleId = id<'ScheduleId'>()
export type ScheduleId = z.infer<typeof ScheduleId>
export const MessageId = id<'MessageId'>()
export type MessageId = z.infer<typeof MessageId>
export const BackendId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9:._-]{0,63}$/)
  .brand<'BackendId'>()
export type BackendId = z.infer<typeof BackendId>

/** Lower-case hexadecimal SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export const Json: z.ZodType<Json> = z.json()

/** A point in time, milliseconds since the Unix epoch. */
export const AtMs = z.number().int().nonnegative()

/** The input of a call that takes none. */
export const Nothing = z.strictObject({})

/** Free text that a person gives as the reason of a decision. */
export const Reason = z.string().trim().min(3, 'Say why in at least three characters.').max(2000)
