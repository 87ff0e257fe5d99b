import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type BetterSqlite from 'better-sqlite3'
import { RuntimeError } from '../core'

const holder = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** Anything else, such as a folder that cannot be written, is not another engine. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')

/**
 * Take the data folder for this process. The lock is an exclusive transaction on a database of its own, so the
 * operating system frees it however the process ends: there is no stale lock to clean up.
 *
 * @throws CONFIG_002 when another engine holds it; what the file system says, when the folder cannot be written
 */
export const takeLock = (dir: string, open: (path: string) => BetterSqlite.Database, pid: number): (() => void) => {
  const pidFile = join(dir, 'engine.pid')
  const db = open(join(dir, 'engine.lock'))
  try {
    db.pragma('busy_timeout = 0')
    db.exec('BEGIN EXCLUSIVE')
    writeFileSync(pidFile, `${pid}\n`, { mode: 0o600 })
  } catch (error) {
    db.close()
    if (!isBusy(error)) throw error
    const other = holder(pidFile)
    throw new RuntimeError(
      'CONFIG_002',
      `Another engine${other === '' ? '' : ` (process ${other})`} uses this data folder.`,
      {
        cause: error,
      },
    )
  }
  return () => {
    db.exec('ROLLBACK')
    db.close()
  }
}
