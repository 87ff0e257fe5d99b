import type { AgentId } from '@contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSecondDaemon, type SecondDaemon, whyNoSecondDaemon } from '../sandbox/docker/second-daemon-fixture'
import { asking, testEngine } from '../testing/test-engine'

const AGENTS = 5
const SMALL = { diskIoMbps: 10, networkIoMbps: 10, executionTimeoutMs: 60_000, idleTimeoutMs: 60_000 }
/** Until the daemon has been asked often enough for the breaker to open. */
const CONFIG = `
[error_handler]
circuit_breaker_threshold = 3
circuit_breaker_timeout = "30s"
`

const why = whyNoSecondDaemon()
if (why !== null && process.env['CI'] === 'true') throw new Error(`A second Docker daemon cannot be started: ${why}.`)

describe.skipIf(why !== null)('Docker stopped under agents at work', () => {
  let daemon: SecondDaemon
  let host: Awaited<ReturnType<typeof testEngine>>
  const before = process.env['DOCKER_HOST']

  beforeAll(async () => {
    daemon = await createSecondDaemon({ liveRestore: true })
    await daemon.start()
    process.env['DOCKER_HOST'] = `unix://${daemon.socketPath}`
    host = await testEngine(CONFIG)
  })
  // The last one first, and each of them whatever becomes of the others.
  afterAll(() => daemon.remove())
  afterAll(() => {
    if (before === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = before
  })
  afterAll(() => host.close())

  const states = () =>
    host
      .engine()
      .agents.list()
      .map(({ state }) => state)
  const all = (state: string) => Array.from({ length: AGENTS }, () => state)
  const until = (what: () => unknown, expected: unknown) =>
    expect.poll(what, { timeout: 20_000, interval: 20 }).toEqual(expected)
  const breaker = () =>
    host
      .engine()
      .breakers.list()
      .find(({ id }) => id === 'backend:docker:local')
  const counted = (id: AgentId): number => {
    const row = host
      .engine()
      .store.get<{ value: string }>(`SELECT value FROM agent_memory WHERE agent_id = :id AND key = 'count'`, { id })
    return row === undefined ? 0 : Number(JSON.parse(row.value))
  }

  it('they wait, the breaker opens, they go on where they were, the breaker closes, and all of it is recorded (V11)', async () => {
    const engine = host.engine()
    const body = `
      for (let count = 1; ; count += 1) {
        const known = (await memory.get('count')) ?? 0
        if (known !== count - 1) throw new Error('knew ' + known + ' at ' + count)
        await memory.put('count', count)
        if (await memory.get('end')) return count
      }`
    const runs = await Promise.all(
      Array.from({ length: AGENTS }, async (_, index) => {
        const definition = host.definition(body, {
          name: `counter ${index}`,
          securityTier: 'tier1',
          executionMode: 'persistent',
          capabilities: ['memory'],
          // All of them fit on a small machine.
          limits: { ...SMALL, memoryMb: 64, cpuCores: 0.1 },
        })
        const agent = await engine.agents.create(asking(), definition)
        return engine.runs.start(asking(), { id: agent.id, input: null })
      }),
    )
    await until(states, all('Running'))
    await until(() => runs.every(({ agentId }) => counted(agentId) > 10), true)

    await daemon.kill()
    await until(states, all('Waiting'))
    await until(() => breaker()?.state, 'open')
    expect(breaker()).toMatchObject({ lastError: { code: 'SANDBOX_004' }, nextProbeAtMs: expect.any(Number) })
    const reasons = engine.agents.list().map(({ stateReason }) => stateReason)
    expect(reasons).toEqual(all(expect.stringMatching(/back-end/) as unknown as string))
    expect((await engine.overview()).openBreakers).toBe(1)
    expect(engine.runs.list({ limit: 10 }).map(({ state }) => state)).toEqual(all('running'))
    const atLoss = runs.map(({ agentId }) => counted(agentId))

    await daemon.start()
    await until(states, all('Running'))
    await until(() => breaker()?.state, 'closed')
    await until(() => runs.every(({ agentId }, index) => counted(agentId) > (atLoss[index] ?? 0) + 10), true)
    expect(await daemon.docker.listContainers()).toHaveLength(AGENTS)

    await engine.store.write((tx) => {
      for (const { agentId } of runs)
        tx.run(`INSERT INTO agent_memory (agent_id, key, value, updated_at) VALUES (:agentId, 'end', 'true', 0)`, {
          agentId,
        })
    })
    const ended = await Promise.all(runs.map(({ id }) => engine.runs.ended(id)))
    for (const run of ended) {
      expect(run).toMatchObject({ state: 'succeeded', attempt: 1, output: counted(run.agentId) })
      const path = engine.agents.timeline(run.agentId).map(({ to }) => to)
      expect(path.filter((state) => state === 'Waiting')).toHaveLength(1)
      expect(path).not.toContain('Failed')
      const { records } = engine.audit.list({ filter: { correlationId: run.correlationId }, limit: 100_000 })
      expect(records.filter(({ action }) => action === 'agent.waiting')).toHaveLength(1)
    }
    const changes = engine.audit
      .list({ filter: { text: 'breaker.change' }, limit: 100 })
      .records.filter(({ action }) => action === 'breaker.change')
      .map(({ details }) => (details as { to: string }).to)
    expect(changes.reverse()).toEqual(['open', 'closed'])
    expect(engine.recovery.events({ limit: 10 })).toEqual([])
    expect(await daemon.docker.listContainers({ all: true })).toEqual([])
  })

  it('one that a person stops meanwhile is stopped at once; what is left of it goes when Docker is back (V11)', async () => {
    const engine = host.engine()
    const definition = host.definition(`await new Promise(() => setInterval(() => undefined, 1_000))`, {
      name: 'sleeper',
      securityTier: 'tier1',
      executionMode: 'persistent',
      limits: { ...SMALL, memoryMb: 64, cpuCores: 0.1 },
    })
    const { id } = await engine.agents.create(asking(), definition)
    const run = await engine.runs.start(asking(), { id, input: null })
    const state = () => engine.agents.get(id).state
    await until(state, 'Running')
    await daemon.kill()
    await until(state, 'Waiting')
    await engine.runs.stop(asking(), id, 'no longer needed')
    await until(state, 'Terminated')
    expect(await engine.runs.ended(run.id)).toMatchObject({ state: 'stopped', endCause: 'stopped-by-operator' })
    await daemon.start()
    expect(await daemon.docker.listContainers()).toHaveLength(1)
    await engine.runs.sweep()
    expect(await daemon.docker.listContainers({ all: true })).toEqual([])
  })
})
