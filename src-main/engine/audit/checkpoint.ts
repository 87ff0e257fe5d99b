import { AuditCheckpoint } from '@contract'
import type { Sql } from '../store'
import { canonical, sha256Hex } from './canonical'
import { isSignedBy, type SigningKey } from './signing'

type Unsigned = Omit<AuditCheckpoint, 'signature'>

/** What is signed: all of it but the signature. */
export const checkpointText = (checkpoint: Unsigned): string =>
  canonical('symbi-audit-checkpoint-v1', [
    checkpoint.number,
    checkpoint.log,
    checkpoint.size,
    checkpoint.root,
    checkpoint.lastHash,
    checkpoint.atMs,
    checkpoint.keyId,
    checkpoint.prev,
  ])

/** What the next one names as `prev`; the signature is part of it. */
export const checkpointHash = (checkpoint: AuditCheckpoint): string =>
  sha256Hex(canonical('symbi-audit-checkpoint-v1 hash', [checkpointText(checkpoint), checkpoint.signature]))

export const signCheckpoint = (key: SigningKey, unsigned: Unsigned): AuditCheckpoint => ({
  ...unsigned,
  signature: key.sign(checkpointText(unsigned)),
})

export const isCheckpointSigned = (checkpoint: AuditCheckpoint, publicKey: string): boolean =>
  isSignedBy(publicKey, checkpointText(checkpoint), checkpoint.signature)

interface CheckpointRow {
  readonly number: number
  readonly log: string
  readonly size: number
  readonly root: string
  readonly last_hash: string
  readonly at: number
  readonly key_id: string
  readonly prev: string | null
  readonly signature: string
}

const toCheckpoint = (row: CheckpointRow): AuditCheckpoint => ({
  number: row.number,
  log: row.log,
  size: row.size,
  root: row.root,
  lastHash: row.last_hash,
  atMs: row.at,
  keyId: row.key_id,
  prev: row.prev,
  signature: row.signature,
})

export const insertCheckpoint = (sql: Sql, checkpoint: AuditCheckpoint): void => {
  const { number, log, size, root, lastHash, atMs, keyId, prev, signature } = checkpoint
  sql.run(
    `INSERT INTO audit_checkpoints (number, log, size, root, last_hash, at, key_id, prev, signature)
     VALUES (:number, :log, :size, :root, :lastHash, :atMs, :keyId, :prev, :signature)`,
    { number, log, size, root, lastHash, atMs, keyId, prev, signature },
  )
}

export const newestCheckpoint = (sql: Sql): AuditCheckpoint | null => {
  const row = sql.get<CheckpointRow>('SELECT * FROM audit_checkpoints ORDER BY number DESC LIMIT 1')
  return row === undefined ? null : toCheckpoint(row)
}

/** The first checkpoint that speaks for at least `size` records. */
export const checkpointCovering = (sql: Sql, size: number): AuditCheckpoint | null => {
  const row = sql.get<CheckpointRow>(
    'SELECT * FROM audit_checkpoints WHERE size >= :size ORDER BY size, number DESC LIMIT 1',
    { size },
  )
  return row === undefined ? null : toCheckpoint(row)
}

/** In the order they were made, `limit` at a time. */
export const checkpointsAfter = (sql: Sql, number: number, limit: number): AuditCheckpoint[] =>
  sql
    .all<CheckpointRow>('SELECT * FROM audit_checkpoints WHERE number > :number ORDER BY number LIMIT :limit', {
      number,
      limit,
    })
    .map(toCheckpoint)

/** One line of an anchor file; null for what is no checkpoint. */
export const parseCheckpoint = (text: string): AuditCheckpoint | null => {
  try {
    const parsed = AuditCheckpoint.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
