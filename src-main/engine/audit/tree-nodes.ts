import { RuntimeError } from '../core'
import type { Sql } from '../store'
import { leafHash, type NodeAt, nodeHash } from './merkle'

/** Nodes of every eighth level are stored, so a proof hashes a few hundred leaves at most, however long the trail is. */
export const STORED_LEVELS = 8

/** A complete node that is to be stored. */
export interface TreeNode {
  readonly level: number
  readonly index: number
  readonly hash: Buffer
}

export const isStoredLevel = (level: number): boolean => level > 0 && level % STORED_LEVELS === 0

export const leafOf = (recordHash: string): Buffer => leafHash(Buffer.from(recordHash, 'hex'))

export const insertNodes = (sql: Sql, nodes: readonly TreeNode[]): void => {
  for (const { level, index, hash } of nodes)
    sql.run('INSERT OR IGNORE INTO audit_tree (level, idx, hash) VALUES (:level, :index, :hash)', {
      level,
      index,
      hash,
    })
}

/**
 * The complete nodes of the tree, from what is stored and from the records. A forged stored node gives a root that no
 * checkpoint has signed, so whoever uses this compares the root.
 *
 * @throws AUDIT_003 from the function it returns, when the records of a node are archived
 */
export const createNodes = (sql: Sql): NodeAt => {
  const leaves = (first: number, count: number): Buffer[] => {
    const rows = sql.all<{ seq: number; hash: string }>(
      'SELECT seq, hash FROM audit WHERE seq BETWEEN :first AND :last ORDER BY seq',
      { first: first + 1, last: first + count },
    )
    if (rows.length !== count)
      throw new RuntimeError('AUDIT_003', `Records ${first + 1} to ${first + count} are not all in the database.`)
    return rows.map(({ hash }) => leafOf(hash))
  }

  const fold = (row: readonly Buffer[]): Buffer => {
    const [only] = row
    if (row.length === 1 && only !== undefined) return only
    const above: Buffer[] = []
    for (let index = 0; index + 1 < row.length; index += 2) {
      const left = row[index]
      const right = row[index + 1]
      if (left !== undefined && right !== undefined) above.push(nodeHash(left, right))
    }
    return fold(above)
  }

  const at: NodeAt = (level, index) => {
    if (isStoredLevel(level)) {
      const stored = sql.get<{ hash: Buffer }>('SELECT hash FROM audit_tree WHERE level = :level AND idx = :index', {
        level,
        index,
      })
      if (stored !== undefined) return stored.hash
    }
    return level <= STORED_LEVELS
      ? fold(leaves(index * 2 ** level, 2 ** level))
      : nodeHash(at(level - 1, index * 2), at(level - 1, index * 2 + 1))
  }
  return at
}
