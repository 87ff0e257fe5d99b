import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createManualClock, silentLog } from '../core'
import { createMemoryKeyring } from './fixtures/parts'
import { createKeyStore, type KeyStoreOptions } from './key-store'
import { createSystemKeyring } from './keyring'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'symbi-key-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const withCode = (code: string) => expect.objectContaining({ code })
const open = (keyring: KeyStoreOptions['keyring'], fileFallbackAllowed = true) =>
  createKeyStore({
    keyring,
    dir,
    installationId: 'test',
    fileFallbackAllowed,
    clock: createManualClock(),
    log: silentLog,
  })

test('the key that was made is the key that is found again', async () => {
  const keyring = createMemoryKeyring()
  const made = await open(keyring).key({ create: true })
  const found = await open(keyring).key({ create: false })
  expect(found.bytes.equals(made.bytes)).toBe(true)
  expect(found.id.equals(made.id)).toBe(true)
})

test('no key is made unless asked for', async () => {
  await expect(open(createMemoryKeyring()).key({ create: false })).rejects.toEqual(withCode('SECRET_004'))
  expect(readdirSync(dir)).toStrictEqual([])
})

test('many callers and many processes make one key', async () => {
  const keyring = createMemoryKeyring()
  const stores = [open(keyring), open(keyring), open(keyring)]
  const keys = await Promise.all(stores.flatMap((store) => [store.key({ create: true }), store.key({ create: true })]))
  expect(new Set(keys.map((key) => key.bytes.toString('hex'))).size).toBe(1)
  expect(keyring.entries.size).toBe(1)
  expect(readdirSync(dir)).toStrictEqual(['key.json'])
})

test('many processes without a keyring make one key file', async () => {
  const keyring = createMemoryKeyring()
  keyring.broken = true
  const keys = await Promise.all(
    [open(keyring), open(keyring), open(keyring)].map((store) => store.key({ create: true })),
  )
  expect(new Set(keys.map((key) => key.bytes.toString('hex'))).size).toBe(1)
  expect(readdirSync(dir).sort()).toStrictEqual(['key.json', 'master.key'])
  expect((await open(keyring).key({ create: false })).bytes.equals(keys[0]?.bytes ?? Buffer.alloc(0))).toBe(true)
})

test('a key file is private and shown as what it is', async () => {
  const keyring = createMemoryKeyring()
  keyring.broken = true
  const store = open(keyring)
  expect(await store.status()).toMatchObject({ backend: 'none-yet', protectedBySystem: false })
  await store.key({ create: true })
  expect(statSync(join(dir, 'master.key')).mode & 0o777).toBe(0o600)
  const status = await store.status()
  expect(status).toMatchObject({ backend: 'file', protectedBySystem: false })
  expect(status.note).toContain('Whoever can read that folder can read the secrets')
})

test('where a file is not allowed there is no key without a keyring', async () => {
  const keyring = createMemoryKeyring()
  keyring.broken = true
  await expect(open(keyring, false).key({ create: true })).rejects.toEqual(withCode('SECRET_004'))
  expect(readdirSync(dir)).toStrictEqual([])
  keyring.broken = false
  expect((await open(keyring, false).key({ create: true })).bytes).toHaveLength(32)
})

test('a keyring that is locked or emptied later is an error, never a new key', async () => {
  const keyring = createMemoryKeyring()
  await open(keyring).key({ create: true })
  keyring.broken = true
  await expect(open(keyring).key({ create: true })).rejects.toEqual(withCode('SECRET_004'))
  expect(await open(keyring).status()).toMatchObject({ backend: 'keyring', protectedBySystem: true })
  keyring.broken = false
  expect((await open(keyring).key({ create: true })).bytes).toHaveLength(32)
  keyring.entries.clear()
  await expect(open(keyring).key({ create: true })).rejects.toEqual(withCode('SECRET_004'))
  expect(keyring.entries.size).toBe(0)
})

test('a key that is not the one of the note is refused', async () => {
  const keyring = createMemoryKeyring()
  await open(keyring).key({ create: true })
  for (const account of keyring.entries.keys()) keyring.entries.set(account, Buffer.alloc(32, 7).toString('base64'))
  await expect(open(keyring).key({ create: false })).rejects.toEqual(withCode('SECRET_005'))
})

test('a damaged note is refused', async () => {
  const keyring = createMemoryKeyring()
  await open(keyring).key({ create: true })
  const note = readFileSync(join(dir, 'key.json'), 'utf8')
  writeFileSync(join(dir, 'key.json'), note.slice(0, 40))
  await expect(open(keyring).key({ create: true })).rejects.toEqual(withCode('SECRET_005'))
  writeFileSync(join(dir, 'key.json'), note)
  expect((await open(keyring).key({ create: true })).bytes).toHaveLength(32)
})

test('closing zeroes the key', async () => {
  const store = open(createMemoryKeyring())
  const key = await store.key({ create: true })
  expect(key.bytes.equals(Buffer.alloc(32))).toBe(false)
  store.close()
  expect(key.bytes.equals(Buffer.alloc(32))).toBe(true)
  await expect(store.key({ create: false })).rejects.toEqual(withCode('SECRET_004'))
})

test('a keyring that hangs is given up after three seconds and not asked again meanwhile', async () => {
  const clock = createManualClock()
  let asked = 0
  let answer: (value: string | null) => void = () => undefined
  const keyring = createSystemKeyring('test', clock, async () => ({
    getPassword: () => {
      asked += 1
      return new Promise((resolve) => {
        answer = resolve
      })
    },
    setPassword: async () => undefined,
    deletePassword: async () => true,
  }))
  const first = keyring.get('account')
  await expect.poll(() => asked).toBe(1)
  clock.advance(3000)
  await expect(first).rejects.toEqual(withCode('SECRET_004'))
  await expect(keyring.get('account')).rejects.toEqual(withCode('SECRET_004'))
  expect(asked).toBe(1)
  answer('late')
  await new Promise((resolve) => setImmediate(resolve))
  const second = keyring.get('account')
  await expect.poll(() => asked).toBe(2)
  answer('in time')
  expect(await second).toBe('in time')
})
