import { existsSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { asRuntimeError, RuntimeError } from '../core'
import { migrations } from './migrations'
import { createSql, type Sql } from './sql'

/** Reading beside a running engine: no lock, no migration, no write. */
export interface Reader extends Sql {
  close(): void
}

/** @throws STORE_001 when there is no database or it cannot be read, STORE_002 when its schema is not this version's */
export const openReader = (options: { dir: string; nativeBinding?: string | undefined }): Reader => {
  const path = join(options.dir, 'symbi.db')
  if (!existsSync(path))
    throw new RuntimeError('STORE_001', 'This data folder holds no database yet.', {
      nextStep: 'Start the console once, or name the right folder with --data-dir.',
    })
  try {
    const db = new BetterSqlite(path, {
      readonly: true,
      ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
    })
    const version = Number(db.pragma('user_version', { simple: true }))
    const known = migrations.at(-1)?.version ?? 0
    if (version !== known) {
      db.close()
      throw new RuntimeError('STORE_002', `The database has schema version ${version}; this version reads ${known}.`, {
        nextStep:
          version > known ? 'Use the newer version.' : 'Start the console once, so that it brings the data up to date.',
      })
    }
    return { ...createSql(db), close: () => db.close() }
  } catch (error) {
    throw asRuntimeError(error, 'STORE_001', 'The database cannot be read')
  }
}
