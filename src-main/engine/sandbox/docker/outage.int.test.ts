import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { preloadGateway } from '../../gateway'
import { never, waitFor } from '../sandbox-fixture'
import type { SandboxDriver } from '../types'
import { driverAt, startCounting, upTo } from './outage-fixture'
import { createSecondDaemon, type SecondDaemon, whyNoSecondDaemon } from './second-daemon-fixture'

const AGENTS = 5
/** How long the daemon is away: long enough that all have noticed and asked again. */
const DOWN_MS = Number(process.env['OUTAGE_MS'] ?? 1_500)

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

const why = whyNoSecondDaemon()
if (why !== null && process.env['CI'] === 'true') throw new Error(`A second Docker daemon cannot be started: ${why}.`)

describe.skipIf(why !== null)('a daemon that keeps its containers', () => {
  let daemon: SecondDaemon
  let driver: SandboxDriver
  const seen: (boolean | string)[] = []

  beforeAll(async () => {
    daemon = await createSecondDaemon({ liveRestore: true })
    await daemon.start()
    driver = driverAt(daemon, { seen })
    await Promise.all([driver.prepare(never(), () => undefined), preloadGateway()])
  })
  afterEach(() => {
    seen.length = 0
  })
  afterAll(() => daemon.remove())

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'ended by %s under agents at work: each goes on where it was, nothing lost, nothing twice',
    async (signal) => {
      const agents = await Promise.all(Array.from({ length: AGENTS }, () => startCounting(driver)))
      await waitFor('agents at work', () => agents.every(({ asked }) => asked.length > 50))
      await daemon.kill(signal)
      await waitFor('the loss to be noticed', () => agents.every(({ links }) => links.includes('lost')))
      const before = agents.map(({ asked }) => asked.length)
      await pause(DOWN_MS)
      expect(agents.map(({ asked }) => asked.length)).toEqual(before)
      await daemon.start()
      await waitFor('agents at work again', () =>
        agents.every(({ asked }, index) => asked.length > (before[index] ?? 0) + 50),
      )
      for (const agent of agents) agent.end()
      const exits = await Promise.all(agents.map(({ sandbox }) => sandbox.wait()))
      expect(exits).toEqual(agents.map(() => ({ exitCode: 0, signal: null, outOfMemory: false })))
      for (const { links, asked, output, said, faults } of agents) {
        expect(links).toEqual(['lost', 'back'])
        expect(asked).toEqual(upTo(asked.length))
        expect(output()).toBe(asked.length)
        expect(faults).toEqual([])
        expect(said().split('\n')).toEqual([...upTo(asked.length).map((number) => `line ${number}`), ''])
      }
      expect(seen.filter((one) => one === true)).toEqual([true])
      expect(seen).toContain('SANDBOX_004')
      expect(await daemon.docker.listContainers({ all: true })).toEqual([])
    },
  )
})
