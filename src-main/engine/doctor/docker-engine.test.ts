import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dockerEngineCheck } from './docker-engine'

const engine: RequestListener = (asked, answer) => {
  if (asked.url === '/_ping') answer.end('OK')
  else if (asked.url === '/version') answer.end(JSON.stringify({ Version: '20.10.24', ApiVersion: '1.41' }))
  else answer.writeHead(404).end()
}

let dir: string
let socket: string
let servers: Server[]

const listen = async (handler: RequestListener, at: string | number): Promise<Server> => {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((ready) =>
    typeof at === 'string' ? server.listen(at, ready) : server.listen(at, '127.0.0.1', ready),
  )
  return server
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'doctor-docker-'))
  socket = join(dir, 'docker.sock')
  servers = []
})
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await rm(dir, { recursive: true, force: true })
})

const check = (options: { env?: Record<string, string>; platform?: NodeJS.Platform; signal?: AbortSignal } = {}) =>
  dockerEngineCheck({ platform: options.platform ?? 'linux', env: options.env ?? {}, defaultSocket: socket }).run(
    options.signal ?? new AbortController().signal,
  )

describe('docker engine', () => {
  it('passes an engine on its socket and says its version', async () => {
    await listen(engine, socket)
    expect(await check()).toMatchObject({ status: 'pass', cause: `Docker 20.10.24 (API 1.41) answers at ${socket}.` })
  })

  it('passes an engine that DOCKER_HOST names, by unix:// and by tcp://', async () => {
    await listen(engine, socket)
    const { port } = (await listen(engine, 0)).address() as AddressInfo
    expect(await check({ env: { DOCKER_HOST: `unix://${socket}` } })).toMatchObject({ status: 'pass' })
    expect(await check({ env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } })).toMatchObject({ status: 'pass' })
  })

  it('fails when there is no socket, with the command that installs and starts one', async () => {
    const result = await check()
    expect(result.status).toBe('fail')
    expect(result.command).toContain('docker.io')
  })

  it('names Docker Desktop where that is the engine', async () => {
    expect((await check({ platform: 'darwin' })).fix).toContain('Docker Desktop')
  })

  it('blames DOCKER_HOST when that leads nowhere', async () => {
    const result = await check({ env: { DOCKER_HOST: `unix://${dir}/other.sock` } })
    expect(result).toMatchObject({ status: 'fail', command: 'unset DOCKER_HOST' })
  })

  it.each(['ssh://host', 'nonsense', 'tcp://'])('fails an address it cannot ask: %s', async (host) => {
    expect(await check({ env: { DOCKER_HOST: host } })).toMatchObject({ status: 'fail', command: 'unset DOCKER_HOST' })
  })

  it('fails something else that listens there', async () => {
    await listen((_asked, answer) => answer.writeHead(403).end(), socket)
    const result = await check()
    expect(result.status).toBe('fail')
    expect(result.cause).toContain('403')
  })

  it('fails a server that answers too much', async () => {
    await listen((asked, answer) => answer.end(asked.url === '/_ping' ? 'OK' : 'x'.repeat(200_000)), socket)
    expect(await check()).toMatchObject({ status: 'fail' })
  })

  it('stops asking when its time is up', async () => {
    await listen(() => undefined, socket)
    const abort = new AbortController()
    const result = check({ signal: abort.signal })
    abort.abort()
    expect(await result).toMatchObject({ status: 'fail' })
  })
})
