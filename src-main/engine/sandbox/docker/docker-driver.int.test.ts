import { resolve } from 'node:path'
import Docker from 'dockerode'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isRuntimeError, randomId, silentLog, systemClock } from '../../core'
import { collect, never, specFor, TEST_LIMITS, waitFor } from '../sandbox-fixture'
import type { Sandbox, SandboxIo, SandboxSpec } from '../types'
import { LABELS } from './container-options'
import { createDockerDriver } from './docker-driver'

const MIB = 1024 * 1024
const docker = new Docker()
const installationId = `test-${randomId()}`

const driverOf = (engineId: string) =>
  createDockerDriver({
    installationId,
    engineId,
    resourcesDir: resolve('resources'),
    clock: systemClock,
    log: silentLog,
  })
const driver = driverOf('engine-a')

const leftBehind = async (): Promise<readonly string[]> => {
  const filters = { label: [`${LABELS.installation}=${installationId}`] }
  return (await docker.listContainers({ all: true, filters })).map((entry) => entry.Id)
}

const launch = async (
  program: string,
  more: Partial<SandboxSpec> = {},
): Promise<{ readonly sandbox: Sandbox; readonly io: SandboxIo }> => {
  const sandbox = await driver.create(specFor(program, more))
  const io = await sandbox.start(never())
  return { sandbox, io }
}

/** Run a program to its end and give what it wrote. */
const runToEnd = async (program: string, more: Partial<SandboxSpec> = {}) => {
  const { sandbox, io } = await launch(program, more)
  const stdout = collect(io.stdout)
  const stderr = collect(io.stderr)
  const exit = await sandbox.wait()
  return { exit, stdout: stdout.text(), stderr: stderr.text() }
}

const isDockerThere = await docker.ping().then(
  () => true,
  () => false,
)

describe.skipIf(!isDockerThere && process.env['CI'] !== 'true')('tier 1 on a real Docker', () => {
  beforeAll(() => driver.prepare(never(), () => undefined))

  afterEach(async () => {
    expect(await leftBehind()).toEqual([])
  })

  it('passes its own test', async () => {
    expect(await driver.probe(never())).toMatchObject({ tier: 'tier1', status: 'pass', fix: '' })
  })

  it('stands around the program with every wall', async () => {
    const program = `
      import { readFileSync, writeFileSync, readdirSync } from 'node:fs'
      import { networkInterfaces } from 'node:os'
      const status = readFileSync('/proc/self/status', 'utf8')
      const field = (name) => status.match(new RegExp('^' + name + ':\\\\s+(\\\\S+)', 'm'))?.[1]
      const attempt = (act) => { try { act(); return 'done' } catch (error) { return error.code } }
      const first = (...paths) => { for (const path of paths) { try { return readFileSync(path, 'utf8').trim() } catch {} } }
      console.log(JSON.stringify({
        uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(),
        capabilities: field('CapEff'), bounding: field('CapBnd'), noNewPrivs: field('NoNewPrivs'), seccomp: field('Seccomp'),
        interfaces: Object.keys(networkInterfaces()),
        writeRoot: attempt(() => writeFileSync('/etc/x', '')),
        writeWork: attempt(() => writeFileSync('/work/mine', '')),
        changeProgram: attempt(() => writeFileSync('/work/agent.mjs', '')),
        changeFile: attempt(() => writeFileSync('/work/files/a.txt', '')),
        fileText: readFileSync('/work/files/a.txt', 'utf8'),
        inputText: readFileSync('/work/input.json', 'utf8'),
        pidsLimit: first('/sys/fs/cgroup/pids/pids.max', '/sys/fs/cgroup/pids.max'),
        memoryLimit: first('/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory.max'),
        environment: Object.keys(process.env).sort(),
        fillWork: attempt(() => writeFileSync('/work/big', Buffer.alloc(80 * 1024 * 1024))),
      }))`
    const files = [{ name: 'a.txt', text: 'alpha' }]
    const { exit, stdout } = await runToEnd(program, { files, inputJson: '{"a":1}' })
    expect(exit).toEqual({ exitCode: 0, signal: null, outOfMemory: false })
    expect(JSON.parse(stdout)).toEqual({
      uid: 1000,
      gid: 1000,
      groups: [1000],
      capabilities: '0000000000000000',
      bounding: '0000000000000000',
      noNewPrivs: '1',
      seccomp: '2',
      interfaces: ['lo'],
      writeRoot: 'EROFS',
      writeWork: 'done',
      changeProgram: 'EACCES',
      changeFile: 'EACCES',
      fileText: 'alpha',
      inputText: '{"a":1}',
      pidsLimit: '256',
      memoryLimit: String(TEST_LIMITS.memoryMb * MIB),
      environment: ['HOME', 'HOSTNAME', 'LANG', 'NO_COLOR', 'PATH', 'TMPDIR'],
      fillWork: 'ENOSPC',
    })
  })

  it('carries limits and labels on its container', async () => {
    const spec = specFor('setInterval(() => {}, 1000)')
    const sandbox = await driver.create(spec)
    const { HostConfig: host, Config: config } = await docker.getContainer(sandbox.id).inspect()
    expect(host).toMatchObject({
      Runtime: 'runc',
      NetworkMode: 'none',
      Memory: 128 * MIB,
      MemorySwap: 128 * MIB,
      NanoCpus: 1e9,
      Init: true,
      LogConfig: { Type: 'local', Config: { 'max-size': '1m', 'max-file': '3' } },
      Privileged: false,
      AutoRemove: false,
    })
    expect(config.Labels).toMatchObject({
      [LABELS.installation]: installationId,
      [LABELS.engine]: 'engine-a',
      [LABELS.agent]: spec.agentId,
      [LABELS.execution]: spec.executionId,
      [LABELS.correlation]: spec.correlationId,
    })
    await sandbox.destroy()
    await sandbox.destroy()
    expect(await sandbox.wait()).toEqual({ exitCode: null, signal: null, outOfMemory: false })
  })

  it('tells an end for want of memory from an ordinary one', async () => {
    const hog = `
      const held = []
      for (;;) held.push(Buffer.alloc(8 * 1024 * 1024, 1))`
    const { exit } = await runToEnd(hog, { limits: { ...TEST_LIMITS, memoryMb: 64 } })
    expect(exit).toEqual({ exitCode: 137, signal: 'SIGKILL', outOfMemory: true })
    const ordinary = await runToEnd('process.exit(3)', { limits: { ...TEST_LIMITS, memoryMb: 64 } })
    expect(ordinary.exit).toEqual({ exitCode: 3, signal: null, outOfMemory: false })
  })

  it('hands on what a program that throws has to say', async () => {
    const { exit, stderr } = await runToEnd('throw new Error("out of ideas")')
    expect(exit.exitCode).toBe(1)
    expect(stderr).toContain('out of ideas')
  })

  it('lets a program end in order when asked, and ends one that does not listen', async () => {
    const polite = await launch(`
      process.on('SIGTERM', () => { console.error('tidying up'); process.exit(7) })
      setInterval(() => {}, 1000); console.log('up')`)
    const said = collect(polite.io.stderr)
    await collect(polite.io.stdout).until('up')
    await polite.sandbox.stop(5_000)
    expect(await polite.sandbox.wait()).toMatchObject({ exitCode: 7 })
    expect(said.text()).toContain('tidying up')

    const deaf = await launch(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')`)
    await collect(deaf.io.stdout).until('up')
    await deaf.sandbox.stop(200)
    expect(await deaf.sandbox.wait()).toEqual({ exitCode: 137, signal: 'SIGKILL', outOfMemory: false })
    await deaf.sandbox.stop(200)
  })

  it('freezes and thaws', async () => {
    const { sandbox, io } = await launch(`let n = 0; setInterval(() => console.log('tick ' + ++n), 20)`)
    const stdout = collect(io.stdout)
    await stdout.until('tick 3')
    await sandbox.pause()
    await sandbox.pause()
    expect((await docker.getContainer(sandbox.id).inspect()).State.Paused).toBe(true)
    const frozen = stdout.text().length
    await sandbox.resume()
    await waitFor('more ticks', () => stdout.text().length > frozen + 20)
    await sandbox.pause()
    // Frozen as it is, it has to be thawed to hear that it should end.
    await sandbox.stop(5_000)
    expect(await sandbox.wait()).toMatchObject({ exitCode: 143, signal: 'SIGTERM' })
  })

  it('can be destroyed while it is frozen', async () => {
    const { sandbox, io } = await launch(`console.log('up'); setInterval(() => {}, 1000)`)
    await collect(io.stdout).until('up')
    await sandbox.pause()
    await sandbox.destroy()
    expect(await sandbox.wait()).toMatchObject({ exitCode: 137 })
  })

  it('gives live figures', async () => {
    const { sandbox, io } = await launch(`const end = Date.now() + 20000; while (Date.now() < end);`)
    io.stdout.resume()
    io.stderr.resume()
    const samples: {
      readonly cpuPercent: number | null
      readonly memoryBytes: number
      readonly pids: number | null
    }[] = []
    const stop = sandbox.stats((sample) => samples.push(sample))
    await waitFor('samples', () => samples.filter((sample) => (sample.cpuPercent ?? 0) > 10).length > 0)
    stop()
    expect(samples.at(-1)).toMatchObject({ memoryLimitBytes: 128 * MIB, source: 'docker stats' })
    expect(samples.at(-1)?.memoryBytes).toBeGreaterThan(5 * MIB)
    expect(samples.at(-1)?.pids).toBeGreaterThan(1)
    await sandbox.destroy()
    expect(await sandbox.wait()).toMatchObject({ exitCode: 137 })
  })

  it('holds a program that floods its output instead of the engine’s memory', async () => {
    const { sandbox, io } = await launch(`
      const line = 'x'.repeat(65536)
      let written = 0
      for (;;) { process.stdout.write(line); written += line.length; if (written % (64 * 65536) === 0) console.error(written) }`)
    io.stderr.resume()
    await waitFor('the pipe to fill', () => io.stdout.readableLength > 0)
    expect(io.stdout.readableLength).toBeLessThan(2 * MIB)
    await sandbox.destroy()
  })

  it('closes the program’s input when the engine’s end is gone', async () => {
    const { sandbox, io } = await launch(`process.stdin.on('end', () => process.exit(75)).resume(); console.log('up')`)
    await collect(io.stdout).until('up')
    io.stdin.destroy()
    expect(await sandbox.wait()).toMatchObject({ exitCode: 75 })
  })

  it('leaves nothing behind when the files do not fit', async () => {
    const files = Array.from({ length: 24 }, (_, index) => ({ name: `f${index}`, text: 'x'.repeat(MIB) }))
    const sandbox = await driver.create(specFor('0', { files, limits: { ...TEST_LIMITS, memoryMb: 32 } }))
    const failure = await sandbox.start(never()).catch((error: unknown) => error)
    expect(isRuntimeError(failure) && failure.code).toBe('SANDBOX_002')
    expect(await sandbox.wait()).toMatchObject({ exitCode: null })
  })

  it('leaves nothing behind when a start is called off', async () => {
    const sandbox = await driver.create(specFor('setInterval(() => {}, 1000)'))
    const abort = new AbortController()
    const starting = sandbox.start(abort.signal)
    abort.abort(new Error('changed my mind'))
    await expect(starting).rejects.toMatchObject({ code: 'SANDBOX_002' })
    await waitFor('the container to be gone', async () => (await leftBehind()).length === 0)
  })

  it('finds and destroys what an engine before it has left', async () => {
    const orphan = await driver.create(specFor('setInterval(() => {}, 1000)'))
    await orphan.start(never())
    const found = await driverOf('engine-b').found()
    expect(found.map((entry) => entry.id)).toEqual([orphan.id])
    await Promise.all(found.map((entry) => entry.destroy()))
    expect(await orphan.wait()).toMatchObject({ exitCode: 137 })
    expect(await driverOf('engine-b').found()).toEqual([])
  })

  it('tells when somebody else has removed the container', async () => {
    const { sandbox, io } = await launch('setInterval(() => {}, 1000)')
    io.stdout.resume()
    await docker.getContainer(sandbox.id).remove({ force: true })
    expect(await sandbox.wait()).toMatchObject({ exitCode: 137, signal: 'SIGKILL' })
    await sandbox.stop(10)
    await sandbox.destroy()
  })
})
