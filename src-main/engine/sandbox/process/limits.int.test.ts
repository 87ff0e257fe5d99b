import { constants, getPriority } from 'node:os'
import { resolve } from 'node:path'
import type { StatsSample } from '@contract'
import { describe, expect, it, onTestFinished } from 'vitest'
import { silentLog, systemClock } from '../../core'
import { tempDir } from '../../testing/temp-dir'
import { collect, never, specFor, waitFor } from '../sandbox-fixture'
import { threadsOf } from './proc-table'
import { createProcessDriver } from './process-driver'

const launch = async (program: string) => {
  const driver = createProcessDriver({
    dataDir: tempDir(),
    resourcesDir: resolve('resources'),
    clock: systemClock,
    log: silentLog,
    allowed: true,
  })
  const sandbox = await driver.create(specFor(program))
  onTestFinished(() => sandbox.destroy())
  const io = await sandbox.start(never())
  const samples: StatsSample[] = []
  onTestFinished(sandbox.stats((sample) => samples.push(sample)))
  return { sandbox, io, samples }
}

describe.skipIf(process.platform !== 'linux')('the limits of a plain process', () => {
  it('are watched where they can be seen, and nothing is said to be held', async () => {
    const { sandbox } = await launch('setInterval(() => {}, 1000)')
    expect(sandbox.enforcement).toEqual({ memory: 'monitor', cpu: 'monitor', disk: 'monitor', network: 'none' })
  })

  it('are measured: memory, share of a core, and what goes to the disk', async () => {
    const program = `
      import { openSync, writeSync, fsyncSync } from 'node:fs'
      const held = Buffer.alloc(80 * 1024 * 1024, 1)
      const file = openSync('written', 'w')
      setInterval(() => { writeSync(file, held, 0, 1024 * 1024); fsyncSync(file) }, 50)`
    const { samples } = await launch(program)
    await waitFor('a sample of it at work', () =>
      samples.some((sample) => (sample.diskBytesPerSecond ?? 0) > 1024 * 1024),
    )
    const last = samples.at(-1)
    expect(last?.memoryBytes).toBeGreaterThan(80 * 1024 * 1024)
    expect(last?.cpuPercent).toBeGreaterThan(0)
    expect(last?.networkBytesPerSecond).toBeNull()
  })

  it('are kept by running behind all others, with every thread, and it says whether it could go back', async () => {
    const { sandbox, io } = await launch('console.log(process.pid); setInterval(() => {}, 1000)')
    const said = collect(io.stdout)
    await said.until('\n')
    const groupId = Number(said.text())
    const priorities = async (): Promise<Set<number>> =>
      new Set((await threadsOf(groupId)).map((id) => getPriority(id)))
    expect((await threadsOf(groupId)).length).toBeGreaterThan(1)
    expect(await sandbox.throttle(0.5)).toBe(true)
    expect(await priorities()).toEqual(new Set([constants.priority.PRIORITY_LOW]))
    const isBack = await sandbox.throttle(null)
    expect((await priorities()).has(constants.priority.PRIORITY_BELOW_NORMAL)).toBe(isBack)
    await sandbox.destroy()
    expect(await sandbox.throttle(0.5)).toBe(false)
  })
})
