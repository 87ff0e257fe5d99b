import { type Backend, BackendId, type NewBackend } from '@contract'
import Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Authority, createAuthority } from '../sandbox/docker/fixtures/certificates'
import { type Door, HOST, openTlsDoor } from '../sandbox/docker/fixtures/doors'
import { asking, testEngine } from '../testing/test-engine'

const FAR = BackendId.parse('docker:far')
const isDockerThere = await new Docker().ping().then(
  () => true,
  () => false,
)

describe.skipIf(!isDockerThere && process.env['CI'] !== 'true')('a back-end that a person adds', () => {
  let authority: Authority
  let door: Door
  let host: Awaited<ReturnType<typeof testEngine>>

  beforeAll(async () => {
    authority = createAuthority()
    door = await openTlsDoor(authority)
  })
  afterAll(async () => {
    await door.close()
    authority.close()
  })
  beforeEach(async () => {
    host = await testEngine('[scheduler]\nload_balancing_strategy = "RoundRobin"\n')
    const { cert, key } = authority.client()
    const secrets = { ca: authority.ca, cert, key }
    for (const [name, value] of Object.entries(secrets))
      await host.engine().secrets.create(asking(), { name: `backends/far/${name}`, value, description: '' })
  })
  afterEach(() => host.close())

  const added = (change: Partial<NewBackend> = {}): NewBackend => ({
    name: 'far',
    remote: {
      protocol: 'tls',
      host: HOST,
      port: door.port,
      caSecret: 'backends/far/ca',
      certSecret: 'backends/far/cert',
      keySecret: 'backends/far/key',
    },
    weight: 2,
    maxConcurrent: 3,
    ...change,
  })

  const find = (id: BackendId): Backend | undefined =>
    host
      .engine()
      .scheduler.status()
      .backends.find((backend) => backend.id === id)

  const until = async (what: string, condition: () => boolean): Promise<void> => {
    const deadlineMs = performance.now() + 20_000
    while (!condition()) {
      if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}: ${JSON.stringify(find(FAR))}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  const secretReads = () =>
    host
      .engine()
      .audit.list({ filter: {}, limit: 100 })
      .records.filter(({ action, actor }) => action === 'secret.read' && actor.kind === 'engine')

  it('is looked at, runs agents, is there again after a restart, and can be removed when idle (scheduler S12)', async () => {
    const { backends } = host.engine()
    expect(await backends.add(asking(), added())).toMatchObject({ id: FAR, kind: 'docker-tls', removable: true })
    await until('the back-end', () => find(FAR)?.state === 'usable' || find(FAR)?.state === 'degraded')
    expect(find(FAR)).toMatchObject({ title: 'Docker on far', tiers: ['tier1'], weight: 2, maxConcurrent: 3 })
    expect(new Set(secretReads().map(({ resource }) => resource))).toEqual(
      new Set(['Secret backends/far/ca', 'Secret backends/far/cert', 'Secret backends/far/key']),
    )

    // In turn: the first run goes to the first by name.
    const endless = host.definition('await new Promise(() => setInterval(() => {}, 1000))', { securityTier: 'tier1' })
    const waiting = await host.engine().agents.create(asking(), { ...endless, name: 'Waiting' })
    const first = await host.engine().runs.start(asking(), { id: waiting.id, input: null })
    await until('the run', () => find(FAR)?.running === 1)
    await expect(backends.remove(asking(), FAR, 'because')).rejects.toMatchObject({ code: 'SCHED_005' })
    await host.engine().runs.cancel(asking(), first.id, 'because')
    await until('its end', () => find(FAR)?.running === 0)

    const definition = host.definition('return input.a + 1', { securityTier: 'tier1' })
    const agent = await host.engine().agents.create(asking(), definition)
    const places: (string | null)[] = []
    for (let round = 0; round < 2; round += 1) {
      const run = await host.engine().runs.start(asking(), { id: agent.id, input: { a: 1 } })
      await host.engine().runs.ended(run.id)
      const { state, output, backend } = host.engine().runs.get(run.id)
      expect({ state, output }).toEqual({ state: 'succeeded', output: 2 })
      places.push(backend)
    }
    expect(places).toEqual(['docker:local', 'docker:far'])

    await host.restart()
    await until('the back-end again', () => find(FAR)?.state === 'usable' || find(FAR)?.state === 'degraded')
    await host.engine().backends.remove(asking(), FAR, 'because')
    expect(find(FAR)).toBeUndefined()
    await host.restart()
    expect(find(FAR)).toBeUndefined()
  })

  it('is refused with a name that is taken or a secret that is not there, and this machine stays', async () => {
    const { backends } = host.engine()
    await backends.add(asking(), added())
    await expect(backends.add(asking(), added())).rejects.toMatchObject({ code: 'SCHED_005' })
    await expect(backends.add(asking(), added({ name: 'local' }))).rejects.toMatchObject({ code: 'SCHED_005' })
    const remote = { ...added().remote, keySecret: 'far/none' }
    await expect(backends.add(asking(), added({ name: 'b', remote }))).rejects.toMatchObject({ code: 'SECRET_001' })
    const local = BackendId.parse('docker:local')
    await expect(backends.remove(asking(), local, 'because')).rejects.toMatchObject({ code: 'SCHED_005' })
    await expect(backends.check(asking(), BackendId.parse('docker:none'))).rejects.toMatchObject({ code: 'SCHED_005' })
    expect(await backends.check(asking(), local)).toMatchObject({ id: local, removable: false })
  })

  it('is reached with keys under backends/ alone, unless a rule lets the engine read others (scheduler S12)', async () => {
    const { cert, key } = authority.client()
    for (const [name, value] of Object.entries({ ca: authority.ca, cert, key }))
      await host.engine().secrets.create(asking(), { name: `other/${name}`, value, description: '' })
    const remote = { ...added().remote, caSecret: 'other/ca', certSecret: 'other/cert', keySecret: 'other/key' }
    const sentBefore = door.sentBytes()
    await host.engine().backends.add(asking(), added({ remote }))
    expect(await host.engine().backends.check(asking(), FAR)).toMatchObject({ state: 'missing' })
    expect(secretReads().every(({ outcome, code }) => outcome === 'denied' && code === 'POLICY_001')).toBe(true)
    expect(door.sentBytes()).toBe(sentBefore)
    await host.addRules(
      '  - id: "other keys"\n    effect: Allow\n' +
        '    match: { principals: [engine], resource_type: Secret, resources: ["other/*"], operations: [Read] }\n',
    )
    expect((await host.engine().backends.check(asking(), FAR)).state).toMatch(/usable|degraded/)
  })

  it('is not reached where the policy keeps its keys from the engine (scheduler S12)', async () => {
    await host.addRules(
      '  - id: "no keys"\n    effect: Deny\n    match: { principals: [engine], resource_type: Secret, operations: [Read] }\n',
    )
    const sentBefore = door.sentBytes()
    await host.engine().backends.add(asking(), added())
    const checked = await host.engine().backends.check(asking(), FAR)
    expect(checked.state).toBe('missing')
    expect(checked.cause).toContain('no keys')
    expect(secretReads().every(({ outcome }) => outcome === 'denied')).toBe(true)
    expect(door.sentBytes()).toBe(sentBefore)
  })
})
