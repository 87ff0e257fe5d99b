import { describe, expect, it } from 'vitest'
import { createIds, RuntimeError, silentLog } from '../core'
import { cli, correlationId, setUp } from '../gate/fixtures/set-up'
import { createBreakers } from './breakers'

const RULES = { threshold: 3, windowMs: 60_000, restMs: 10_000 }
const DOCKER = 'backend:docker:local'

const open = () => {
  const base = setUp()
  const published: string[] = []
  base.events.subscribe(({ topic }) => published.push(topic))
  const breakers = createBreakers({ ...base, newId: createIds(base.clock), log: silentLog, rules: RULES })
  const changes: string[] = []
  breakers.onChange(({ id, state }) => changes.push(`${id} ${state}`))
  return {
    ...base,
    breakers,
    changes,
    published: () => published.filter((topic) => topic === 'breakers.changed').length,
    async audited() {
      await base.store.write(() => undefined)
      await base.store.write(() => undefined)
      return base.records().filter(({ action }) => action === 'breaker.change')
    },
    fails: (code: 'SANDBOX_004' | 'POLICY_001' | 'RUN_003' = 'SANDBOX_004') =>
      breakers
        .run(DOCKER, () => Promise.reject(new RuntimeError(code, 'no luck')))
        .catch((error: RuntimeError) => error),
    works: () => breakers.run(DOCKER, async () => 'done'),
  }
}

describe('the breakers', () => {
  it('open after failures, refuse with the time of the next try, let one through, and close (V3, V4)', async () => {
    const { breakers, clock, changes, fails, works, published } = open()
    for (let count = 0; count < 3; count += 1) expect(await fails()).toMatchObject({ code: 'SANDBOX_004' })
    const atMs = clock.nowMs()
    expect(breakers.restsUntil(DOCKER)).toBe(atMs + 10_000)
    let calls = 0
    const refused = breakers.run(DOCKER, async () => (calls += 1))
    await expect(refused).rejects.toMatchObject({
      code: 'RECOVERY_001',
      retryable: true,
      details: { breaker: DOCKER, retryAfterMs: 10_000 },
    })
    expect(calls).toBe(0)
    expect(breakers.list()).toEqual([
      {
        ...{ id: DOCKER, kind: 'backend', name: 'docker:local', state: 'open', failures: 3, successes: 0, trips: 1 },
        ...{ windowMs: 60_000, threshold: 3, openedAtMs: atMs, nextProbeAtMs: atMs + 10_000 },
        lastError: { code: 'SANDBOX_004', message: 'no luck', atMs },
      },
    ])
    clock.advance(10_000)
    expect(breakers.restsUntil(DOCKER)).toBeNull()
    const results = await Promise.allSettled([works(), works(), works()])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(breakers.list()).toMatchObject([{ state: 'closed', nextProbeAtMs: null, openedAtMs: null, failures: 0 }])
    expect(changes).toEqual([`${DOCKER} open`, `${DOCKER} half-open`, `${DOCKER} closed`])
    expect(published()).toBe(3)
  })

  it('record each change as what happened (V10)', async () => {
    const { clock, fails, works, audited } = open()
    for (let count = 0; count < 3; count += 1) await fails()
    clock.advance(10_000)
    await works()
    const records = (await audited()).reverse()
    expect(records.map(({ details }) => [(details as { from: string }).from, (details as { to: string }).to])).toEqual([
      ['closed', 'open'],
      ['open', 'half-open'],
      ['half-open', 'closed'],
    ])
    expect(records[0]).toMatchObject({
      actor: { kind: 'engine', id: 'recovery' },
      resource: `Compute ${DOCKER}`,
      details: { failures: 3, lastError: { code: 'SANDBOX_004', message: 'no luck' } },
    })
  })

  it('do not count refusals and what was called off (V5)', async () => {
    const { breakers, fails } = open()
    for (let count = 0; count < 9; count += 1) await fails('POLICY_001')
    for (let count = 0; count < 9; count += 1) await fails('RUN_003')
    const gone = () => breakers.run(DOCKER, () => Promise.reject(new DOMException('gone', 'AbortError')))
    for (let count = 0; count < 9; count += 1) await expect(gone()).rejects.toThrow('gone')
    expect(breakers.list()).toMatchObject([{ state: 'closed', failures: 0, lastError: null }])
    for (let count = 0; count < 3; count += 1) await fails()
    expect(breakers.list()).toMatchObject([{ state: 'open' }])
  })

  it('are one for each thing: what fails does not rest what works (V3)', async () => {
    const { breakers, fails } = open()
    for (let count = 0; count < 3; count += 1) await fails()
    expect(await breakers.run('tool:files.read', async () => 'read')).toBe('read')
    expect(breakers.list().map(({ id, state }) => [id, state])).toEqual([
      [DOCKER, 'open'],
      ['tool:files.read', 'closed'],
    ])
  })

  it('believe what was seen by others: failures open, a success closes at once (V4)', async () => {
    const { breakers, changes } = open()
    for (let count = 0; count < 3; count += 1) breakers.failed(DOCKER, { code: 'SANDBOX_004', message: 'silent' })
    breakers.succeeded(DOCKER)
    expect(changes).toEqual([`${DOCKER} open`, `${DOCKER} closed`])
  })

  it('let the next call through when a person says so; that is asked of the gate (V10)', async () => {
    const { breakers, fails, works, records, published } = open()
    for (let count = 0; count < 3; count += 1) await fails()
    const asking = { caller: cli, correlationId }
    const told = published()
    const probed = await breakers.probe(asking, DOCKER, 'I restarted it')
    expect(probed.state).toBe('open')
    expect(published()).toBe(told + 1)
    expect(breakers.restsUntil(DOCKER)).toBeNull()
    expect(await works()).toBe('done')
    expect(breakers.list()).toMatchObject([{ state: 'closed' }])
    expect(records().find(({ action }) => action === 'breaker.probe')).toMatchObject({
      outcome: 'success',
      details: { reason: 'I restarted it' },
    })
    await expect(breakers.probe(asking, 'tool:none', 'because')).rejects.toMatchObject({ code: 'RECOVERY_002' })
    expect(breakers.list()).toHaveLength(1)
  })

  it('show no secret of an error (V9)', async () => {
    const { breakers, redactor, audited } = open()
    redactor.track('canary-value')
    const leak = () => Promise.reject(new RuntimeError('SANDBOX_004', 'it said canary-value'))
    for (let count = 0; count < 3; count += 1) await breakers.run(DOCKER, leak).catch(() => undefined)
    const told = JSON.stringify([breakers.list(), await audited()])
    expect(told).toContain('it said [redacted]')
    expect(told).not.toContain('canary-value')
  })

  it('say of an unexpected error nothing of its content (V9)', async () => {
    const { breakers } = open()
    const leak = () => Promise.reject(new Error('a path, a token'))
    await expect(breakers.run(DOCKER, leak)).rejects.toThrow('a path')
    expect(breakers.list()[0]?.lastError).toMatchObject({ code: 'INTERNAL_001', message: 'The call failed.' })
  })
})
