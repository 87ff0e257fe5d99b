import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Piscina } from 'piscina'
import { asRuntimeError, RuntimeError } from '../core'
import type { Closed, Opened, Plain, Signing } from './crypto-box.ts'
import { type Answer, type Bytes, bufferOf, type Job, packClosed, packPlain, unpackResults } from './job.ts'
import { type KeyMaterial, packKeys } from './key-ring.ts'

/** A parcel as a thread made it: headers in one piece, everything sealed in another. */
export interface SealedParcel {
  readonly heads: Buffer
  readonly bodies: Buffer
}

/** Threads that sign, seal, open and verify, so that the main thread does not. They start with the first job. */
export interface CryptoPool {
  readonly threads: number
  /** Sealed and signed by one thread, in their order. */
  seal(messages: readonly Plain[], keys: readonly KeyMaterial[], signing: Signing): Promise<SealedParcel>
  /** In the order given. What many ask for at once goes to the threads together. */
  open(messages: readonly Closed[]): Promise<Opened[]>
  /** Whether each signature holds, without opening. */
  check(messages: readonly Closed[], keys: readonly KeyMaterial[]): Promise<boolean[]>
  close(): Promise<void>
}

/** One thread opens at most so many messages at once: an answer should not wait behind a hundred others. */
const MAX_OPENED = 64
const MIN_OPENED = 8
/** So many make a job of their own while every thread has one. */
const GATHERED = 32
const NICE = 5

/** Beside this file as it is written, and beside or above it as it is built. */
const PLACES = ['./crypto-worker.ts', './bus-worker.js', '../bus-worker.js']

const workerFile = (): string => {
  const found = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path))
  if (found === undefined) throw new RuntimeError('INTERNAL_001', 'The program of the crypto threads is missing.')
  return found
}

type TransferList = NonNullable<NonNullable<Parameters<Piscina['run']>[1]>['transferList']>
/** The pool's type for it is that of another runtime. */
const handedOver = (...parts: readonly Bytes[]): TransferList => parts.map(({ buffer }) => buffer) as object

/** Messages that somebody wants opened, and what is known of them. */
interface Order {
  readonly messages: readonly Closed[]
  readonly opened: Opened[]
  left: number
  readonly resolve: (opened: Opened[]) => void
  readonly reject: (error: unknown) => void
}

export const createCryptoPool = (options: {
  /** 0 stands for one less than the machine has cores, at least one. */
  readonly threads: number
  /** The keys that opening these takes, from the registry. */
  readonly keysOf: (messages: readonly Closed[]) => readonly KeyMaterial[]
}): CryptoPool => {
  const threads = options.threads > 0 ? options.threads : Math.max(1, availableParallelism() - 1)
  let starting: Promise<Piscina> | null = null
  let closed = false

  const start = async (): Promise<Piscina> => {
    const { Piscina: Pool } = await import('piscina')
    return new Pool({
      filename: workerFile(),
      name: 'work',
      minThreads: threads,
      maxThreads: threads,
      // The next job lies ready when a thread has done one: it does not wait for the main thread to notice.
      concurrentTasksPerWorker: 4,
      // What a job makes lives as long as the job: room for a few of them, so that none is moved about.
      resourceLimits: { maxYoungGenerationSizeMb: 48 },
      // Where it holds for a thread and not for the whole process: the main thread comes first.
      ...(process.platform === 'linux' ? { niceIncrement: NICE } : {}),
    })
  }

  const run = async (job: Job): Promise<Answer> => {
    if (closed) throw new RuntimeError('RUN_003', 'The console is being closed.')
    starting ??= start()
    try {
      const pool = await starting
      return (await pool.run(job, { transferList: handedOver(job.keys, job.items) })) as Answer
    } catch (error) {
      throw asRuntimeError(error, 'COMM_001', 'The crypto threads did not answer')
    }
  }

  const resultsOf = (answer: Answer): Opened[] => ('results' in answer ? unpackResults(answer.results) : [])

  let waiting: { readonly order: Order; readonly index: number; readonly message: Closed }[] = []
  let opening = 0
  let scheduled = false

  /** Never rejects: those who asked are told. */
  const openPart = async (part: typeof waiting): Promise<void> => {
    try {
      const messages = part.map(({ message }) => message)
      const keys = packKeys(options.keysOf(messages))
      const opened = resultsOf(await run({ kind: 'open', keys, items: packClosed(messages) }))
      part.forEach(({ order, index }, nth) => {
        order.opened[index] = opened[nth] ?? { ok: false, why: 'format' }
        order.left -= 1
        if (order.left === 0) order.resolve(order.opened)
      })
    } catch (error) {
      for (const { order } of part) order.reject(error)
    }
  }

  const flush = (): void => {
    scheduled = false
    // One job more than there are threads, so that none has to wait for us.
    while (waiting.length >= (opening < threads ? 1 : GATHERED) && opening < 2 * threads) {
      const size = Math.min(MAX_OPENED, Math.max(MIN_OPENED, Math.ceil(waiting.length / threads)))
      const part = waiting.slice(0, size)
      waiting = waiting.slice(size)
      opening += 1
      void openPart(part).then(() => {
        opening -= 1
        flush()
      })
    }
  }

  return {
    threads,
    async seal(messages, keys, signing) {
      const answer = await run({ kind: 'seal', keys: packKeys(keys), items: packPlain(messages), signing })
      if ('results' in answer) throw new RuntimeError('COMM_001', 'The crypto threads answered something else.')
      return { heads: bufferOf(answer.heads), bodies: bufferOf(answer.bodies) }
    },
    open: (messages) =>
      new Promise((resolve, reject) => {
        if (messages.length === 0) return resolve([])
        const order: Order = { messages, opened: [], left: messages.length, resolve, reject }
        for (const [index, message] of messages.entries()) waiting.push({ order, index, message })
        if (scheduled || opening >= 2 * threads) return
        scheduled = true
        setImmediate(flush)
      }),
    async check(messages, keys) {
      const answer = await run({ kind: 'check', keys: packKeys(keys), items: packClosed(messages) })
      return resultsOf(answer).map(({ ok }) => ok)
    },
    async close() {
      closed = true
      if (starting === null) return
      const pool = await starting.catch(() => null)
      await pool?.destroy()
    },
  }
}
