import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, silentLog, systemClock } from '../../core'
import { collect, never, specFor, waitFor } from '../sandbox-fixture'
import type { SandboxDriver } from '../types'
import { createDockerDriver } from './docker-driver'
import { type FakeDaemon, startFakeDaemon } from './fake-daemon-fixture'

/** Ten times as fast as time, in its waits and its durations. */
const HURRY = 10
const hurriedClock: Clock = {
  nowMs: systemClock.nowMs,
  monotonicMs: () => systemClock.monotonicMs() * HURRY,
  after: (ms, callback) => systemClock.after(ms / HURRY, callback),
}

let daemon: FakeDaemon
let driver: SandboxDriver
let seen: string[]

beforeEach(async () => {
  daemon = await startFakeDaemon()
  seen = []
  driver = createDockerDriver({
    installationId: 'i',
    engineId: 'e',
    resourcesDir: resolve('resources'),
    clock: hurriedClock,
    log: silentLog,
    image: { reference: 'agents:1' },
    docker: { socketPath: daemon.socketPath },
    random: () => 0.5,
    onSeen: (error) => seen.push(error === null ? 'answered' : error.code),
  })
})
afterEach(() => daemon.die())

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}
const entry = (second: number, text: string): Buffer =>
  frame(1, `2026-11-22T10:20:${String(second).padStart(2, '0')}.000000000Z ${text}`)

const running = { json: { State: { Running: true, ExitCode: 0 } } }

/** How long a call took, in the time of the hurried clock. */
const tookMs = async (call: Promise<unknown>): Promise<number> => {
  const startedMs = hurriedClock.monotonicMs()
  await call.catch(() => undefined)
  return hurriedClock.monotonicMs() - startedMs
}

describe('a daemon that accepts and never answers', () => {
  it('is waited for five seconds at most, whatever is asked of it', async () => {
    await driver.prepare(never(), () => undefined)
    for (const method of ['GET', 'POST', 'DELETE']) daemon.on(`${method} /`, { by: () => undefined })
    for (const path of ['/_ping', '/info', '/images/', '/containers/create']) {
      daemon.on(`GET ${path}`, { by: () => undefined })
      daemon.on(`POST ${path}`, { by: () => undefined })
    }
    const limitMs = 5_000 + 500 * HURRY
    expect(await tookMs(driver.prepare(never(), () => undefined))).toBeLessThan(limitMs)
    expect(await tookMs(driver.found())).toBeLessThan(limitMs)
    await expect(driver.found()).rejects.toMatchObject({
      code: 'SANDBOX_001',
      message: expect.stringContaining('did not answer within 2.5 seconds'),
    })
    // Creation, and the removal of what it may have left behind.
    expect(await tookMs(driver.create(specFor('0')))).toBeLessThan(2 * limitMs)
  })

  it('is told from one that only takes long over one thing', async () => {
    daemon.on('POST /containers/create', {
      by: (response) =>
        void hurriedClock.after(12_000, () =>
          response.writeHead(201, { 'Content-Type': 'application/json' }).end('{"Id":"c0ffee"}'),
        ),
    })
    expect((await driver.create(specFor('0'))).id).toBe('c0ffee')
    daemon.on('GET /containers/json', { by: () => undefined })
    await expect(driver.found()).rejects.toMatchObject({ message: expect.stringContaining('within 5 seconds') })
  })
})

describe('a daemon that answers badly', () => {
  it.each([
    ['half of its JSON', '{"OSType":"lin'],
    ['nothing of its JSON', 'OSType: linux'],
  ])('with %s has not answered', async (_title, body) => {
    daemon.on('GET /info', {
      by: (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(body),
    })
    await expect(driver.prepare(never(), () => undefined)).rejects.toMatchObject({
      code: 'SANDBOX_001',
      message: expect.stringContaining('half of its JSON'),
    })
  })

  it('and breaks off in the middle has not answered', async () => {
    daemon.on('GET /info', {
      by(response) {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' })
        response.write('{"OSType":"linux"', () => response.destroy())
      },
    })
    expect(await tookMs(driver.prepare(never(), () => undefined))).toBeLessThan(5_000)
  })

  it('with an endless answer is not listened to, and nothing is held up', async () => {
    daemon.on('GET /info', {
      by(response) {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
          if (!response.destroyed) response.once('drain', more)
        }
        more()
      },
    })
    await expect(driver.prepare(never(), () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining('more than 8 MiB'),
    })
  })

  it('with an error is quoted', async () => {
    daemon.on('GET /info', { json: { message: 'the disk is on fire' }, status: 500 })
    await expect(driver.prepare(never(), () => undefined)).rejects.toMatchObject({
      code: 'SANDBOX_001',
      message: 'Docker refused: the disk is on fire',
    })
  })
})

describe('a running program whose connection breaks', () => {
  const launch = async (said: string) => {
    let cut: () => void = () => undefined
    let connections = 0
    const received: string[] = []
    daemon.on('POST /containers/c0ffee/attach', {
      upgrade(socket) {
        connections += 1
        if (connections === 1) {
          socket.write(frame(1, said))
          cut = () => socket.destroy()
        } else socket.on('data', (chunk: Buffer) => received.push(chunk.toString()))
      },
    })
    const sandbox = await driver.create(specFor('0'))
    const links: string[] = []
    sandbox.onLink((link, reason) => links.push(`${link}: ${reason}`))
    const io = await sandbox.start(never())
    const stdout = collect(io.stdout)
    await stdout.until(said)
    return { sandbox, io, stdout, links, received, cut: () => cut() }
  }

  it('is taken up again where it was cut: output from the log, input over a new connection', async () => {
    const { sandbox, io, stdout, links, received, cut } = await launch('one\n')
    io.stdin.write('{"answer":1}\n')
    daemon.on('GET /containers/c0ffee/json', running)
    let ask = 0
    daemon.on('GET /containers/c0ffee/logs', {
      by(response, request) {
        ask += 1
        const text = [entry(1, 'one\n'), entry(2, 'two\n')]
        response.writeHead(200)
        for (const part of text) response.write(part)
        if (request.url?.includes('follow=1') === true) response.write(entry(3, 'three\n'))
        else response.end()
      },
    })
    cut()
    await stdout.until('three\n')
    expect(stdout.text()).toBe('one\ntwo\nthree\n')
    expect(ask).toBe(2)
    await waitFor('the link', () => links.length === 2)
    expect(links).toEqual([
      'lost: the connection to the container broke',
      'back: The container was taken up again where it was left.',
    ])
    io.stdin.write('{"answer":2}\n')
    await waitFor('the second answer', () => received.join('').includes('2'))
    expect(received.join('')).toBe('\n{"answer":1}\n{"answer":2}\n')
    await sandbox.destroy()
  })

  it('has the true end of a program that ended meanwhile, and its last words', async () => {
    const { sandbox, stdout, cut } = await launch('one\n')
    daemon.on('GET /containers/c0ffee/json', { json: { State: { Running: false, ExitCode: 3 } } })
    daemon.on('GET /containers/c0ffee/logs', {
      by: (response) => response.writeHead(200).end(Buffer.concat([entry(1, 'one\n'), entry(2, 'goodbye\n')])),
    })
    cut()
    expect(await sandbox.wait()).toEqual({ exitCode: 3, signal: null, outOfMemory: false })
    await waitFor('the last words', () => stdout.text() === 'one\ngoodbye\n')
  })

  it('says that a container which is gone is gone', async () => {
    const { sandbox, io, cut } = await launch('one\n')
    const ended = Promise.all([io.stdout, io.stderr].map((stream) => stream.resume().toArray()))
    daemon.on('GET /containers/c0ffee/json', { json: { message: 'No such container' }, status: 404 })
    cut()
    await expect(sandbox.wait()).rejects.toMatchObject({
      code: 'SANDBOX_004',
      message: 'The container is gone: Docker no longer knows it.',
    })
    await ended
  })

  it('is asked after again while its daemon answers with errors', async () => {
    const { sandbox, cut } = await launch('one\n')
    let asked = 0
    daemon.on('GET /containers/c0ffee/json', {
      by(response) {
        asked += 1
        if (asked < 4) response.writeHead(500).end('{"message":"not yet"}')
        else response.writeHead(200).end('{"State":{"Running":false,"ExitCode":0}}')
      },
    })
    cut()
    expect(await sandbox.wait()).toMatchObject({ exitCode: 0 })
    expect(asked).toBeGreaterThanOrEqual(4)
  })

  it('waits for a daemon that hangs and goes on over the same connection', async () => {
    const { sandbox, stdout, links } = await launch('one\n')
    daemon.on('GET /containers/c0ffee/json', running)
    daemon.on('GET /_ping', { by: () => undefined })
    await waitFor('the loss', () => links.length === 1)
    expect(links[0]).toMatch(/^lost: .*did not answer/)
    daemon.on('GET /_ping', { json: 'OK' })
    await waitFor('the return', () => links.length > 1)
    expect(links[1]).toMatch(/^back/)
    expect(seen[0]).toBe('SANDBOX_004')
    expect(seen).toContain('answered')
    expect(stdout.text()).toBe('one\n')
    expect(daemon.calls.filter((call) => call.includes('/attach'))).toHaveLength(1)
    await sandbox.destroy()
  })
})
