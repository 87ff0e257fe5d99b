import { execFileSync } from 'node:child_process'
import type { AgentDefinition, Execution } from '@contract'
import { describe, expect, it, onTestFinished } from 'vitest'
import { asking, testEngine } from '../testing/test-engine'

const open = async (toml = '') => {
  const host = await testEngine(toml)
  onTestFinished(() => host.close())
  return host
}
type Host = Awaited<ReturnType<typeof open>>

const until = (what: () => unknown) => expect.poll(what, { interval: 20, timeout: 20_000 })

const start = async (host: Host, definition: AgentDefinition): Promise<Execution> => {
  const agent = await host.engine().agents.create(asking(), definition)
  return host.engine().runs.start(asking(), { id: agent.id, input: null })
}
const limits = (host: Host, change: Partial<AgentDefinition['limits']>) => ({
  ...host.definition('').limits,
  ...change,
})

describe('a plain process beyond its grant', () => {
  it('is throttled, then stopped, and all of it is on record (resources R6)', async () => {
    const host = await open('[resource]\nstop_after_violations = 2\n')
    const hog = host.definition(
      `const held = Buffer.alloc(200 * 1024 * 1024, 1); await new Promise(() => setInterval(() => held, 1000))`,
      {
        limits: limits(host, { memoryMb: 64 }),
      },
    )
    const run = await start(host, hog)
    const { engine } = host
    await engine().runs.ended(run.id)
    expect(engine().runs.get(run.id)).toMatchObject({
      state: 'failed',
      endCause: 'resource-violation',
      errorCode: 'RESOURCE_003',
    })
    const violations = engine().resources.violations({ limit: 10 })
    expect(violations.map(({ action, kind, inARow }) => `${action} ${kind} ${inARow}`)).toEqual([
      'stopped memory 2',
      'throttled memory 1',
    ])
    expect(violations[0]?.used).toBeGreaterThan(200 * 1024 * 1024)
    const facts = engine().audit.list({ filter: { correlationId: run.correlationId }, limit: 100 }).records
    expect(facts.filter(({ action }) => action === 'compute.violation')).toHaveLength(2)
    expect(engine().resources.overview()).toMatchObject({ allocations: [], granted: { memoryBytes: 0, cpuMillis: 0 } })
  })
})

const hasDocker = (() => {
  if (process.env['CI'] === 'true') return true
  return execFileSync('sh', ['-c', 'docker info >/dev/null 2>&1 && echo yes || true']).toString().trim() === 'yes'
})()

describe.skipIf(!hasDocker)('a container', () => {
  it('shows its grant and its use while it runs, and neither afterwards (resources R3, R5)', async () => {
    const host = await open()
    const { engine } = host
    const busy = host.definition('const until = Date.now() + 4000; while (Date.now() < until) ;', {
      securityTier: 'tier1',
      limits: limits(host, { memoryMb: 96, cpuCores: 0.5 }),
    })
    const run = await start(host, busy)
    await until(() => engine().resources.overview().allocations[0]?.used?.cpuMillis ?? 0).toBeGreaterThan(50)
    const overview = engine().resources.overview()
    expect(overview.allocations).toMatchObject([
      {
        executionId: run.id,
        backend: 'docker:local',
        granted: { memoryBytes: 96 * 1024 * 1024, cpuMillis: 500 },
        enforcement: { memory: 'kernel', cpu: 'kernel', network: 'kernel' },
        violationsInARow: 0,
        throttled: false,
      },
    ])
    expect(overview.granted.cpuMillis).toBe(500)
    expect(await engine().runs.ended(run.id)).toMatchObject({ state: 'succeeded' })
    await until(() => engine().resources.overview().allocations).toEqual([])
    expect(engine().resources.overview().granted.cpuMillis).toBe(0)
    expect(engine().resources.violations({ limit: 10 })).toEqual([])
    const now = Date.now()
    const [memory] = engine().resources.history({ agentId: run.agentId, fromMs: now - 60_000, toMs: now, points: 100 })
    expect(memory?.points.length).toBeGreaterThan(0)
    expect(memory?.granted[0]).toBe(96 * 1024 * 1024)
  })

  it('that wants more memory than it has ends for want of it, held by the kernel and not by us', async () => {
    const host = await open()
    const { engine } = host
    const hog = host.definition('const held = []; for (;;) held.push(Buffer.alloc(4 * 1024 * 1024, 1))', {
      securityTier: 'tier1',
      limits: limits(host, { memoryMb: 64 }),
    })
    const run = await start(host, hog)
    expect(await engine().runs.ended(run.id)).toMatchObject({ state: 'failed', endCause: 'out-of-memory' })
    expect(engine().resources.violations({ limit: 10 })).toEqual([])
    await until(() => engine().resources.overview().allocations).toEqual([])
  })
})
