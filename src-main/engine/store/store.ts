import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { asRuntimeError, type Clock, type Log, messageOf, RuntimeError } from '../core'
import { createCheckpointer } from './checkpointer'
import { takeLock } from './lock'
import { migrate, refuseNewer } from './migrate'
import { type Migration, migrations as shipped } from './migrations'
import { createSql, type Sql } from './sql'
import { createWalSync } from './wal-sync'

/** A running write: its statements commit or roll back together. */
export interface Tx extends Sql {
  /** Run once the transaction is committed; never when it was rolled back. When the write resolves it is on the disk. */
  onCommit(callback: () => void): void
}

/**
 * The one database. Reads are direct; writes queue and share a commit ("group commit"), so that a burst costs one
 * fsync. A write's promise resolves only after its commit is on the disk: acknowledged means it survives kill -9.
 */
export interface Store extends Sql {
  write<T>(change: (tx: Tx) => T): Promise<T>
  readonly path: string
  readonly sizeBytes: () => number
  close(): Promise<void>
}

export interface StoreOptions {
  /** The data folder; made with mode 0700. */
  readonly dir: string
  readonly clock: Clock
  readonly log: Log
  /** A compiled SQLite binding, where the shipped one does not load. */
  readonly nativeBinding?: string | undefined
  readonly migrations?: readonly Migration[]
  /**
   * Sync the log and move it into the database away from the main thread. A write resolves when it is on the disk in any
   * case; without this, the thread that writes stands still until then.
   */
  readonly inBackground?: boolean
}

interface Queued {
  readonly run: (sql: Sql, onCommit: (callback: () => void) => void) => void
  readonly settle: (error: RuntimeError | null) => void
}

/** From here on a commit only appends to the log: threads bring it to the disk and into the database. */
const keepInBackground = (db: BetterSqlite.Database, path: string, options: StoreOptions) => {
  db.pragma('synchronous = NORMAL')
  db.pragma('wal_autocheckpoint = 0')
  const wal = createWalSync(`${path}-wal`)
  const checkpointer = createCheckpointer({
    path,
    nativeBinding: options.nativeBinding,
    finish: () => {
      if (db.open) db.pragma('wal_checkpoint(PASSIVE)')
    },
    log: options.log,
  })
  return {
    /** Call back once it is on the disk. */
    committed(callback: (error: RuntimeError | null) => void): void {
      wal.after(callback)
      checkpointer.committed()
    },
    async close(): Promise<void> {
      await wal.idle()
      wal.close()
      await checkpointer.close()
    },
  }
}

/** A commit takes at most this much work before others get the thread. */
const BATCH_BUDGET_MS = 6

/** Taken only as far as pages are used. */
const CACHE_KIB = 32_768

/**
 * Open the database of a data folder, take its lock and bring it up to date.
 *
 * @throws CONFIG_002 when another engine uses the folder, STORE_001 when it cannot be opened, STORE_002 when it is newer
 */
export const openStore = (options: StoreOptions): Store => {
  const open = (path: string, readonly = false): BetterSqlite.Database =>
    new BetterSqlite(path, {
      readonly,
      ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
    })
  const path = join(options.dir, 'symbi.db')
  const migrations = options.migrations ?? shipped
  let db: BetterSqlite.Database
  let unlock: () => void
  try {
    mkdirSync(options.dir, { recursive: true, mode: 0o700 })
    chmodSync(options.dir, 0o700)
    unlock = takeLock(options.dir, open, process.pid)
    try {
      if (existsSync(path)) {
        const present = open(path, true)
        try {
          refuseNewer(present, migrations)
        } finally {
          present.close()
        }
      }
      db = open(path)
    } catch (error) {
      unlock()
      throw error
    }
  } catch (error) {
    throw asRuntimeError(error, 'STORE_001', 'The database cannot be opened')
  }
  try {
    chmodSync(path, 0o600)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    // The pages that many small writes come back to: what falls out of the cache is read again at the next write.
    db.pragma(`cache_size = -${CACHE_KIB}`)
    // What a savepoint may have to undo stays in memory.
    db.pragma('temp_store = MEMORY')
    const copy = migrate(db, {
      migrations,
      backupDir: join(options.dir, 'backups'),
      nowMs: options.clock.nowMs(),
      openCopy: (file) => open(file, true),
    })
    if (copy !== null) options.log.info({ copy }, 'schema migrated, a copy of the former database was kept')
  } catch (error) {
    db.close()
    unlock()
    throw asRuntimeError(error, 'STORE_001', 'The database cannot be opened')
  }

  const upkeep = options.inBackground === true ? keepInBackground(db, path, options) : null

  const sql = createSql(db)
  // Prepared once: each act of the engine is a savepoint, and reading the words anew costs as much as the act.
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const mark = db.prepare('SAVEPOINT one')
  const keep = db.prepare('RELEASE one')
  const undo = db.prepare('ROLLBACK TO one')
  let queue: Queued[] = []
  let scheduled = false
  let closed = false

  /** The change is committed by now: a listener that fails must not keep others from learning of theirs. */
  const announce = (callback: () => void): void => {
    try {
      callback()
    } catch (error) {
      options.log.error({ reason: messageOf(error) }, 'a listener to a committed change failed')
    }
  }

  const flush = (): void => {
    scheduled = false
    if (queue.length === 0) return
    const startedMs = options.clock.monotonicMs()
    const batch: { queued: Queued; error: RuntimeError | null; callbacks: (() => void)[] }[] = []
    try {
      begin.run()
      while (queue.length > 0 && options.clock.monotonicMs() - startedMs < BATCH_BUDGET_MS) {
        const queued = queue.shift()
        if (queued === undefined) break
        const entry = { queued, error: null as RuntimeError | null, callbacks: [] as (() => void)[] }
        batch.push(entry)
        mark.run()
        try {
          queued.run(sql, (callback) => entry.callbacks.push(callback))
          keep.run()
        } catch (error) {
          undo.run()
          keep.run()
          entry.error =
            error instanceof BetterSqlite.SqliteError
              ? asRuntimeError(error, 'STORE_001', 'The change could not be written')
              : asRuntimeError(error, 'INTERNAL_001', 'The change failed before it was written')
        }
      }
      commit.run()
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      const failure = asRuntimeError(error, 'STORE_001', 'The database cannot be written')
      for (const entry of batch) entry.error ??= failure
      if (batch.length === 0) {
        for (const queued of queue) queued.settle(failure)
        queue = []
      }
    }
    const kept: Queued[] = []
    for (const entry of batch) {
      if (entry.error !== null) entry.queued.settle(entry.error)
      else {
        if (upkeep === null) entry.queued.settle(null)
        else kept.push(entry.queued)
        for (const callback of entry.callbacks) announce(callback)
      }
    }
    if (kept.length > 0)
      upkeep?.committed((error) => {
        for (const queued of kept) queued.settle(error)
      })
    if (queue.length > 0) schedule()
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  return {
    ...sql,
    path,
    sizeBytes: () =>
      Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true })),
    write<T>(change: (tx: Tx) => T): Promise<T> {
      if (closed) return Promise.reject(new RuntimeError('STORE_001', 'The database is closed.'))
      return new Promise<T>((resolve, reject) => {
        let result: { value: T } | undefined
        queue.push({
          run: (inner, onCommit) => {
            result = { value: change({ ...inner, onCommit }) }
          },
          settle: (error) => {
            if (error !== null) reject(error)
            else if (result !== undefined) resolve(result.value)
          },
        })
        schedule()
      })
    },
    async close() {
      if (closed) return
      closed = true
      while (queue.length > 0) flush()
      await upkeep?.close()
      db.pragma('optimize')
      db.close()
      unlock()
    },
  }
}
