import { BackendId, type CorrelationId, type NewBackend } from '@contract'
import { describe, expect, it } from 'vitest'
import { createEvents, createManualClock, silentLog } from '../core'
import { createSandboxes, type RemoteTarget, type SandboxDriver, type TierStatus } from '../sandbox'
import { tempStore } from '../testing/temp-store'
import { createBackends } from './backends'
import { driverOf, person } from './fixtures/world'

const LOCAL = BackendId.parse('docker:local')
const FAR = BackendId.parse('docker:far')
const MINUTE = 60_000
const asking = { caller: person, correlationId: '00000000-0000-7000-8000-000000000001' as CorrelationId }
const pass: TierStatus = { tier: 'tier1', status: 'pass', cause: 'It ran.', fix: '', command: null }
const fail: TierStatus = { ...pass, status: 'fail', cause: 'Nobody answers.' }

const added: NewBackend = {
  name: 'far',
  remote: {
    protocol: 'ssh',
    host: 'far',
    port: 22,
    user: 'a',
    keySecret: 'backends/far',
    hostKeySha256: 'A'.repeat(43),
  },
  weight: 3,
  maxConcurrent: 4,
}

/** Two back-ends that answer what they are told to; the far one can be added. */
const setUp = () => {
  const clock = createManualClock()
  const store = tempStore()
  const answers = new Map<string, TierStatus>([
    [LOCAL, pass],
    [FAR, pass],
  ])
  const probes: string[] = []
  const pools: (readonly [string, number | null])[] = []
  let capacity: () => Promise<{ memoryBytes: number; cpuCores: number }> = async () => ({
    memoryBytes: 64,
    cpuCores: 2,
  })
  let resets = 0
  const answering = (id: string): SandboxDriver => ({
    ...driverOf(id),
    probe: async () => {
      probes.push(id)
      return answers.get(id) ?? fail
    },
  })
  const sandboxes = createSandboxes({ drivers: [answering(LOCAL)], clock })
  const open = () => {
    const driver = answering(FAR)
    const target: RemoteTarget = {
      id: FAR,
      title: 'Docker on far',
      kind: 'docker-ssh',
      connection: () => Promise.reject(new Error('not in this test')),
      whyUnreachable: () => ({ cause: '', fix: '', command: null }),
      capacity: () => capacity(),
      reset: () => {
        resets += 1
      },
    }
    return { driver, target }
  }
  const running = new Map<string, number>()
  const backends = createBackends({
    gate: { commit: (_request, change) => store.write(change), perform: async (_request, act) => act() },
    store,
    clock,
    events: createEvents(() => undefined),
    log: silentLog,
    sandboxes,
    resources: { setPool: (id, totals) => void pools.push([id, totals?.memoryBytes ?? null]) },
    breakers: { restsUntil: () => null },
    open,
    hasSecret: (name) => name === 'backends/far',
    runningOn: (id) => running.get(id) ?? 0,
    localMax: 10,
  })
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const state = (id: string) => backends.list().find((backend) => backend.id === id)?.state
  return {
    clock,
    backends,
    sandboxes,
    answers,
    probes,
    pools,
    running,
    settle,
    state,
    resets: () => resets,
    setCapacity: (next: typeof capacity) => {
      capacity = next
    },
  }
}

describe('a host that was added', () => {
  it('gets nothing until it has told what it has, and is asked again after a minute (scheduler S4)', async () => {
    const world = setUp()
    world.setCapacity(() => Promise.reject(new Error('no answer')))
    await world.backends.add(asking, added)
    await world.settle()
    expect(world.state(FAR)).toBe('unknown')
    expect(world.backends.places().find(({ driver }) => driver.id === FAR)).toMatchObject({ isUnknown: true })
    world.setCapacity(async () => ({ memoryBytes: 64, cpuCores: 2 }))
    world.clock.advance(MINUTE)
    await world.settle()
    expect(world.state(FAR)).toBe('usable')
    expect(world.pools).toEqual([[FAR, 64]])
    expect(world.backends.places().find(({ driver }) => driver.id === FAR)).toMatchObject({
      isUnknown: false,
      isMissing: false,
      pool: FAR,
      weight: 3,
      maxConcurrent: 4,
    })
    world.clock.advance(10 * MINUTE)
    await world.settle()
    expect(world.probes).toEqual([FAR, FAR])
  })

  it('is connected to anew when it is checked, except while something runs on it', async () => {
    const world = setUp()
    await world.backends.add(asking, added)
    await world.settle()
    await world.backends.check(asking, FAR)
    expect(world.resets()).toBe(1)
    world.running.set(FAR, 1)
    await world.backends.check(asking, FAR)
    expect(world.resets()).toBe(1)
    await expect(world.backends.remove(asking, FAR, 'because')).rejects.toMatchObject({ code: 'SCHED_005' })
    expect(world.backends.places().map(({ driver }) => driver.id)).toEqual([LOCAL, FAR])
    world.running.clear()
    await world.backends.remove(asking, FAR, 'because')
    expect(world.backends.places().map(({ driver }) => driver.id)).toEqual([LOCAL])
    expect(world.pools.at(-1)).toEqual([FAR, null])
  })
})

describe('a back-end of this machine that does not answer', () => {
  it('is looked at again each minute while another host stands in for it', async () => {
    const world = setUp()
    world.answers.set(LOCAL, fail)
    await world.sandboxes.look(LOCAL)
    world.clock.advance(5 * MINUTE)
    await world.settle()
    expect(world.probes).toEqual([LOCAL])
    await world.backends.add(asking, added)
    await world.settle()
    expect(world.backends.places().find(({ driver }) => driver.id === LOCAL)?.isMissing).toBe(true)
    world.answers.set(LOCAL, pass)
    let told = 0
    world.backends.onChange(() => {
      told += 1
    })
    world.clock.advance(MINUTE)
    await world.settle()
    expect(world.backends.places().find(({ driver }) => driver.id === LOCAL)?.isMissing).toBe(false)
    expect(told).toBeGreaterThan(0)
    world.clock.advance(5 * MINUTE)
    await world.settle()
    expect(world.probes).toEqual([LOCAL, FAR, LOCAL])
  })
})
