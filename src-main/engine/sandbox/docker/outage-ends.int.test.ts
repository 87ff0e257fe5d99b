import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../core'
import { preloadGateway } from '../../gateway'
import { never, waitFor } from '../sandbox-fixture'
import type { SandboxDriver } from '../types'
import { driverAt, startCounting, upTo } from './outage-fixture'
import { createSecondDaemon, type SecondDaemon, whyNoSecondDaemon } from './second-daemon-fixture'

/** Four times as fast as time, so that a hanging daemon is noticed within the patience of a test. */
const HURRY = 4
const hurriedClock: Clock = {
  nowMs: systemClock.nowMs,
  monotonicMs: () => systemClock.monotonicMs() * HURRY,
  after: (ms, callback) => systemClock.after(ms / HURRY, callback),
}

const why = whyNoSecondDaemon()
if (why !== null && process.env['CI'] === 'true') throw new Error(`A second Docker daemon cannot be started: ${why}.`)

describe.skipIf(why !== null)('a daemon that ends its containers when it starts', () => {
  let daemon: SecondDaemon
  let driver: SandboxDriver

  beforeAll(async () => {
    daemon = await createSecondDaemon({ liveRestore: false })
    await daemon.start()
    driver = driverAt(daemon, { clock: hurriedClock })
    await Promise.all([driver.prepare(never(), () => undefined), preloadGateway()])
  })
  afterAll(() => daemon.remove())

  it('and hangs for a while is waited for; calls give up in time, and the agents go on over the same connection', async () => {
    const agents = await Promise.all([1, 2].map(() => startCounting(driver)))
    await waitFor('agents at work', () => agents.every(({ asked }) => asked.length > 50))
    daemon.freeze()
    await waitFor('the loss to be noticed', () => agents.every(({ links }) => links.includes('lost')))
    const startedMs = hurriedClock.monotonicMs()
    await expect(driver.found()).rejects.toMatchObject({ code: 'SANDBOX_001' })
    expect(hurriedClock.monotonicMs() - startedMs).toBeLessThan(6_000)
    const before = agents.map(({ asked }) => asked.length)
    daemon.thaw()
    await waitFor('agents at work again', () =>
      agents.every(({ asked, links }, index) => links.length === 2 && asked.length > (before[index] ?? 0) + 50),
    )
    for (const agent of agents) agent.end()
    for (const { sandbox, asked, output, faults } of agents) {
      expect(await sandbox.wait()).toMatchObject({ exitCode: 0 })
      expect(asked).toEqual(upTo(asked.length))
      expect(output()).toBe(asked.length)
      expect(faults).toEqual([])
    }
  })

  it('tells how each of them ended: asked to end by it, or gone', async () => {
    const [ended, gone] = await Promise.all([startCounting(driver), startCounting(driver)])
    await waitFor('agents at work', () => [ended, gone].every(({ asked }) => asked.length > 50))
    await daemon.kill()
    await rm(daemon.folderOf(gone.sandbox.id), { recursive: true, force: true })
    await daemon.start()
    await expect(gone.sandbox.wait()).rejects.toMatchObject({
      code: 'SANDBOX_004',
      message: 'The container is gone: Docker no longer knows it.',
    })
    expect(await ended.sandbox.wait()).toEqual({ exitCode: 143, signal: 'SIGTERM', outOfMemory: false })
    for (const { links, asked } of [ended, gone]) {
      expect(links).toEqual(['lost'])
      expect(asked).toEqual(upTo(asked.length))
    }
    expect(
      ended.said().startsWith(
        upTo(ended.asked.length - 1)
          .map((number) => `line ${number}\n`)
          .join(''),
      ),
    ).toBe(true)
    expect(await daemon.docker.listContainers({ all: true })).toEqual([])
  })
})
