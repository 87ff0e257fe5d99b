import { canonical, sha256Hex } from './canonical'

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
  /** Which start of the engine wrote it, and milliseconds of its steady clock: absent in the first encoding. */
  readonly boot?: { readonly id: string; readonly monotonicMs: number } | undefined
}

/** The hash before the first record. */
export const GENESIS_HASH = sha256Hex('symbi-audit-v1 genesis')

/**
 * SHA-256, lower-case hex, over the domain tag and every field in fixed order, each with its length before it.
 * `symbi-audit-v1` is what records without a boot have, `symbi-audit-v2` adds boot id and steady clock.
 */
export const recordHash = (record: HashedFields): string => {
  const fields = [
    record.seq,
    record.atMs,
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
  return sha256Hex(
    record.boot === undefined
      ? canonical('symbi-audit-v1', fields)
      : canonical('symbi-audit-v2', [...fields, record.boot.id, record.boot.monotonicMs]),
  )
}
