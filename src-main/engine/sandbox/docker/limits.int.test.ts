import { resolve } from 'node:path'
import type { StatsSample } from '@contract'
import Docker from 'dockerode'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { randomId, silentLog, systemClock } from '../../core'
import { never, specFor, TEST_LIMITS, waitFor } from '../sandbox-fixture'
import { containerOptions, LABELS } from './container-options'
import { createDockerDriver } from './docker-driver'
import { readHostFacts } from './host'

const docker = new Docker()
const installationId = `test-${randomId()}`
const driver = createDockerDriver({
  installationId,
  engineId: 'engine-a',
  resourcesDir: resolve('resources'),
  clock: systemClock,
  log: silentLog,
})
const host = await readHostFacts(docker).catch(() => undefined)

/** What it used of a core over a stretch in which two samples were taken, in percent. */
const shareOf = async (samples: readonly StatsSample[]): Promise<number> => {
  // The first sample after a change covers the time before it too.
  const from = samples.length + 1
  await waitFor('two more samples', () => samples.length >= from + 2)
  const taken = samples.slice(from, from + 2).map((sample) => sample.cpuPercent ?? Number.NaN)
  return taken.reduce((sum, share) => sum + share, 0) / taken.length
}

describe.skipIf(host === undefined && process.env['CI'] !== 'true')('the limits of a container', () => {
  beforeAll(() => driver.prepare(never(), () => undefined))

  it('hold its share of the processors, less of it while it is throttled, and all of it again', async () => {
    const limits = { ...TEST_LIMITS, cpuCores: 0.5 }
    const sandbox = await driver.create(specFor('for (;;) ;', { limits }))
    onTestFinished(() => sandbox.destroy())
    expect(sandbox.enforcement).toMatchObject({ memory: 'kernel', cpu: 'kernel', network: 'kernel' })
    expect(await sandbox.throttle(0.5)).toBe(false)
    await sandbox.start(never())
    const samples: StatsSample[] = []
    onTestFinished(sandbox.stats((sample) => samples.push(sample)))

    // Others may keep the processors busy: a limit shows in what is never passed.
    expect(await shareOf(samples)).toBeLessThan(58)
    expect(await sandbox.throttle(0.2)).toBe(true)
    expect((await docker.getContainer(sandbox.id).inspect()).HostConfig.NanoCpus).toBe(100_000_000)
    expect(await shareOf(samples)).toBeLessThan(15)
    expect(await sandbox.throttle(null)).toBe(true)
    const back = await shareOf(samples)
    expect(back).toBeGreaterThan(15)
    expect(back).toBeLessThan(58)
    await sandbox.destroy()
    expect(await sandbox.throttle(0.5)).toBe(false)
  })

  it.skipIf(host?.enforcement.disk !== 'kernel')('hold the rate at which it reads and writes the disk', async () => {
    // An agent can write to no disk, so the walls around this one are open there; the limit is the same.
    const program = `
      const { openSync, writeSync, constants } = require('node:fs')
      const open = (path) => openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT)
      const memory = new ArrayBuffer(2 ** 20 + 4096)
      const works = (buffer) => { try { return writeSync(probe, buffer, 0, 4096, 0) } catch { return 0 } }
      const probe = open('/probe')
      let offset = 0
      while (works(Buffer.from(memory, offset, 4096)) === 0) offset += 16
      const file = open('/file')
      const startedMs = Date.now()
      for (let n = 0; n < 4; n += 1) writeSync(file, Buffer.from(memory, offset, 2 ** 20))
      process.exit(Date.now() - startedMs > 1500 ? 0 : 1)`
    const image = (await docker.listImages()).find(({ RepoTags: tags }) => tags?.some((tag) => /symbi|node/.test(tag)))
    const options = containerOptions({
      name: `symbi-probe-${randomId()}`,
      imageId: image?.Id ?? 'no image',
      limits: { ...TEST_LIMITS, diskIoMbps: 2 },
      labels: { [LABELS.installation]: installationId },
      disk: host?.disk,
      command: ['node', '-e', program],
    })
    const writable = { ...options, User: '0:0', HostConfig: { ...options.HostConfig, ReadonlyRootfs: false } }
    const container = await docker.createContainer(writable)
    onTestFinished(async () => container.remove({ force: true }))
    await container.start()
    expect(await container.wait()).toEqual({ StatusCode: 0, Error: null })
  })
})
