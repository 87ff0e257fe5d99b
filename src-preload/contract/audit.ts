/** The audit trail: append-only, hash-chained, sealed by signed checkpoints, provable outside the product. */
import { z } from 'zod'
import { AtMs, CorrelationId, Reason, Sha256 } from './common'
import { command, query, stream, topic } from './define'
import { ErrorCodeSchema } from './errors'

export const AuditOutcome = z.enum(['success', 'denied', 'failed'])
export type AuditOutcome = z.infer<typeof AuditOutcome>

/** From the quietest to the loudest; derived from outcome, code and action, so nobody can write it. */
export const AuditSeverity = z.enum(['info', 'notice', 'warning', 'error', 'critical'])
export type AuditSeverity = z.infer<typeof AuditSeverity>

export const AuditActorKind = z.enum(['operator', 'cli', 'agent', 'engine'])

const Seq = z.number().int().positive()
const Count = z.number().int().nonnegative()

export const AuditRecord = z.strictObject({
  seq: Seq,
  atMs: AtMs,
  correlationId: CorrelationId,
  /** Who acted, as attested by the transport: operator, cli, agent or engine. */
  actor: z.strictObject({ kind: AuditActorKind, id: z.string() }),
  /** What was asked, as `area.verb`. */
  action: z.string(),
  resource: z.string(),
  outcome: AuditOutcome,
  severity: AuditSeverity,
  code: ErrorCodeSchema.nullable(),
  reason: z.string(),
  /** Redacted facts. */
  details: z.record(z.string(), z.json()),
  /** Which start of the engine wrote it, and milliseconds of its steady clock; null in records of older versions. */
  boot: z.strictObject({ id: z.string(), monotonicMs: z.number() }).nullable(),
  prevHash: Sha256,
  hash: Sha256,
})
export type AuditRecord = z.infer<typeof AuditRecord>

export const AuditFilter = z.strictObject({
  correlationId: CorrelationId.optional(),
  outcome: AuditOutcome.optional(),
  /** Any of these. */
  severities: z.array(AuditSeverity).min(1).max(5).optional(),
  /** From this moment on. */
  fromMs: AtMs.optional(),
  /** Before this moment. */
  beforeMs: AtMs.optional(),
  /** Records that this agent caused or that are about it. */
  agentId: z.string().max(100).optional(),
  actorKind: AuditActorKind.optional(),
  actorId: z.string().max(200).optional(),
  /** `area.verb` for exactly this act, or `area.` for every act of an area. */
  action: z.string().max(100).optional(),
  /** Case-insensitive text looked for in action, resource, actor and reason. */
  text: z.string().max(200).optional(),
})
export type AuditFilter = z.infer<typeof AuditFilter>

export const AuditPage = z.strictObject({
  records: z.array(AuditRecord),
  /** Pass as `beforeSeq` for the next, older page; null at the end. A page may be short and still have a next one. */
  nextBeforeSeq: z.number().int().nullable(),
  /** How many records match; counting stops at 10 000 when a filter is set. */
  total: z.number().int(),
})

/** What was done to a trail that does not verify. */
export const AuditTampering = z.enum([
  'edited',
  'deleted',
  'inserted',
  'swapped',
  'truncated',
  'rolled-back',
  'rebuilt',
  'forged-checkpoint',
  'unreadable',
])
export type AuditTampering = z.infer<typeof AuditTampering>

/** A place outside the database that remembers how far the trail went. */
export const AuditAnchorState = z.strictObject({
  name: z.string(),
  state: z.enum(['agrees', 'contradicts', 'empty', 'unreachable']),
  /** Records that the newest thing it remembers speaks for. */
  size: Count.nullable(),
  note: z.string(),
})
export type AuditAnchorState = z.infer<typeof AuditAnchorState>

export const AuditVerification = z.strictObject({
  ok: z.boolean(),
  checked: z.number().int(),
  headHash: Sha256.nullable(),
  /** The first bad row, when there is one. */
  firstBadSeq: z.number().int().nullable(),
  /** The last row that could be the bad one, where the exact one cannot be told; else equal to `firstBadSeq`. */
  suspectToSeq: z.number().int().nullable(),
  tampering: AuditTampering.nullable(),
  problem: z.string().nullable(),
  /** Records up to this one are covered by a signed checkpoint. */
  signedToSeq: Count,
  checkpoints: Count,
  /** Records that were moved to archives; their sealed segments were checked. */
  archived: Count,
  anchors: z.array(AuditAnchorState),
  /** What a person should know although it is no tampering. */
  notes: z.array(z.string()),
  tookMs: z.number(),
})
export type AuditVerification = z.infer<typeof AuditVerification>

export const AuditCheckpoint = z.strictObject({
  number: z.number().int().positive(),
  log: z.string(),
  /** How many records it speaks for. */
  size: z.number().int().positive(),
  /** Merkle tree hash (RFC 6962 §2.1) over the hashes of records 1 to `size`. */
  root: Sha256,
  /** Hash of record `size`. */
  lastHash: Sha256,
  atMs: AtMs,
  keyId: z.string(),
  /** SHA-256 of the checkpoint before it; null for the first. */
  prev: Sha256.nullable(),
  /** Ed25519, hexadecimal. */
  signature: z.string().regex(/^[0-9a-f]{128}$/),
})
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>

export const AuditSegment = z.strictObject({
  number: z.number().int().positive(),
  firstSeq: Seq,
  lastSeq: Seq,
  root: Sha256,
  sealedAtMs: AtMs,
  /** null while its records are in the database. */
  archive: z.strictObject({ file: z.string(), bytes: Count, archivedAtMs: AtMs }).nullable(),
})
export type AuditSegment = z.infer<typeof AuditSegment>

export const AuditStatus = z.strictObject({
  /** Records in the database; archived ones are not among them. */
  rows: Count,
  headSeq: Count,
  /** Estimated size of the records and their indexes in the database. */
  approximateBytes: Count,
  archivedRows: Count,
  archivedBytes: Count,
  segments: z.array(AuditSegment),
  checkpoint: AuditCheckpoint.nullable(),
  checkpoints: Count,
  /** Where the signing key lives. */
  signing: z.strictObject({
    state: z.enum(['opening', 'signing', 'unsigned', 'refusing']),
    keyId: z.string().nullable(),
    backend: z.enum(['keyring', 'file']).nullable(),
    note: z.string(),
  }),
  anchors: z.array(AuditAnchorState),
})
export type AuditStatus = z.infer<typeof AuditStatus>

const Hashes = z.array(Sha256)

/** That one record is part of the trail that a checkpoint speaks for (RFC 6962 §2.1.1). */
export const AuditInclusionProof = z.strictObject({
  kind: z.literal('inclusion'),
  record: AuditRecord,
  /** Merkle leaf hash: SHA-256 of 0x00 and the hash of the record. */
  leaf: Sha256,
  path: Hashes,
  checkpoint: AuditCheckpoint,
  /** Raw Ed25519 public key, hexadecimal. */
  publicKey: z.string(),
})
export type AuditInclusionProof = z.infer<typeof AuditInclusionProof>

/** That the trail of the later checkpoint begins with the trail of the earlier one (RFC 6962 §2.1.2). */
export const AuditConsistencyProof = z.strictObject({
  kind: z.literal('consistency'),
  path: Hashes,
  from: AuditCheckpoint,
  to: AuditCheckpoint,
  publicKeys: z.record(z.string(), z.string()),
})
export type AuditConsistencyProof = z.infer<typeof AuditConsistencyProof>

export const AuditExport = z.strictObject({
  folder: z.string(),
  records: Count,
  checkpoints: Count,
  archivedRecords: Count,
})
export type AuditExport = z.infer<typeof AuditExport>

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
  'audit.status': query('audit.read', z.strictObject({}), AuditStatus),
  'audit.proveInclusion': query('audit.read', z.strictObject({ seq: Seq }), AuditInclusionProof),
  'audit.proveConsistency': query(
    'audit.read',
    z.strictObject({ fromSize: Seq, toSize: Seq.optional() }),
    AuditConsistencyProof,
  ),
  /** Into a new folder below `exports` of the data folder. */
  'audit.export': command('audit.read', z.strictObject({}), AuditExport),
  /** Move sealed segments out of the database, the oldest first, so that at least `keepRows` records stay. */
  'audit.archive': command(
    'audit.write',
    z.strictObject({ keepRows: Count }),
    z.strictObject({ segments: Count, rows: Count }),
  ),
  'audit.rotateKey': command('audit.write', z.strictObject({ reason: Reason }), z.strictObject({ keyId: z.string() })),
  /** Sign again after an anchor contradicted the trail: a new log begins that says so for ever. */
  'audit.startNewLog': command('audit.write', z.strictObject({ reason: Reason }), z.strictObject({ log: z.string() })),
} as const

export const auditTopics = {
  'audit.appended': topic(z.strictObject({ seq: z.number().int() })),
  'audit.sealed': topic(z.strictObject({ size: z.number().int() })),
} as const

export const auditStreams = {
  /** Records as they are committed, oldest first, from the one after `afterSeq` (default: from now on). */
  'audit.tail': stream('audit.read', z.strictObject({ filter: AuditFilter, afterSeq: Count.optional() }), AuditRecord),
  /** The same as `audit.verify` with its progress; closing it calls the walk off. */
  'audit.verification': stream(
    'audit.read',
    z.strictObject({}),
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('progress'), checked: Count, total: Count }),
      z.strictObject({ kind: z.literal('result'), verification: AuditVerification }),
    ]),
  ),
} as const
