/** The audit trail: append-only, hash-chained. */
import { z } from 'zod'
import { AtMs, CorrelationId, Sha256 } from './common'
import { command, query, topic } from './define'
import { ErrorCodeSchema } from './errors'

export const AuditOutcome = z.enum(['success', 'denied', 'failed'])
export type AuditOutcome = z.infer<typeof AuditOutcome>

export const AuditRecord = z.strictObject({
  seq: z.number().int().positive(),
  atMs: AtMs,
  correlationId: CorrelationId,
  /** Who acted, as attested by the transport: operator, cli, agent or engine. */
  actor: z.strictObject({ kind: z.enum(['operator', 'cli', 'agent', 'engine']), id: z.string() }),
  /** What was asked, as `area.verb`. */
  action: z.string(),
  resource: z.string(),
  outcome: AuditOutcome,
  code: ErrorCodeSchema.nullable(),
  reason: z.string(),
  /** Redacted facts. */
  details: z.record(z.string(), z.json()),
  prevHash: Sha256,
  hash: Sha256,
})
export type AuditRecord = z.infer<typeof AuditRecord>

export const AuditFilter = z.strictObject({
  correlationId: CorrelationId.optional(),
  outcome: AuditOutcome.optional(),
  /** Case-insensitive text looked for in action, resource, actor and reason. */
  text: z.string().max(200).optional(),
})
export type AuditFilter = z.infer<typeof AuditFilter>

export const AuditPage = z.strictObject({
  records: z.array(AuditRecord),
  /** Pass as `beforeSeq` for the next, older page; null at the end. */
  nextBeforeSeq: z.number().int().nullable(),
  total: z.number().int(),
})

export const AuditVerification = z.strictObject({
  ok: z.boolean(),
  checked: z.number().int(),
  headHash: Sha256.nullable(),
  /** The first bad row, when there is one. */
  firstBadSeq: z.number().int().nullable(),
  problem: z.string().nullable(),
  tookMs: z.number(),
})
export type AuditVerification = z.infer<typeof AuditVerification>

export const auditCalls = {
  'audit.list': query(
    'audit.read',
    z.strictObject({
      filter: AuditFilter,
      beforeSeq: z.number().int().optional(),
      limit: z.number().int().min(1).max(500),
    }),
    AuditPage,
  ),
  'audit.verify': command('audit.read', z.strictObject({}), AuditVerification),
} as const

export const auditTopics = {
  'audit.appended': topic(z.strictObject({ seq: z.number().int() })),
} as const
