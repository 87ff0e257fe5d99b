import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, silentLog, systemClock } from '../../core'
import { never, specFor, waitFor } from '../sandbox-fixture'
import type { SandboxDriver } from '../types'
import { createDockerDriver } from './docker-driver'
import { type FakeDaemon, startFakeDaemon } from './fake-daemon-fixture'

/** Waits of seconds pass in milliseconds, in their order. */
const hurriedClock: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms / 100, callback) }

let daemon: FakeDaemon
let driver: SandboxDriver
const driverAt = (socketPath: string, nodeBinary?: string): SandboxDriver =>
  createDockerDriver({
    installationId: 'i',
    engineId: 'e',
    resourcesDir: resolve('resources'),
    clock: hurriedClock,
    log: silentLog,
    image: { reference: 'agents:1' },
    docker: { socketPath },
    ...(nodeBinary === undefined ? {} : { nodeBinary }),
  })

beforeEach(async () => {
  daemon = await startFakeDaemon()
  driver = driverAt(daemon.socketPath)
})
afterEach(() => daemon.die())

const REMOVED = 'DELETE /containers/c0ffee?force=true&v=true'

describe('a daemon that is not there', () => {
  it('fails each act with its code and what to do', async () => {
    const lost = driverAt('/nonexistent/docker.sock')
    expect(await lost.probe(never())).toMatchObject({
      status: 'fail',
      cause: expect.stringContaining('socket does not exist'),
      fix: expect.stringContaining('start it'),
    })
    await expect(lost.prepare(never(), () => undefined)).rejects.toMatchObject({ code: 'SANDBOX_001' })
    await expect(lost.create(specFor('0'))).rejects.toMatchObject({ code: 'SANDBOX_001' })
    await expect(lost.found()).rejects.toMatchObject({ code: 'SANDBOX_001' })
  })

  it('is noticed between preparing and creating', async () => {
    await driver.prepare(never(), () => undefined)
    await daemon.die()
    await expect(driver.create(specFor('0'))).rejects.toMatchObject({
      code: 'SANDBOX_002',
      nextStep: expect.stringContaining('Docker'),
    })
    await expect(driver.prepare(never(), () => undefined)).rejects.toMatchObject({ code: 'SANDBOX_001' })
  })

  it('does not hold up the test of the tier', async () => {
    daemon.on('GET /info', { by: () => undefined })
    expect(await driver.probe(never())).toMatchObject({ status: 'fail', cause: expect.stringContaining('15 seconds') })
  })
})

describe('a daemon that runs no Linux containers', () => {
  it('makes the tier unusable', async () => {
    daemon.on('GET /info', { json: { OSType: 'windows', Runtimes: { runc: {} } } })
    expect(await driver.probe(never())).toMatchObject({ status: 'fail', fix: expect.stringContaining('Linux') })
    await expect(driver.prepare(never(), () => undefined)).rejects.toMatchObject({ code: 'SANDBOX_001' })
  })
})

describe('the image', () => {
  const missing = { json: { message: 'No such image' }, status: 404 }
  const pulling = (...messages: object[]) => ({
    by: (response: { end(text: string): void }) =>
      response.end(messages.map((part) => JSON.stringify(part)).join('\n')),
  })

  it('is used as it is when it is present', async () => {
    const steps: string[] = []
    await driver.prepare(never(), (step) => steps.push(step))
    expect(steps).toEqual([])
    expect(daemon.calls.filter((call) => call.startsWith('POST /images'))).toEqual([])
  })

  it('is pulled once for all who wait, with progress', async () => {
    daemon.on('GET /images/', missing)
    daemon.on('POST /images/create', {
      by(response) {
        daemon.on('GET /images/agents:1/json', { json: { Id: 'sha256:99' } })
        const layer = (id: string, current: number) => ({
          status: 'Downloading',
          id,
          progressDetail: { current, total: 100 },
        })
        response.end([layer('a', 50), layer('b', 0), layer('a', 100)].map((part) => JSON.stringify(part)).join('\n'))
      },
    })
    const first: (number | null)[] = []
    const second: (number | null)[] = []
    await Promise.all([
      driver.prepare(never(), (_step, progress) => first.push(progress)),
      driver.prepare(never(), (_step, progress) => second.push(progress)),
    ])
    expect(first).toEqual([null, 0.5, 0.25, 0.5])
    expect(second).toEqual(first)
    expect(daemon.calls.filter((call) => call.startsWith('POST /images/create'))).toHaveLength(1)
  })

  it('cannot be had without a registry and without Node.js, and the registry is asked only once', async () => {
    daemon.on('GET /images/', missing)
    daemon.on('POST /images/create', pulling({ error: 'no such host' }))
    const bare = driverAt(daemon.socketPath, '/nonexistent/node')
    const attempt = (): Promise<void> => bare.prepare(never(), () => undefined)
    await expect(attempt()).rejects.toMatchObject({ code: 'SANDBOX_003', nextStep: expect.stringContaining('Node.js') })
    await expect(attempt()).rejects.toMatchObject({ code: 'SANDBOX_003' })
    expect(daemon.calls.filter((call) => call.startsWith('POST /images/create'))).toHaveLength(1)
  })

  it('is not pulled where that is turned off', async () => {
    daemon.on('GET /images/', missing)
    const offline = createDockerDriver({
      installationId: 'i',
      engineId: 'e',
      resourcesDir: resolve('resources'),
      clock: hurriedClock,
      log: silentLog,
      image: { reference: 'agents:1', pull: false },
      docker: { socketPath: daemon.socketPath },
      nodeBinary: '/nonexistent/node',
    })
    await expect(offline.prepare(never(), () => undefined)).rejects.toMatchObject({ code: 'SANDBOX_003' })
    expect(daemon.calls.filter((call) => call.startsWith('POST /images/create'))).toEqual([])
  })

  it('is not made here for a host with another kind of processor', async () => {
    daemon.on('GET /images/', missing)
    daemon.on('GET /info', { json: { OSType: 'linux', Runtimes: { runc: {} }, Architecture: 's390x' } })
    const far = createDockerDriver({
      installationId: 'installation',
      engineId: 'engine',
      resourcesDir: resolve('resources'),
      clock: hurriedClock,
      log: silentLog,
      image: { reference: 'agents:1', pull: false },
      docker: { socketPath: daemon.socketPath },
    })
    await expect(far.prepare(never(), () => undefined)).rejects.toMatchObject({
      code: 'SANDBOX_003',
      message: expect.stringContaining('s390x'),
    })
    expect(daemon.calls.filter((call) => call.startsWith('POST /images'))).toEqual([])
  })

  it('is not waited for when the registry never answers', async () => {
    daemon.on('GET /images/', missing)
    daemon.on('POST /images/create', { by: () => undefined })
    const bare = driverAt(daemon.socketPath, '/nonexistent/node')
    await expect(bare.prepare(never(), () => undefined)).rejects.toMatchObject({ code: 'SANDBOX_003' })
  })

  it('is prepared anew when it was removed since', async () => {
    await driver.prepare(never(), () => undefined)
    let creations = 0
    daemon.on('POST /containers/create', {
      by(response) {
        creations += 1
        if (creations === 1) response.writeHead(404).end('{"message":"No such image: sha256:1234"}')
        else response.writeHead(201).end('{"Id":"c0ffee"}')
      },
    })
    const sandbox = await driver.create(specFor('0'))
    expect(sandbox.id).toBe('c0ffee')
    expect(creations).toBe(2)
  })

  it('stops being waited for by one who calls off, and comes for the other', async () => {
    const go = { on: (): void => undefined }
    daemon.on('GET /images/', missing)
    daemon.on('POST /images/create', {
      by(response) {
        response.writeHead(200).flushHeaders()
        go.on = () => {
          daemon.on('GET /images/agents:1/json', { json: { Id: 'sha256:99' } })
          response.end('{"status":"done"}')
        }
      },
    })
    const patient = createDockerDriver({
      installationId: 'i',
      engineId: 'e',
      resourcesDir: resolve('resources'),
      clock: systemClock,
      log: silentLog,
      image: { reference: 'agents:1' },
      docker: { socketPath: daemon.socketPath },
    })
    const abort = new AbortController()
    const hasty = patient.prepare(abort.signal, () => undefined)
    const other = patient.prepare(never(), () => undefined)
    await waitFor('the pull', () => daemon.calls.some((call) => call.startsWith('POST /images/create')))
    abort.abort(new Error('changed my mind'))
    await expect(hasty).rejects.toThrow('changed my mind')
    go.on()
    await other
  })
})

describe('a container', () => {
  it('is removed when the answer to its creation is lost', async () => {
    daemon.on('POST /containers/create', { by: (response) => response.destroy() })
    const spec = specFor('0')
    await expect(driver.create(spec)).rejects.toMatchObject({ code: 'SANDBOX_002' })
    expect(daemon.calls).toContain(`DELETE /containers/symbi-${spec.executionId}?force=true&v=true`)
  })

  it('is removed when it does not start, and never ran', async () => {
    daemon.on('POST /containers/c0ffee/start', { json: { message: 'no space' }, status: 500 })
    const sandbox = await driver.create(specFor('0'))
    await expect(sandbox.start(never())).rejects.toMatchObject({
      code: 'SANDBOX_002',
      message: 'The sandbox could not be started: no space',
    })
    expect(daemon.calls).toContain(REMOVED)
    expect(await sandbox.wait()).toEqual({ exitCode: null, signal: null, outOfMemory: false })
  })

  it('is removed when a start that hangs is called off', async () => {
    daemon.on('POST /containers/c0ffee/start', { by: () => undefined })
    const sandbox = await driver.create(specFor('0'))
    await expect(sandbox.start(AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'SANDBOX_002' })
    expect(daemon.calls).toContain(REMOVED)
  })

  it('is asked after when only half an answer to its exit came', async () => {
    daemon.on('POST /containers/c0ffee/wait', { by: (response) => response.writeHead(200).end('{"StatusCo') })
    daemon.on('GET /containers/c0ffee/json', { json: { State: { Running: false, ExitCode: 137, OOMKilled: true } } })
    const sandbox = await driver.create(specFor('0'))
    await sandbox.start(never())
    expect(await sandbox.wait()).toEqual({ exitCode: 137, signal: 'SIGKILL', outOfMemory: true })
    expect(daemon.calls).toContain(REMOVED)
  })

  it('whose daemon is gone is waited for, until nobody wants it any more; then its streams end', async () => {
    const sandbox = await driver.create(specFor('0'))
    const io = await sandbox.start(never())
    const links: string[] = []
    sandbox.onLink((link) => links.push(link))
    let isOver = false
    const end = sandbox.wait().finally(() => {
      isOver = true
    })
    end.catch(() => undefined)
    const streamsEnded = Promise.all([io.stdout, io.stderr].map((stream) => stream.resume().toArray()))
    await daemon.die()
    await waitFor('the loss', () => links.length > 0)
    expect(links).toEqual(['lost'])
    expect(isOver).toBe(false)
    await expect(sandbox.destroy()).rejects.toMatchObject({ code: 'SANDBOX_004' })
    await expect(end).rejects.toMatchObject({ code: 'SANDBOX_004' })
    await streamsEnded
    await sandbox.stop(10)
  })

  it('that is being removed by somebody else is waited for', async () => {
    daemon.on('DELETE /containers/c0ffee', { json: { message: 'removal in progress' }, status: 409 })
    const sandbox = await driver.create(specFor('0'))
    let looks = 0
    daemon.on('GET /containers/c0ffee/json', {
      by(response) {
        looks += 1
        if (looks < 3) response.end('{"State":{}}')
        else response.writeHead(404).end('{"message":"No such container"}')
      },
    })
    await sandbox.destroy()
    expect(looks).toBe(3)
  })

  it('whose removal is never answered fails to be destroyed', async () => {
    daemon.on('DELETE /containers/c0ffee', { by: () => undefined })
    const sandbox = await driver.create(specFor('0'))
    await expect(sandbox.destroy()).rejects.toMatchObject({ code: 'SANDBOX_004' })
  })

  it('can be destroyed again when the first attempt failed', async () => {
    const sandbox = await driver.create(specFor('0'))
    daemon.on('DELETE /containers/c0ffee', { json: { message: 'device busy' }, status: 500 })
    await expect(sandbox.destroy()).rejects.toMatchObject({ code: 'SANDBOX_004' })
    daemon.on('DELETE /containers/c0ffee', { json: null, status: 204 })
    await sandbox.destroy()
    expect(await sandbox.wait()).toMatchObject({ exitCode: null })
  })
})

describe('what a host cannot enforce', () => {
  it('is said in words', async () => {
    daemon.on('GET /info', { json: { OSType: 'linux', Runtimes: { runc: {} }, MemoryLimit: true, SwapLimit: false } })
    const sandbox = await driver.create(specFor('0'))
    expect(sandbox.notEnforced).toEqual([
      'memory: this host cannot keep a sandbox from swapping',
      'cpu: this host cannot limit it',
      'processes: this host cannot limit their number',
      'system calls: this host has no filter for them',
      'network rate: there is no network to limit',
      'disk rate: the disk behind Docker could not be found out; it is watched instead',
    ])
  })
})
