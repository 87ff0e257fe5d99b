import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'

/** Answers one call of the Docker Engine API: by a value (JSON, 200), by a status, or by hand. */
type Answer =
  | { readonly json: unknown; readonly status?: number }
  | { readonly by: (response: ServerResponse, request: IncomingMessage) => void }
  | { readonly upgrade: (socket: Duplex) => void }

export interface FakeDaemon {
  readonly socketPath: string
  /** Every call so far, as `METHOD /path`. */
  readonly calls: readonly string[]
  /** Answer calls whose `METHOD /path` begins with `call` from now on. */
  on(call: string, answer: Answer): void
  /** Break all connections and answer no more. */
  die(): Promise<void>
}

const INFO = {
  OSType: 'linux',
  ServerVersion: '0-fake',
  Name: 'elsewhere',
  DockerRootDir: '/nowhere',
  CgroupVersion: '2',
  MemoryLimit: true,
  SwapLimit: true,
  CpuCfsQuota: true,
  PidsLimit: true,
  SecurityOptions: ['name=seccomp,profile=builtin'],
  Runtimes: { runc: {} },
}
const ID = 'c0ffee'

/** A daemon on a socket of its own that does everything right, until told otherwise. */
export const startFakeDaemon = async (): Promise<FakeDaemon> => {
  const folder = await mkdtemp(join(tmpdir(), 'daemon-'))
  const socketPath = join(folder, 'd.sock')
  const calls: string[] = []
  const sockets = new Set<Socket>()
  const answers = new Map<string, Answer>(
    Object.entries({
      'GET /_ping': { json: 'OK' },
      'GET /info': { json: INFO },
      'GET /images/': { json: { Id: 'sha256:1234', Config: { Labels: {} } } },
      'POST /containers/create': { json: { Id: ID, Warnings: [] }, status: 201 },
      [`POST /containers/${ID}/attach`]: { upgrade: () => undefined },
      [`POST /containers/${ID}/wait`]: { by: (response) => response.writeHead(200).flushHeaders() },
      [`POST /containers/${ID}/start`]: { json: null, status: 204 },
      [`POST /containers/${ID}/exec`]: { json: { Id: 'e1' }, status: 201 },
      'POST /exec/e1/start': { upgrade: (socket) => socket.resume().on('end', () => socket.end()) },
      'GET /exec/e1/json': { json: { ExitCode: 0, Running: false } },
      'DELETE /containers/': { json: null, status: 204 },
    } satisfies Record<string, Answer>),
  )
  const answerTo = (request: IncomingMessage): Answer => {
    const call = `${request.method} ${request.url}`
    calls.push(call)
    const longest = [...answers].filter(([prefix]) => call.startsWith(prefix)).sort((a, b) => b[0].length - a[0].length)
    return longest[0]?.[1] ?? { json: { message: `no such thing: ${call}` }, status: 404 }
  }

  const server = createServer((request, response) => {
    const answer = answerTo(request)
    request.resume()
    if ('by' in answer) answer.by(response, request)
    else if ('json' in answer) {
      const body = answer.json === null ? '' : JSON.stringify(answer.json)
      response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json' }).end(body)
    } else response.writeHead(500).end()
  })
  server.on('upgrade', (request, socket) => {
    const answer = answerTo(request)
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
    if ('upgrade' in answer) answer.upgrade(socket)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return {
    socketPath,
    calls,
    on: (call, answer) => void answers.set(call, answer),
    async die() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
      await rm(folder, { recursive: true, force: true })
    },
  }
}
