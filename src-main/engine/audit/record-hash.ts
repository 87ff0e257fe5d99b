import { createHash } from 'node:crypto'

/** The fields that the hash covers: all of them but the hash. */
export interface HashedFields {
  readonly seq: number
  readonly atMs: number
  readonly correlationId: string
  readonly actorKind: string
  readonly actorId: string
  readonly action: string
  readonly resource: string
  readonly outcome: string
  readonly code: string | null
  readonly reason: string
  /** The JSON text exactly as stored. */
  readonly detailsText: string
  readonly prevHash: string
}

/** The hash before the first record. */
export const GENESIS_HASH = createHash('sha256').update('symbi-audit-v1 genesis').digest('hex')

/** `length:bytes`, so that no content can imitate a field border; `~` marks an absent value. */
const field = (value: string | null): Buffer => {
  if (value === null) return Buffer.from('~')
  const bytes = Buffer.from(value, 'utf8')
  return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes])
}

/** SHA-256, lower-case hex, over the domain tag and every field in fixed order, each with its length before it. */
export const recordHash = (record: HashedFields): string => {
  const hash = createHash('sha256').update('symbi-audit-v1')
  const fields = [
    String(record.seq),
    String(record.atMs),
    record.correlationId,
    record.actorKind,
    record.actorId,
    record.action,
    record.resource,
    record.outcome,
    record.code,
    record.reason,
    record.detailsText,
    record.prevHash,
  ]
  for (const value of fields) hash.update(field(value))
  return hash.digest('hex')
}
