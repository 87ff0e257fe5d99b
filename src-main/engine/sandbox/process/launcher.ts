import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { asRuntimeError, RuntimeError } from '../../core'
import { createDeferred } from '../deferred'

export interface LaunchOrder {
  readonly path: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>
}

/** A process that was started, the leader of a group of its own. */
export interface Launched {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when it has ended, though its output may not be read yet. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** Resolves when it has ended and its output is closed. */
  readonly closed: Promise<void>
}

/** Starts processes without holding up the thread that asks. */
export interface Launcher {
  /** @throws SANDBOX_002 */
  launch(order: LaunchOrder): Promise<Launched>
}

/** What the launcher says; see resources/process-launcher/launcher.mjs. */
const Said = z.union([
  z.object({ id: z.string(), pid: z.number().int().positive() }),
  z.object({ id: z.string(), exit: z.object({ code: z.number().nullable(), signal: z.string().nullable() }) }),
  z.object({ id: z.string(), error: z.string() }),
])

/** How a connection says which stream of which process it is; padded with blanks. */
const HEAD_CHARACTERS = 24
const Head = /^([0-9a-f]{16}) ([012]) *$/

interface Pending {
  readonly started: ReturnType<typeof createDeferred<Launched>>
  readonly exited: ReturnType<typeof createDeferred<{ code: number | null; signal: string | null }>>
  readonly streams: (Socket | undefined)[]
  pid: number | undefined
}

interface Helper {
  readonly process: ChildProcess
  readonly address: string
}

const closedBy = (stream: Readable): Promise<unknown> => (stream.closed ? Promise.resolve() : once(stream, 'close'))

/**
 * A small process starts those of agents: a fork costs the starter time in proportion to the memory it holds (30 ms
 * and more in an engine of 300 MB), and the engine's thread must not stand still for it. It is started with the first
 * order, again when it has died, and ends with the engine, however that ends, together with all that it started.
 */
export const createLauncher = (options: { resourcesDir: string; nodePath: () => Promise<string> }): Launcher => {
  const pending = new Map<string, Pending>()
  let helper: Promise<Helper> | undefined

  const complete = (entry: Pending): void => {
    const [stdin, stdout, stderr] = entry.streams
    if (entry.pid === undefined || stdin === undefined || stdout === undefined || stderr === undefined) return
    const closed = Promise.all([entry.exited.promise, closedBy(stdout), closedBy(stderr)]).then(() => undefined)
    entry.started.resolve({ pid: entry.pid, stdin, stdout, stderr, exited: entry.exited.promise, closed })
  }

  const fail = (id: string, reason: string): void => {
    const entry = pending.get(id)
    if (entry === undefined) return
    pending.delete(id)
    for (const stream of entry.streams) stream?.destroy()
    entry.started.reject(new RuntimeError('SANDBOX_002', `The process could not be started: ${reason}`))
    // How it ended is not known; that it did is: the launcher takes its processes with it.
    entry.exited.resolve({ code: null, signal: 'SIGKILL' })
  }

  const onMessage = (message: unknown): void => {
    const said = Said.safeParse(message).data
    const entry = said === undefined ? undefined : pending.get(said.id)
    if (said === undefined || entry === undefined) return
    if ('error' in said) fail(said.id, said.error)
    else if ('exit' in said) entry.exited.resolve(said.exit)
    else {
      entry.pid = said.pid
      complete(entry)
    }
  }

  const onConnection = (socket: Socket): void => {
    const refuse = (): void => {
      socket.destroy()
    }
    socket.on('error', refuse)
    const onReadable = (): void => {
      const head = socket.read(HEAD_CHARACTERS) as Buffer | null
      if (head === null) return
      socket.off('readable', onReadable)
      const [, id = '', stream = ''] = Head.exec(head.toString('latin1')) ?? []
      const entry = pending.get(id)
      if (entry === undefined || entry.streams[Number(stream)] !== undefined) refuse()
      else {
        entry.streams[Number(stream)] = socket
        complete(entry)
      }
    }
    socket.on('readable', onReadable)
  }

  const listen = async (): Promise<{ server: Server; address: string; dir: string }> => {
    // Made for this user alone, so nobody else can connect.
    const dir = await mkdtemp(join(tmpdir(), 'symbi-launch-'))
    const address = join(dir, 'streams')
    const server = createServer(onConnection)
    server.listen(address)
    await once(server, 'listening')
    server.unref()
    return { server, address, dir }
  }

  const begin = async (): Promise<Helper> => {
    const { server, address, dir } = await listen()
    const script = join(options.resourcesDir, 'process-launcher', 'launcher.mjs')
    const started = spawn(await options.nodePath(), [script], {
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      windowsHide: true,
    })
    started.on('message', onMessage)
    const gone = (): void => {
      helper = undefined
      server.close()
      rmSync(dir, { recursive: true, force: true })
      for (const id of [...pending.keys()]) fail(id, 'the launcher has ended')
    }
    started.once('exit', gone)
    started.once('error', gone)
    // It must not keep the engine's process from ending; agents that run keep their streams open by themselves.
    started.unref()
    started.channel?.unref()
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
    return { process: started, address }
  }

  return {
    async launch(order) {
      try {
        helper ??= begin()
        const { process: starter, address } = await helper
        const id = randomUUID().replaceAll('-', '').slice(0, 16)
        const entry: Pending = { started: createDeferred(), exited: createDeferred(), streams: [], pid: undefined }
        pending.set(id, entry)
        void entry.exited.promise.then(() => pending.delete(id))
        starter.send({ id, address, ...order }, (error) => {
          if (error !== null) fail(id, error.message)
        })
        return await entry.started.promise
      } catch (error) {
        throw asRuntimeError(error, 'SANDBOX_002', 'The process could not be started')
      }
    },
  }
}
