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

/**
 * Take the data folder for this process. The lock is an exclusive transaction on a database of its own, so the
 * operating system frees it however the process ends: there is no stale lock to clean up.
 *
 * @throws CONFIG_002 when another engine holds it
 */
export const takeLock = (dir: string, open: (path: string) => BetterSqlite.Database, pid: number): (() => void) => {
  const pidFile = join(dir, 'engine.pid')
  const db = open(join(dir, 'engine.lock'))
  try {
    db.pragma('busy_timeout = 0')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    const other = holder(pidFile)
    throw new RuntimeError(
      'CONFIG_002',
      `Another engine${other === '' ? '' : ` (process ${other})`} uses this data folder.`,
      {
        cause: error,
      },
    )
  }
  writeFileSync(pidFile, `${pid}\n`, { mode: 0o600 })
  return () => {
    db.exec('ROLLBACK')
    db.close()
  }
}
