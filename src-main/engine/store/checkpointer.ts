import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { type Log, messageOf } from '../core'

/** Keeps the write-ahead log short, away from the main thread. */
export interface Checkpointer {
  /** Something was committed: look whether the log has grown. */
  committed(): void
  /** Ends the thread; resolves when its connection is closed. */
  close(): Promise<void>
}

export interface CheckpointerOptions {
  readonly path: string
  readonly nativeBinding: string | undefined
  /** Move on the main thread what the thread did not come to. */
  readonly finish: () => void
  readonly log: Log
}

/** The log is moved into the database when it has grown by so much. */
const EVERY_BYTES = 8 * 1024 * 1024
/** Asking for the size costs a few microseconds; so many commits may pass in between. */
const LOOK_EVERY = 16

/**
 * What was committed while one round went on is moved by the next, which is shorter; where a round finds nothing new, all
 * is moved and the log starts over with the next commit.
 */
const ROUNDS = 20

/**
 * All that the thread does. A text, since it has to run wherever this file was bundled into.
 * PASSIVE never waits for anybody and keeps nobody waiting.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const Database = require(workerData.library)
const db = new Database(workerData.path, workerData.options)
parentPort.on('message', (what) => {
  if (what === 'close') {
    db.close()
    parentPort.close()
    return
  }
  let answer = { isWhole: false, problem: null }
  try {
    let before = -1
    for (let round = 0; round < ${ROUNDS} && !answer.isWhole; round += 1) {
      const { log } = db.pragma('wal_checkpoint(PASSIVE)')[0]
      answer.isWhole = log <= before
      before = log
    }
  } catch (error) {
    answer.problem = String(error)
  }
  parentPort.postMessage(answer)
})
`

/**
 * A checkpoint writes and syncs megabytes. A thread with a connection of its own does that while the main thread goes on
 * writing. The thread starts when the log has grown for the first time.
 */
export const createCheckpointer = ({ path, nativeBinding, finish, log }: CheckpointerOptions): Checkpointer => {
  let worker: Worker | null = null
  let isWorking = false
  let isClosed = false
  let commits = 0

  const start = (): Worker => {
    const made = new Worker(THREAD, {
      eval: true,
      workerData: {
        library: createRequire(import.meta.url).resolve('better-sqlite3'),
        path,
        options: nativeBinding === undefined ? {} : { nativeBinding },
      },
    })
    made.unref()
    made.on('message', ({ isWhole, problem }: { isWhole: boolean; problem: string | null }) => {
      isWorking = false
      if (problem !== null) log.warn({ reason: problem }, 'the log of the database could not be moved')
      if (!isWhole && !isClosed) finish()
    })
    made.on('error', (error) => {
      // The main thread moves the log itself from now on.
      log.warn({ reason: messageOf(error) }, 'the thread that moves the log of the database ended')
      worker = null
      isWorking = false
      isClosed = true
      finish()
    })
    return made
  }

  return {
    committed() {
      commits += 1
      if (commits % LOOK_EVERY !== 0 || isWorking) return
      const { size } = statSync(`${path}-wal`, { throwIfNoEntry: false }) ?? { size: 0 }
      if (size < EVERY_BYTES) return
      if (isClosed) return finish()
      worker ??= start()
      isWorking = true
      worker.postMessage('checkpoint')
    },
    async close() {
      isClosed = true
      const ending = worker
      if (ending === null) return
      worker = null
      const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()))
      ending.ref()
      ending.postMessage('close')
      await ended
    },
  }
}
