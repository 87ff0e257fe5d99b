import { type BackendId, NewBackend } from '@contract'
import { z } from 'zod'
import type { Sql, Store, Tx } from '../store'

/** A back-end that a person added, as it is kept: the names of its secrets, never what is in them. */
export interface StoredBackend extends NewBackend {
  readonly id: BackendId
  readonly createdAtMs: number
}

export interface BackendTable {
  insert(tx: Tx, backend: StoredBackend): void
  /** False when it was not there. */
  remove(tx: Tx, id: BackendId): boolean
  has(sql: Sql, id: BackendId): boolean
  all(): readonly StoredBackend[]
}

const Row = z.object({
  id: z.string().transform((id) => id as BackendId),
  name: z.string(),
  remote: z.string().transform((text) => NewBackend.shape.remote.parse(JSON.parse(text))),
  weight: z.number(),
  max_concurrent: z.number(),
  created_at: z.number(),
})

export const createBackendTable = (store: Store): BackendTable => ({
  insert(tx, { id, name, remote, weight, maxConcurrent, createdAtMs }) {
    tx.run(
      `INSERT INTO execution_backends (id, name, remote, weight, max_concurrent, created_at)
       VALUES (:id, :name, :remote, :weight, :maxConcurrent, :createdAtMs)`,
      { id, name, remote: JSON.stringify(remote), weight, maxConcurrent, createdAtMs },
    )
  },
  remove: (tx, id) => tx.run('DELETE FROM execution_backends WHERE id = :id', { id }) > 0,
  has: (sql, id) => sql.get('SELECT 1 FROM execution_backends WHERE id = :id', { id }) !== undefined,
  all: () =>
    store
      .all<unknown>('SELECT * FROM execution_backends ORDER BY id')
      .map((row) => Row.parse(row))
      .map(({ id, name, remote, weight, max_concurrent, created_at }) => ({
        id,
        name,
        remote,
        weight,
        maxConcurrent: max_concurrent,
        createdAtMs: created_at,
      })),
})
