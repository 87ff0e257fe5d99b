/** Tool servers (MCP), their tools, and the review that decides which of them may be called. */
import { z } from 'zod'
import { AtMs, Json, Nothing, Reason, ServerId, Sha256, ToolId } from './common'
import { command, query, topic } from './define'
import { WireError } from './errors'

export const ServerName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'Use lower-case letters, digits and dashes, starting with a letter.')

export const ToolServer = z.strictObject({
  id: ServerId,
  name: z.string(),
  transport: z.literal('stdio'),
  command: z.string(),
  args: z.array(z.string()),
  state: z.enum(['connecting', 'connected', 'failed', 'stopped']),
  error: WireError.nullable(),
  /** What the server says of itself: not verified. */
  claims: z.strictObject({ name: z.string(), version: z.string() }).nullable(),
  toolCount: z.number().int(),
  pendingCount: z.number().int(),
  addedAtMs: AtMs,
})
export type ToolServer = z.infer<typeof ToolServer>

/**
 * pending: never decided. approved: callable. rejected: not callable.
 * changed: was decided, but another definition is offered now, so it is not callable. gone: no longer offered.
 */
export const ToolStatus = z.enum(['pending', 'approved', 'rejected', 'changed', 'gone'])
export type ToolStatus = z.infer<typeof ToolStatus>

export const Tool = z.strictObject({
  id: ToolId,
  serverId: ServerId,
  serverName: z.string(),
  /** The name as the server gives it: untrusted text. */
  name: z.string(),
  /** How an agent calls it: `server.tool`. */
  qualifiedName: z.string(),
  status: ToolStatus,
  /** SHA-256 of the canonical definition that is offered now. */
  digest: Sha256,
  offeredAtMs: AtMs,
  decidedAtMs: AtMs.nullable(),
  decidedReason: z.string().nullable(),
})
export type Tool = z.infer<typeof Tool>

export const ToolDetail = Tool.extend({
  /** The whole definition as offered, unknown keys too. */
  definition: Json,
  /** The definition that was decided on, when another one is offered now. */
  decidedDefinition: Json.nullable(),
  /** Hidden or misleading characters in the definition, each with where it stands. */
  hiddenCharacters: z.array(z.strictObject({ pointer: z.string(), codePoint: z.string(), name: z.string() })),
})
export type ToolDetail = z.infer<typeof ToolDetail>

export const toolCalls = {
  'servers.list': query('tools.read', Nothing, z.array(ToolServer)),
  'servers.add': command(
    'tools.write',
    z.strictObject({
      name: ServerName,
      command: z.string().trim().min(1).max(1000),
      args: z.array(z.string().max(4000)).max(100),
    }),
    ToolServer,
  ),
  'servers.reconnect': command('tools.write', z.strictObject({ id: ServerId }), ToolServer),
  'servers.remove': command('tools.write', z.strictObject({ id: ServerId }), Nothing),
  'servers.log': query('tools.read', z.strictObject({ id: ServerId }), z.array(z.string())),
  'tools.list': query('tools.read', z.strictObject({ status: z.array(ToolStatus).optional() }), z.array(Tool)),
  'tools.get': query('tools.read', z.strictObject({ id: ToolId }), ToolDetail),
  'reviews.decide': command(
    'reviews.decide',
    z.strictObject({
      toolId: ToolId,
      /** The digest of what was on the screen; refused with REVIEW_003 when it is no longer what is offered. */
      digest: Sha256,
      decision: z.enum(['approve', 'reject']),
      reason: Reason,
    }),
    Tool,
  ),
} as const

export const toolTopics = {
  'servers.changed': topic(z.strictObject({ id: ServerId })),
  'tools.changed': topic(z.strictObject({ id: ToolId })),
} as const
