import { expect, it } from 'vitest'
import { createEvents, createIds, createManualClock, createRedactor, RuntimeError, silentLog } from '../core'
import type { Sandbox, SandboxDriver, SandboxSpec } from '../sandbox'
import { createBreakers } from './breakers'
import { guardBackend, type OnSeen } from './guard-backend'

const SPEC = {} as SandboxSpec
const never = (): AbortSignal => new AbortController().signal

const fault = () =>
  new RuntimeError('SANDBOX_002', 'no luck', { cause: Object.assign(new Error('x'), { statusCode: 500 }) })
const refusal = () =>
  new RuntimeError('SANDBOX_002', 'too many cores', { cause: Object.assign(new Error('x'), { statusCode: 400 }) })

const setUp = () => {
  const clock = createManualClock()
  const breakers = createBreakers({
    gate: { commit: async () => undefined as never },
    clock,
    events: createEvents(() => undefined),
    redactor: createRedactor(),
    newId: createIds(clock),
    log: silentLog,
    rules: { threshold: 2, windowMs: 60_000, restMs: 10_000 },
  })
  let problem: (() => Error) | null = null
  let see: OnSeen = () => undefined
  const calls: string[] = []
  const does = async (what: string): Promise<void> => {
    calls.push(what)
    if (problem !== null) throw problem()
  }
  const sandbox = {
    id: 'c0ffee',
    start: () => does('start'),
    stop: () => does('stop'),
    destroy: () => does('destroy'),
  } as unknown as Sandbox
  const driver = guardBackend(breakers, (onSeen) => {
    see = onSeen
    return {
      id: 'docker:local',
      tier: 'tier1',
      prepare: () => does('prepare'),
      create: async () => {
        await does('create')
        return sandbox
      },
      probe: async () => ({
        tier: 'tier1',
        status: problem === null ? 'pass' : 'fail',
        cause: '',
        fix: '',
        command: null,
      }),
      found: async () => [],
    } as unknown as SandboxDriver
  })
  return {
    clock,
    driver,
    calls,
    see: (error: RuntimeError | null) => see(error),
    state: () => breakers.list()[0]?.state ?? 'closed',
    fail: (next: (() => Error) | null) => {
      problem = next
    },
  }
}

const prepare = (driver: SandboxDriver, signal = never()) => driver.prepare(signal, () => undefined)

it('opens on faults of preparing, creating and starting alike, and asks the back-end nothing more (V5)', async () => {
  const { driver, fail, state, calls } = setUp()
  const sandbox = await driver.create(SPEC)
  expect(sandbox.id).toBe('c0ffee')
  fail(fault)
  await expect(prepare(driver)).rejects.toMatchObject({ code: 'SANDBOX_002' })
  expect(state()).toBe('closed')
  await expect(sandbox.start(never())).rejects.toMatchObject({ code: 'SANDBOX_002' })
  expect(state()).toBe('open')
  await expect(driver.create(SPEC)).rejects.toMatchObject({ code: 'RECOVERY_001' })
  expect(calls).toEqual(['create', 'prepare', 'start'])
})

it('always ends and removes, also while it is open (V5)', async () => {
  const { driver, fail, state, calls } = setUp()
  const sandbox = await driver.create(SPEC)
  fail(fault)
  for (let count = 0; count < 3; count += 1) await prepare(driver).catch(() => undefined)
  expect(state()).toBe('open')
  await expect(sandbox.stop(0)).rejects.toMatchObject({ message: 'no luck' })
  await expect(sandbox.destroy()).rejects.toMatchObject({ message: 'no luck' })
  expect(calls.slice(-2)).toEqual(['stop', 'destroy'])
})

it('does not count what the back-end refused and what was called off, and hands their errors on (V5)', async () => {
  const { driver, fail, state } = setUp()
  fail(refusal)
  for (let count = 0; count < 5; count += 1)
    await expect(driver.create(SPEC)).rejects.toMatchObject({ message: 'too many cores' })
  fail(() => new Error('the person changed their mind'))
  for (let count = 0; count < 5; count += 1)
    await expect(prepare(driver, AbortSignal.abort())).rejects.toThrow('changed their mind')
  expect(state()).toBe('closed')
  for (let count = 0; count < 2; count += 1) await expect(prepare(driver)).rejects.toThrow('changed their mind')
  expect(state()).toBe('open')
})

it('takes what is seen of the back-end while programs run there, and a test that it passes (V4)', async () => {
  const { driver, see, state, fail } = setUp()
  const lost = new RuntimeError('SANDBOX_004', 'silent')
  see(lost)
  see(lost)
  expect(state()).toBe('open')
  see(null)
  expect(state()).toBe('closed')
  see(lost)
  see(lost)
  fail(fault)
  await driver.probe(never())
  expect(state()).toBe('open')
  fail(null)
  await driver.probe(never())
  expect(state()).toBe('closed')
})
