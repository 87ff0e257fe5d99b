import { BackendId } from '@contract'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core'
import { createSandboxes } from './registry'
import type { SandboxDriver, TierStatus } from './types'

const PASS: TierStatus = { tier: 'tier1', status: 'pass', cause: 'It ran.', fix: '', command: null }

const LOCAL = BackendId.parse('docker:local')
const FAR = BackendId.parse('docker:far')

const driverWith = (probe: () => Promise<TierStatus>, id = LOCAL): SandboxDriver => ({
  id,
  title: id,
  kind: 'docker',
  tier: 'tier1',
  probe,
  prepare: async () => undefined,
  create: () => Promise.reject(new Error('not in this test')),
  found: async () => [],
})

describe('the tiers', () => {
  it('gives the driver that was asked for, or an error and nothing weaker', () => {
    const driver = driverWith(async () => PASS)
    const sandboxes = createSandboxes({ drivers: [driver], clock: createManualClock() })
    expect(sandboxes.driver('tier1')).toBe(driver)
    expect(() => sandboxes.driver('tier2')).toThrow(
      expect.objectContaining({ code: 'SANDBOX_001', nextStep: expect.stringContaining('tier 1') }),
    )
    expect(() => sandboxes.driver('tier0')).toThrow(expect.objectContaining({ code: 'SANDBOX_001' }))
  })

  it('asks each driver once within ten minutes, whoever asks', async () => {
    const clock = createManualClock()
    let probes = 0
    const driver = driverWith(async () => {
      probes += 1
      return PASS
    })
    const sandboxes = createSandboxes({ drivers: [driver], clock })
    const [first, second] = await Promise.all([sandboxes.statuses(), sandboxes.statuses()])
    expect(first).toBe(second)
    expect(first.map(({ tier, status }) => [tier, status])).toEqual([
      ['tier0', 'fail'],
      ['tier1', 'pass'],
      ['tier2', 'fail'],
      ['tier3', 'fail'],
    ])
    clock.advance(599_999)
    await sandboxes.statuses()
    expect(probes).toBe(1)
    clock.advance(1)
    await sandboxes.statuses()
    expect(probes).toBe(2)
    await sandboxes.statuses({ fresh: true })
    expect(probes).toBe(3)
  })

  it('turns a test that breaks into a failed tier', async () => {
    const driver = driverWith(() => Promise.reject(new Error('boom')))
    const statuses = await createSandboxes({ drivers: [driver], clock: createManualClock() }).statuses()
    expect(statuses[1]).toMatchObject({ status: 'fail', cause: 'The test failed: boom' })
  })

  it('knows back-ends of other hosts, which can be added and removed again', async () => {
    const here = driverWith(async () => PASS)
    const far = driverWith(async () => ({ ...PASS, cause: 'It ran far away.' }), FAR)
    const sandboxes = createSandboxes({ drivers: [here], clock: createManualClock() })
    sandboxes.add(far)
    expect(sandboxes.drivers()).toEqual([here, far])
    expect(sandboxes.driver('tier1')).toBe(here)
    expect(sandboxes.knownOf(FAR)).toBeUndefined()
    expect(await sandboxes.look(FAR)).toMatchObject({ status: 'pass', cause: 'It ran far away.' })
    expect(sandboxes.knownOf(FAR)).toMatchObject({ status: 'pass' })
    sandboxes.remove(FAR)
    sandboxes.remove(LOCAL)
    expect(sandboxes.drivers()).toEqual([here])
    expect(await sandboxes.look(FAR)).toMatchObject({ status: 'fail' })
    expect(sandboxes.knownOf(FAR)).toBeUndefined()
  })

  it('counts a tier as usable when another host has it, and never another tier in its place', async () => {
    const broken: TierStatus = { ...PASS, status: 'fail', cause: 'There is no Docker.' }
    const sandboxes = createSandboxes({ drivers: [driverWith(async () => broken)], clock: createManualClock() })
    sandboxes.add(driverWith(async () => PASS, FAR))
    const before = await sandboxes.statuses()
    expect(before[1]).toMatchObject({ status: 'fail', cause: 'There is no Docker.' })
    await sandboxes.look(FAR)
    const after = await sandboxes.statuses({ fresh: true })
    expect(after.map(({ status }) => status)).toEqual(['fail', 'pass', 'fail', 'fail'])
  })
})
