import { closeSync, fdatasync, openSync } from 'node:fs'
import { asRuntimeError, RuntimeError } from '../core'

/** Brings what was committed to the disk, away from the main thread. */
export interface WalSync {
  /** Call back once everything that is in the log now is on the disk, or with the reason why it is not. */
  after(callback: (error: RuntimeError | null) => void): void
  /** Resolves when nothing is waited for any more. */
  idle(): Promise<void>
  close(): void
}

/**
 * SQLite appends a commit to its write-ahead log; with `synchronous = NORMAL` it leaves the syncing of the log to us (and syncs
 * it itself before a checkpoint, so the database stays whole in any case). One sync covers all commits before it, and
 * those that come meanwhile share the next one. So a disk that takes its time holds up who waits for it, and nobody else.
 *
 * A sync that failed cannot be trusted again, since the system may have dropped what it could not write: from then on
 * nothing counts as kept.
 */
export const createWalSync = (path: string, sync: typeof fdatasync = fdatasync): WalSync => {
  let file: number | null = null
  let waiting: ((error: RuntimeError | null) => void)[] = []
  let broken: RuntimeError | null = null
  let running = false
  let onIdle: (() => void)[] = []

  const settle = (callbacks: typeof waiting, error: RuntimeError | null): void => {
    for (const callback of callbacks) callback(error)
  }

  const run = (): void => {
    const covered = waiting
    waiting = []
    running = true
    const done = (error: unknown): void => {
      running = false
      if (error !== null) broken = asRuntimeError(error, 'STORE_001', 'The database cannot be synced')
      settle(covered, broken)
      if (waiting.length > 0) {
        run()
        return
      }
      const idle = onIdle
      onIdle = []
      for (const resolve of idle) resolve()
    }
    try {
      file ??= openSync(path, 'r+')
      sync(file, done)
    } catch (error) {
      done(error)
    }
  }

  return {
    after(callback) {
      if (broken !== null) callback(broken)
      else {
        waiting.push(callback)
        if (!running) run()
      }
    },
    idle: () => (running ? new Promise((resolve) => onIdle.push(resolve)) : Promise.resolve()),
    close() {
      if (file !== null) closeSync(file)
      file = null
      broken ??= new RuntimeError('STORE_001', 'The database is closed.')
    },
  }
}
