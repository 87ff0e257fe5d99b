import { resolve } from 'node:path'
import type { RemoteDocker } from '@contract'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomId, silentLog, systemClock } from '../../core'
import { collect, never, specFor } from '../sandbox-fixture'
import { createDockerDriver } from './docker-driver'
import { type Authority, createAuthority } from './fixtures/certificates'
import { type Door, HOST, openSshDoor, openTlsDoor, type SshDoor } from './fixtures/doors'
import { createRemoteTarget } from './remote-target'

const isDockerThere = await new Docker().ping().then(
  () => true,
  () => false,
)

/** A back-end whose keys come from this record, and what was asked for of it. */
const remoteOf = (remote: RemoteDocker, secrets: Readonly<Record<string, string>>) => {
  const asked: string[] = []
  let forgotten = 0
  const target = createRemoteTarget({
    name: 'far',
    remote,
    clock: systemClock,
    keys: {
      read: async (name) => {
        asked.push(name)
        return secrets[name] ?? ''
      },
      forget: () => {
        forgotten += 1
      },
    },
  })
  const driver = createDockerDriver({
    installationId: `test-${randomId()}`,
    engineId: 'engine-a',
    resourcesDir: resolve('resources'),
    clock: systemClock,
    log: silentLog,
    image: { reference: 'node:22-slim', pull: false },
    target,
  })
  return { target, driver, asked, forgotten: () => forgotten }
}

const PROGRAM = `
  import { readFileSync } from 'node:fs'
  console.log(readFileSync('/work/files/a.txt', 'utf8') + readFileSync('/work/input.json', 'utf8'))`

const runThere = async (driver: ReturnType<typeof remoteOf>['driver']) => {
  await driver.prepare(never(), () => undefined)
  const files = [{ name: 'a.txt', text: 'alpha ' }]
  const sandbox = await driver.create(specFor(PROGRAM, { files, inputJson: '{"a":1}' }))
  const io = await sandbox.start(never())
  const stdout = collect(io.stdout)
  const exit = await sandbox.wait()
  return { exit, stdout: stdout.text().trim() }
}

describe.skipIf(!isDockerThere && process.env['CI'] !== 'true')('Docker on another host', () => {
  describe('by TLS', () => {
    let authority: Authority
    let other: Authority
    let door: Door
    let client: { readonly cert: string; readonly key: string }
    beforeAll(async () => {
      authority = createAuthority()
      other = createAuthority()
      door = await openTlsDoor(authority)
      client = authority.client()
    })
    afterAll(async () => {
      await door.close()
      authority.close()
      other.close()
    })

    const remote = (): RemoteDocker => ({
      protocol: 'tls',
      host: HOST,
      port: door.port,
      caSecret: 'far/ca',
      certSecret: 'far/cert',
      keySecret: 'far/key',
    })

    it('runs a program with its files, tells what the host has, and reads its keys only to connect', async () => {
      const far = remoteOf(remote(), { 'far/ca': authority.ca, 'far/cert': client.cert, 'far/key': client.key })
      expect(far.driver).toMatchObject({ id: 'docker:far', kind: 'docker-tls', tier: 'tier1' })
      expect(far.asked).toEqual([])
      expect(await far.driver.probe(never())).toMatchObject({ status: expect.stringMatching(/pass|warn/) })
      const { exit, stdout } = await runThere(far.driver)
      expect({ exit: exit.exitCode, stdout }).toEqual({ exit: 0, stdout: 'alpha {"a":1}' })
      expect(await far.driver.found()).toEqual([])
      const capacity = await far.target.capacity()
      expect(capacity.memoryBytes).toBeGreaterThan(100 * 1024 * 1024)
      expect(capacity.cpuCores).toBeGreaterThanOrEqual(1)
      expect(new Set(far.asked)).toEqual(new Set(['far/ca', 'far/cert', 'far/key']))
      expect(far.asked).toHaveLength(3)
      far.target.reset()
      expect(far.forgotten()).toBe(1)
    })

    it('sends nothing to a host whose certificate another authority signed (scheduler S12)', async () => {
      const sentBefore = door.sentBytes()
      const far = remoteOf(remote(), { 'far/ca': other.ca, 'far/cert': client.cert, 'far/key': client.key })
      const status = await far.driver.probe(never())
      expect(status).toMatchObject({ status: 'fail', fix: expect.stringContaining('CA') })
      expect(status.cause).toMatch(/is not to be trusted, so nothing was sent to it/)
      await expect(far.driver.prepare(never(), () => undefined)).rejects.toMatchObject({ code: 'SANDBOX_001' })
      expect(door.sentBytes()).toBe(sentBefore)
      far.target.reset()
    })

    it('gets in only with a certificate that the host knows', async () => {
      const entriesBefore = door.entries()
      const stranger = other.client()
      const far = remoteOf(remote(), { 'far/ca': authority.ca, 'far/cert': stranger.cert, 'far/key': stranger.key })
      expect(await far.driver.probe(never())).toMatchObject({ status: 'fail' })
      expect(door.entries()).toBe(entriesBefore)
      far.target.reset()
    })
  })

  describe('by SSH', () => {
    let door: SshDoor
    beforeAll(async () => {
      door = await openSshDoor('runner')
    })
    afterAll(() => door.close())

    const remote = (change: Partial<Extract<RemoteDocker, { protocol: 'ssh' }>> = {}): RemoteDocker => ({
      protocol: 'ssh',
      host: HOST,
      port: door.port,
      user: 'runner',
      keySecret: 'far/ssh',
      hostKeySha256: door.hostKeySha256,
      ...change,
    })

    it('runs a program with its files over a few shared connections', async () => {
      const far = remoteOf(remote(), { 'far/ssh': door.userKey })
      expect(far.driver).toMatchObject({ id: 'docker:far', kind: 'docker-ssh', tier: 'tier1' })
      expect(await far.driver.probe(never())).toMatchObject({ status: expect.stringMatching(/pass|warn/) })
      const { exit, stdout } = await runThere(far.driver)
      expect({ exit: exit.exitCode, stdout }).toEqual({ exit: 0, stdout: 'alpha {"a":1}' })
      expect(await far.driver.found()).toEqual([])
      expect(door.entries()).toBeGreaterThan(8)
      expect(door.connections()).toBeLessThanOrEqual(2)
      expect(far.asked).toEqual(['far/ssh'])
      far.target.reset()
    })

    it('says nothing to a host that shows another key than the pinned one (scheduler S12)', async () => {
      const loginsBefore = door.logins()
      const far = remoteOf(remote({ hostKeySha256: 'A'.repeat(43) }), { 'far/ssh': door.userKey })
      const status = await far.driver.probe(never())
      expect(status).toMatchObject({ status: 'fail', fix: expect.stringContaining('why its key changed') })
      expect(status.cause).toContain(`SHA256:${door.hostKeySha256}`)
      expect(door.logins()).toBe(loginsBefore)
      far.target.reset()
    })

    it('takes the fingerprint with its padding too', async () => {
      const far = remoteOf(remote({ hostKeySha256: `${door.hostKeySha256}=` }), { 'far/ssh': door.userKey })
      expect(await far.target.capacity()).toMatchObject({ cpuCores: expect.any(Number) })
      far.target.reset()
    })

    it('is told when the host does not know the key of the user', async () => {
      const far = remoteOf(remote({ user: 'stranger' }), { 'far/ssh': door.userKey })
      const status = await far.driver.probe(never())
      expect(status.cause).toBe(`${HOST} does not let this user in with this key.`)
      far.target.reset()
    })

    it('says what is wrong with a key that is none, and never the key', async () => {
      const far = remoteOf(remote(), { 'far/ssh': 'canary-not-a-key' })
      const status = await far.driver.probe(never())
      expect(status.status).toBe('fail')
      expect(JSON.stringify(status)).not.toContain('canary')
    })

    it('is told when nobody is there', async () => {
      const gone = await openSshDoor('runner')
      await gone.close()
      const far = remoteOf(remote({ port: gone.port }), { 'far/ssh': door.userKey })
      expect((await far.driver.probe(never())).cause).toBe(`Nobody answers at ${HOST}:${gone.port}.`)
      far.target.reset()
    })
  })
})
