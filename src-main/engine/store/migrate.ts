import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
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

/**
 * Refuse a file that a newer version wrote. Ask this on a read-only connection, before anything that could write to it.
 *
 * @throws STORE_002
 */
export const refuseNewer = (db: BetterSqlite.Database, migrations: readonly Migration[]): void => {
  const found = userVersion(db)
  const known = migrations.at(-1)?.version ?? 0
  if (found <= known) return
  throw new RuntimeError(
    'STORE_002',
    `The database has schema version ${found}; this version of the product knows up to ${known}.`,
    { details: { found, known } },
  )
}

/** Copy the database, bring the copy to the disk and prove it by reading it whole. */
const backUp = (db: BetterSqlite.Database, path: string, openCopy: MigrateOptions['openCopy']): void => {
  db.prepare('VACUUM INTO ?').run(path)
  chmodSync(path, 0o600)
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  const copy = openCopy(path)
  let state: unknown
  try {
    state = copy.pragma('integrity_check', { simple: true })
  } finally {
    copy.close()
  }
  if (state !== 'ok')
    throw new RuntimeError('STORE_001', `The backup before the migration is damaged: ${String(state)}`)
}

/**
 * Bring the schema up to date in one transaction, after a verified copy.
 *
 * @returns the path of the copy, when one was made
 * @throws STORE_001 when the copy or a step fails; the data is as it was
 */
export const migrate = (db: BetterSqlite.Database, options: MigrateOptions): string | null => {
  const from = userVersion(db)
  const newest = options.migrations.at(-1)?.version ?? 0
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
