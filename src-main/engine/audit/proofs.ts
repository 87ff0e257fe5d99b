import type { AuditCheckpoint, AuditConsistencyProof, AuditInclusionProof } from '@contract'
import { RuntimeError } from '../core'
import type { Sql } from '../store'
import { type AuditRow, toRecord } from './audit-row'
import { checkpointCovering, newestCheckpoint } from './checkpoint'
import { readKeyHistory } from './key-history'
import { consistencyPath, inclusionPath, verifyConsistency, verifyInclusion } from './merkle'
import { createNodes, leafOf } from './tree-nodes'

const hexOf = (path: readonly Buffer[]): string[] => path.map((hash) => hash.toString('hex'))
const headOf = ({ size, root }: AuditCheckpoint) => ({ size, root: Buffer.from(root, 'hex') })

const contradicted = (): RuntimeError =>
  new RuntimeError('AUDIT_002', 'The records are not those that the checkpoint speaks for; verify the trail.')

/**
 * That a record is in the trail of the newest checkpoint. Checked before it is given out.
 * @throws AUDIT_003 when there is no such record or no checkpoint covers it yet, AUDIT_002 when the trail was changed
 */
export const proveInclusion = (sql: Sql, seq: number): AuditInclusionProof => {
  const row = sql.get<AuditRow>('SELECT * FROM audit WHERE seq = :seq', { seq })
  if (row === undefined) throw new RuntimeError('AUDIT_003', `There is no record ${seq} in the database.`)
  const checkpoint = newestCheckpoint(sql)
  if (checkpoint === null || checkpoint.size < seq)
    throw new RuntimeError('AUDIT_003', `No checkpoint covers record ${seq} yet.`)
  const publicKey = readKeyHistory(sql).publicKeys.get(checkpoint.keyId)
  if (publicKey === undefined) throw contradicted()
  const leaf = leafOf(row.hash)
  const path = inclusionPath(createNodes(sql), seq - 1, checkpoint.size)
  const { root } = headOf(checkpoint)
  if (!verifyInclusion({ leaf, index: seq - 1, size: checkpoint.size }, path, root)) throw contradicted()
  return {
    kind: 'inclusion',
    record: toRecord(row),
    leaf: leaf.toString('hex'),
    path: hexOf(path),
    checkpoint,
    publicKey,
  }
}

const exactly = (sql: Sql, size: number): AuditCheckpoint => {
  const found = checkpointCovering(sql, size)
  if (found?.size === size) return found
  throw new RuntimeError('AUDIT_003', `There is no checkpoint of exactly ${size} records.`, {
    details: found === null ? {} : { next: found.size },
  })
}

/**
 * That the trail of one checkpoint is the beginning of the trail of a later one (the newest by default).
 * @throws AUDIT_003 when there is no checkpoint of that size, AUDIT_002 when the trail was changed
 */
export const proveConsistency = (sql: Sql, fromSize: number, toSize?: number): AuditConsistencyProof => {
  const from = exactly(sql, fromSize)
  const to = toSize === undefined ? newestCheckpoint(sql) : exactly(sql, toSize)
  if (to === null || to.size < from.size)
    throw new RuntimeError('AUDIT_003', 'The later checkpoint must speak for at least as many records.')
  const path = consistencyPath(createNodes(sql), from.size, to.size)
  if (!verifyConsistency(headOf(from), headOf(to), path)) throw contradicted()
  const { publicKeys } = readKeyHistory(sql)
  const used = [from.keyId, to.keyId].map((id) => [id, publicKeys.get(id) ?? ''] as const)
  return { kind: 'consistency', path: hexOf(path), from, to, publicKeys: Object.fromEntries(used) }
}
