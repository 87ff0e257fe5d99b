import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { silentLog, systemClock } from '../../core'
import { collect, never, specFor, waitFor } from '../sandbox-fixture'
import type { SandboxSpec } from '../types'
import { readProcess } from './proc-table'
import { createProcessDriver } from './process-driver'

let dataDir = ''
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'engine-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

const driverWith = (options: { readonly allowed: boolean; readonly nodeBinary?: string }) =>
  createProcessDriver({ dataDir, resourcesDir: resolve('resources'), clock: systemClock, log: silentLog, ...options })

const launch = async (program: string, more: Partial<SandboxSpec> = {}) => {
  const sandbox = await driverWith({ allowed: true }).create(specFor(program, more))
  const io = await sandbox.start(never())
  return { sandbox, io }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

describe('tier 0', () => {
  afterEach(async () => {
    expect(await driverWith({ allowed: true }).found()).toEqual([])
    expect(await readdir(join(dataDir, 'tier0')).catch(() => [])).toEqual([])
  })

  it('is off unless allowed', async () => {
    const off = driverWith({ allowed: false })
    expect(await off.probe(never())).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('allow_tier0 = true'),
    })
    await expect(off.prepare(never(), () => undefined)).rejects.toMatchObject({ code: 'SANDBOX_001' })
    await expect(off.create(specFor('0'))).rejects.toMatchObject({ code: 'SANDBOX_001' })

    const on = driverWith({ allowed: true })
    expect(await on.probe(never())).toMatchObject({
      status: 'warn',
      cause: expect.stringContaining('without any walls'),
    })
    await on.prepare(never(), () => undefined)
  })

  it('says so when there is no Node.js', async () => {
    const without = driverWith({ allowed: true, nodeBinary: join(dataDir, 'no-such-node') })
    expect(await without.probe(never())).toMatchObject({ status: 'fail', fix: expect.stringContaining('Node.js') })
    await expect(without.prepare(never(), () => undefined)).rejects.toMatchObject({ code: 'SANDBOX_001' })
  })

  it('stages files in a private folder and gives the program nothing of our environment', async () => {
    process.env['SYMBI_TEST_SECRET'] = 'do not hand on'
    const { sandbox, io } = await launch(
      `
      import { readFileSync, statSync } from 'node:fs'
      const here = new URL('.', import.meta.url)
      console.log(JSON.stringify({
        folder: here.pathname,
        mode: (statSync(here).mode & 0o777).toString(8),
        input: readFileSync(new URL('input.json', here), 'utf8'),
        file: readFileSync(new URL('files/a.txt', here), 'utf8'),
        environment: Object.keys(process.env).sort(),
      }))`,
      { inputJson: '[1]', files: [{ name: 'a.txt', text: 'alpha' }] },
    )
    const stdout = collect(io.stdout)
    expect(await sandbox.wait()).toEqual({ exitCode: 0, signal: null, outOfMemory: false })
    const said = JSON.parse(stdout.text())
    expect(said).toMatchObject({ mode: '700', input: '[1]', file: 'alpha' })
    expect(said.environment).toEqual(['HOME', 'LANG', 'NO_COLOR', 'PATH', 'TMPDIR'])
    expect(await isThere(said.folder)).toBe(false)
    expect(sandbox).toMatchObject({ backend: 'process', image: null })
    expect(sandbox.notEnforced.map((line) => line.split(':')[0])).toEqual([
      'memory',
      'cpu',
      'processes',
      'disk rate',
      'network',
      'file system',
    ])
  })

  it('ends the children of a program with it', async () => {
    const { sandbox, io } = await launch(`
      import { spawn } from 'node:child_process'
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      process.on('SIGTERM', () => {})
      console.log('child ' + child.pid + '.')
      setInterval(() => {}, 1000)`)
    const stdout = collect(io.stdout)
    await stdout.until('.')
    const childPid = Number(/child (\d+)/.exec(stdout.text())?.[1])
    expect(await readProcess(childPid)).toBeDefined()
    await sandbox.stop(100)
    expect(await sandbox.wait()).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
    await waitFor('the child to end', async () => (await readProcess(childPid)) === undefined)
    await sandbox.stop(100)
    await sandbox.destroy()
  })

  it('freezes and thaws', async () => {
    const { sandbox, io } = await launch(`let n = 0; setInterval(() => console.log('tick ' + ++n), 10)`)
    const stdout = collect(io.stdout)
    await stdout.until('tick 3')
    await sandbox.pause()
    await sandbox.resume()
    const before = stdout.text().length
    await waitFor('more ticks', () => stdout.text().length > before)
    await sandbox.pause()
    await sandbox.stop(5_000)
    expect(await sandbox.wait()).toMatchObject({ signal: 'SIGTERM' })
  })

  it('gives live figures', async () => {
    const { sandbox, io } = await launch(`const end = Date.now() + 20000; while (Date.now() < end);`)
    io.stdout.resume()
    io.stderr.resume()
    const percents: (number | null)[] = []
    const stop = sandbox.stats((sample) => percents.push(sample.cpuPercent))
    await waitFor('samples', () => percents.some((percent) => (percent ?? 0) > 10))
    stop()
    await sandbox.destroy()
  })

  it('finds and destroys the process of an engine that was killed', async () => {
    const { sandbox, io } = await launch(`console.log('up'); setInterval(() => {}, 1000)`)
    await collect(io.stdout).until('up')
    const found = await driverWith({ allowed: true }).found()
    expect(found).toHaveLength(1)
    await found[0]?.destroy()
    expect(await sandbox.wait()).toMatchObject({ signal: 'SIGKILL' })
  })

  it('clears up after an engine that was killed before it started the process', async () => {
    await driverWith({ allowed: true }).create(specFor('0'))
    expect(await readdir(join(dataDir, 'tier0'))).toHaveLength(1)
    expect(await driverWith({ allowed: true }).found()).toEqual([])
  })

  it('ends at once when it is destroyed before it began', async () => {
    const sandbox = await driverWith({ allowed: true }).create(specFor('0'))
    await sandbox.destroy()
    expect(await sandbox.wait()).toEqual({ exitCode: null, signal: null, outOfMemory: false })
    await expect(sandbox.start(never())).rejects.toMatchObject({ code: 'SANDBOX_002' })
  })
})
