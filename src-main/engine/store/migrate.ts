import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type BetterSqlite from 'better-sqlite3'
import { RuntimeError } from '../core'
import type { Migration } from './migrations'

export interface MigrateOptions {
  readonly migrations: readonly Migration[]
  /** Where a copy of the database goes before the first step. */
  readonly backupDir: string
  readonly nowMs: number
  /** Opens a database file read-only to prove that a copy can be read. */
  readonly openCopy: (path: string) => BetterSqlite.Database
}

const userVersion = (db: BetterSqlite.Database): number => {
  const version: unknown = db.pragma('user_version', { simple: true })
  return typeof version === 'number' ? version : 0
}

/** Copy the database and prove the copy by reading it whole. */
const backUp = (db: BetterSqlite.Database, path: string, openCopy: MigrateOptions['openCopy']): void => {
  db.prepare('VACUUM INTO ?').run(path)
  const copy = openCopy(path)
  const state: unknown = copy.pragma('integrity_check', { simple: true })
  copy.close()
  if (state !== 'ok')
    throw new RuntimeError('STORE_001', `The backup before the migration is damaged: ${String(state)}`)
}

/**
 * Bring the schema up to date in one transaction, after a verified copy.
 *
 * @returns the path of the copy, when one was made
 * @throws STORE_002 when a newer version wrote the file (nothing is touched), STORE_001 when a step fails
 */
export const migrate = (db: BetterSqlite.Database, options: MigrateOptions): string | null => {
  const from = userVersion(db)
  const newest = options.migrations.at(-1)?.version ?? 0
  if (from > newest) {
    throw new RuntimeError(
      'STORE_002',
      `The database has schema version ${from}; this version of the product knows up to ${newest}.`,
      { details: { found: from, known: newest } },
    )
  }
  const due = options.migrations.filter((migration) => migration.version > from)
  if (due.length === 0) return null

  let copy: string | null = null
  if (from > 0) {
    mkdirSync(options.backupDir, { recursive: true, mode: 0o700 })
    copy = join(options.backupDir, `symbi-v${from}-${options.nowMs}.db`)
    backUp(db, copy, options.openCopy)
  }
  db.exec('BEGIN EXCLUSIVE')
  try {
    for (const migration of due) db.exec(migration.sql)
    db.pragma(`user_version = ${newest}`)
    db.exec('COMMIT')
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw new RuntimeError('STORE_001', 'A step of the schema migration failed; the data is as it was.', {
      cause: error,
      details: { from, to: newest },
    })
  }
  return copy
}
