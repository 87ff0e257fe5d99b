import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog, systemClock } from '../core'
import { createKeyStore } from './key-store'
import { createSystemKeyring } from './keyring'

/** The keyring of the session that the tests run in. Without one these tests fail: see scripts/with-runtime.mjs. */
const service = `symbi-console-test-${randomUUID()}`

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'symbi-keyring-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const open = () =>
  createKeyStore({
    keyring: createSystemKeyring(service, systemClock),
    dir,
    installationId: 'test',
    fileFallbackAllowed: true,
    clock: systemClock,
    log: silentLog,
  })

/** Ask the keyring from another process, which shares nothing with this one but the session. */
const inAnotherProcess = (script: string, env: NodeJS.ProcessEnv = process.env): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })

test('another process finds the same key in the system keyring', async () => {
  const store = open()
  expect(await store.status()).toMatchObject({ backend: 'none-yet', protectedBySystem: true })
  const key = await store.key({ create: true })
  expect(await store.status()).toMatchObject({ backend: 'keyring', protectedBySystem: true })
  expect(readdirSync(dir)).toStrictEqual(['key.json'])
  const account = `master-key:test:${key.id.toString('hex')}`
  const seen = await inAnotherProcess(
    `import keytar from 'keytar'; process.stdout.write(await keytar.getPassword(${JSON.stringify(service)}, ${JSON.stringify(account)}))`,
  )
  expect(Buffer.from(seen, 'base64').equals(key.bytes)).toBe(true)
  expect((await open().key({ create: false })).bytes.equals(key.bytes)).toBe(true)
})

test('when the keyring is gone later, secrets stay closed', async () => {
  await open().key({ create: true })
  const gone = createKeyStore({
    keyring: {
      get: () => Promise.reject(new Error('no session')),
      set: () => Promise.reject(new Error('no session')),
      delete: () => Promise.reject(new Error('no session')),
    },
    dir,
    installationId: 'test',
    fileFallbackAllowed: true,
    clock: systemClock,
    log: silentLog,
  })
  await expect(gone.key({ create: true })).rejects.toEqual(expect.objectContaining({ code: 'SECRET_004' }))
  expect(readdirSync(dir)).toStrictEqual(['key.json'])
})

test('when the entry was removed from the keyring, no new key is made', async () => {
  const key = await open().key({ create: true })
  await createSystemKeyring(service, systemClock).delete(`master-key:test:${key.id.toString('hex')}`)
  await expect(open().key({ create: true })).rejects.toEqual(expect.objectContaining({ code: 'SECRET_004' }))
})

test('a process without a session is told so and does not hang', async () => {
  const { DBUS_SESSION_BUS_ADDRESS: _bus, DISPLAY: _display, ...env } = process.env
  const answer = await inAnotherProcess(
    `import keytar from 'keytar';
     const timer = setTimeout(() => { process.stdout.write('hung'); process.exit(0) }, 10000);
     await keytar.getPassword(${JSON.stringify(service)}, 'none').then(() => process.stdout.write('answered'), () => process.stdout.write('refused'));
     clearTimeout(timer)`,
    { ...env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' },
  )
  expect(answer).toBe('refused')
})
