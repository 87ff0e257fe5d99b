import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIds, RuntimeError } from '../core'
import { openGate } from '../gate'
import { agent, correlationId, createMemoryKeyring, createParts, operator } from './fixtures/parts'
import { createSecrets } from './secrets'
import type { Secrets } from './types'

const byOperator = { caller: operator, correlationId }
const readable = (name: string, value = `value of ${name}`) => ({ name, value, description: '' })
const withCode = (code: string) => expect.objectContaining({ code })

let parts: ReturnType<typeof createParts>
let secrets: Secrets

beforeEach(() => {
  parts = createParts()
  secrets = parts.openSecrets()
})
afterEach(async () => {
  secrets.close()
  await parts.close()
})

const fileOf = (name: string): string => {
  const row = parts.store.get<{ file: string }>('SELECT file FROM secrets WHERE name = :name', { name })
  return join(parts.secretsDir, row?.file ?? 'none')
}
const sealedFiles = (): string[] => readdirSync(parts.secretsDir).filter((name) => name.includes('.enc'))

const agentContext = (name = 'reader') => {
  const unmasks: (() => void)[] = []
  return {
    unmasks,
    context: {
      caller: agent(name),
      correlationId,
      tier: 'tier1' as const,
      onMasked: (unmask: () => void) => unmasks.push(unmask),
    },
  }
}

test('a stored secret is listed without its value and revealed with it', async () => {
  const made = await secrets.create(byOperator, { name: 'app/api-key', value: 'öffne dich', description: 'the key' })
  expect(made).toStrictEqual({
    name: 'app/api-key',
    description: 'the key',
    createdAtMs: parts.clock.nowMs(),
    sizeBytes: 11,
  })
  expect(secrets.list()).toStrictEqual([made])
  expect(await secrets.reveal(byOperator, 'app/api-key')).toBe('öffne dich')
  expect(statSync(fileOf('app/api-key')).mode & 0o777).toBe(0o600)
  expect(statSync(parts.secretsDir).mode & 0o777).toBe(0o700)
  expect(parts.records().map((record) => [record.action, record.resource, record.outcome])).toStrictEqual([
    ['secret.reveal', 'Secret app/api-key', 'success'],
    ['secret.create', 'Secret app/api-key', 'success'],
  ])
})

test('any text up to 1 MiB comes back as it was', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), async (value) => {
      count += 1
      const name = `property/${count}`
      await secrets.create(byOperator, readable(name, value))
      expect(await secrets.reveal(byOperator, name)).toBe(value)
    }),
    { numRuns: 40 },
  )
  const largest = 'x'.repeat(1_048_576)
  await secrets.create(byOperator, readable('largest', largest))
  expect(await secrets.reveal(byOperator, 'largest')).toBe(largest)
})

test('values that are empty, too large or not Unicode are refused', async () => {
  for (const value of ['', 'x'.repeat(1_048_577), '\ud800'])
    await expect(secrets.create(byOperator, readable('name', value))).rejects.toEqual(withCode('SECRET_002'))
  expect(secrets.list()).toStrictEqual([])
})

test.each(['../x', 'a/../../b', '/etc/x', 'C:\\x', 'a\0b', '', '.', '..', 'a//b', 'a/', 'x'.repeat(300), 'ä'])(
  'the name %j is refused everywhere',
  async (name) => {
    await expect(secrets.create(byOperator, readable(name, 'value'))).rejects.toEqual(withCode('SECRET_002'))
    await expect(secrets.reveal(byOperator, name)).rejects.toEqual(withCode('SECRET_002'))
    await expect(secrets.delete(byOperator, name)).rejects.toEqual(withCode('SECRET_002'))
    await expect(secrets.readForAgent(agentContext().context, name)).rejects.toEqual(withCode('SECRET_002'))
    expect(parts.records().every((record) => record.resource === 'Secret (invalid name)')).toBe(true)
  },
)

test.each(['a', 'app/api-key', 'A.b_c-1/d', '...a', 'con'])('the name %j is accepted', async (name) => {
  await secrets.create(byOperator, readable(name))
  expect(await secrets.reveal(byOperator, name)).toBe(`value of ${name}`)
})

test('a name is taken once, also when two ask at once', async () => {
  const both = await Promise.allSettled([
    secrets.create(byOperator, readable('twice', 'one')),
    secrets.create(byOperator, readable('twice', 'two')),
  ])
  expect(both.map((result) => result.status)).toStrictEqual(['fulfilled', 'rejected'])
  await expect(secrets.create(byOperator, readable('twice', 'three'))).rejects.toEqual(withCode('SECRET_003'))
  expect(await secrets.reveal(byOperator, 'twice')).toBe('one')
  expect(sealedFiles()).toHaveLength(1)
  const refusals = parts.records().filter((record) => record.code === 'SECRET_003')
  expect(refusals.map((record) => record.outcome)).toStrictEqual(['failed', 'failed'])
})

test('every flipped byte and every truncation of the file is refused, and others stay readable', async () => {
  await secrets.create(byOperator, readable('damaged', 'some value'))
  await secrets.create(byOperator, readable('whole'))
  const path = fileOf('damaged')
  const good = readFileSync(path)
  for (let index = 0; index < good.length; index += 1) {
    const bad = Buffer.from(good)
    bad.writeUInt8(good.readUInt8(index) ^ 0x01, index)
    writeFileSync(path, bad)
    await expect(secrets.reveal(byOperator, 'damaged')).rejects.toEqual(withCode('SECRET_005'))
  }
  for (let length = good.length - 1; length >= 0; length -= 1) {
    writeFileSync(path, good)
    truncateSync(path, length)
    await expect(secrets.reveal(byOperator, 'damaged')).rejects.toEqual(withCode('SECRET_005'))
  }
  expect(await secrets.reveal(byOperator, 'whole')).toBe('value of whole')
  writeFileSync(path, good)
  expect(await secrets.reveal(byOperator, 'damaged')).toBe('some value')
})

test('swapped files are refused, both of them', async () => {
  await secrets.create(byOperator, readable('one'))
  await secrets.create(byOperator, readable('two'))
  const [one, two] = [fileOf('one'), fileOf('two')]
  renameSync(one, `${one}.aside`)
  renameSync(two, one)
  renameSync(`${one}.aside`, two)
  await expect(secrets.reveal(byOperator, 'one')).rejects.toEqual(withCode('SECRET_005'))
  await expect(secrets.reveal(byOperator, 'two')).rejects.toEqual(withCode('SECRET_005'))
})

test('a renamed entry is refused', async () => {
  await secrets.create(byOperator, readable('one'))
  await parts.store.write((tx) => tx.run(`UPDATE secrets SET name = 'two'`))
  await expect(secrets.reveal(byOperator, 'two')).rejects.toEqual(withCode('SECRET_005'))
  await parts.store.write((tx) => tx.run(`UPDATE secrets SET name = 'one'`))
  expect(await secrets.reveal(byOperator, 'one')).toBe('value of one')
})

test('a link or a folder in the place of the file is refused, a missing file too', async () => {
  await secrets.create(byOperator, readable('one'))
  const path = fileOf('one')
  renameSync(path, `${path}.aside`)
  await expect(secrets.reveal(byOperator, 'one')).rejects.toEqual(withCode('SECRET_005'))
  symlinkSync(`${path}.aside`, path)
  await expect(secrets.reveal(byOperator, 'one')).rejects.toEqual(withCode('SECRET_005'))
})

test('rights that became too wide are narrowed when the file is read', async () => {
  await secrets.create(byOperator, readable('one'))
  chmodSync(fileOf('one'), 0o644)
  await secrets.reveal(byOperator, 'one')
  expect(statSync(fileOf('one')).mode & 0o777).toBe(0o600)
})

test('an agent reads what the policy allows, and nothing else', async () => {
  await secrets.create(byOperator, readable('app/key'))
  await secrets.create(byOperator, readable('ops/key'))
  const { context, unmasks } = agentContext()
  const value = await secrets.readForAgent(context, 'app/key')
  expect(value.expose()).toBe('value of app/key')
  expect(JSON.stringify({ value })).toBe('{"value":"[redacted]"}')
  expect(unmasks).toHaveLength(1)
  await expect(secrets.readForAgent(context, 'ops/key')).rejects.toEqual(withCode('POLICY_001'))
  await expect(secrets.readForAgent(context, 'app/none')).rejects.toEqual(withCode('SECRET_001'))
  await expect(secrets.readForAgent(agentContext('other').context, 'app/key')).rejects.toEqual(withCode('POLICY_001'))
  const refuse = () => {
    throw new Error('no grant')
  }
  await expect(secrets.readForAgent({ ...context, precondition: refuse }, 'app/key')).rejects.toEqual(
    withCode('SEC_001'),
  )
  const reads = parts.records().filter((record) => record.action === 'secret.read')
  expect(reads.map((record) => [record.outcome, record.code]).reverse()).toStrictEqual([
    ['success', null],
    ['denied', 'POLICY_001'],
    ['failed', 'SECRET_001'],
    ['denied', 'POLICY_001'],
    ['denied', 'SEC_001'],
  ])
})

test('an agent can neither reveal, store nor delete, and a person does not read as an agent', async () => {
  await secrets.create(byOperator, readable('app/key'))
  const { context } = agentContext()
  await expect(secrets.reveal(context, 'app/key')).rejects.toEqual(withCode('SEC_001'))
  await expect(secrets.create(context, readable('app/new'))).rejects.toEqual(withCode('SEC_001'))
  await expect(secrets.delete(context, 'app/key')).rejects.toEqual(withCode('SEC_001'))
  await expect(secrets.readForAgent({ ...context, caller: operator }, 'app/key')).rejects.toEqual(withCode('SEC_001'))
})

test('a value is masked while it is in use and no longer', async () => {
  await secrets.create(byOperator, readable('app/key', 'first line of it\nsecond line of it'))
  const { context, unmasks } = agentContext()
  expect(parts.redactor.text('second line of it')).toBe('second line of it')
  await secrets.readForAgent(context, 'app/key')
  expect(parts.redactor.text('> second line of it <')).toBe('> [redacted] <')
  for (const unmask of unmasks) unmask()
  expect(parts.redactor.text('second line of it')).toBe('second line of it')
  await secrets.reveal(byOperator, 'app/key')
  expect(parts.redactor.text(JSON.stringify({ text: 'first line of it\nsecond line of it' }))).toBe(
    '{"text":"[redacted]"}',
  )
  parts.clock.advance(300_000)
  expect(parts.redactor.text('second line of it')).toBe('second line of it')
})

test('a deleted secret is gone with its file', async () => {
  await secrets.create(byOperator, readable('one'))
  await secrets.delete(byOperator, 'one', 'no longer needed')
  expect(secrets.list()).toStrictEqual([])
  expect(sealedFiles()).toStrictEqual([])
  await expect(secrets.reveal(byOperator, 'one')).rejects.toEqual(withCode('SECRET_001'))
  await expect(secrets.delete(byOperator, 'one')).rejects.toEqual(withCode('SECRET_001'))
  const deletion = parts.records().find((record) => record.action === 'secret.delete' && record.outcome === 'success')
  expect(deletion?.details['reason']).toBe('no longer needed')
})

test('when the record cannot be written no file stays', async () => {
  const { gate: failing } = openGate({
    audit: {
      ...parts.audit,
      append: () => {
        throw new RuntimeError('AUDIT_001', 'disk full')
      },
    },
    policy: {
      decide: () => ({
        effect: 'Allow',
        rule: 'test',
        reason: 'test',
        matched: [],
        limits: [],
        obligations: { redact: [], audit: 'basic' },
        wouldHave: [],
        errors: [],
        setHash: '',
        volatile: false,
      }),
      acquire: () => ({ ok: true, release: () => undefined }),
    },
    store: parts.store,
    clock: parts.clock,
    events: parts.events,
    redactor: parts.redactor,
    newId: createIds(parts.clock),
    log: parts.log,
  })
  await secrets.create(byOperator, readable('before'))
  const other = createSecrets({
    ...parts,
    gate: failing,
    dir: parts.secretsDir,
    keyStore: {
      key: async () => ({ bytes: Buffer.alloc(32), id: Buffer.alloc(8) }),
      status: async () => ({ backend: 'file', protectedBySystem: false, note: '' }),
      close: () => undefined,
    },
    newId: <Id extends string>() => '' as Id,
  })
  await expect(other.create(byOperator, readable('one'))).rejects.toEqual(withCode('AUDIT_001'))
  expect(sealedFiles()).toHaveLength(1)
  expect(secrets.list().map((secret) => secret.name)).toStrictEqual(['before'])
})

test('after a crash leftovers are removed, and entries without a file are named', async () => {
  await secrets.create(byOperator, readable('kept'))
  await secrets.create(byOperator, readable('lost'))
  renameSync(fileOf('lost'), join(parts.dir, 'elsewhere'))
  writeFileSync(join(parts.secretsDir, `${'a'.repeat(32)}.enc`), 'unnamed')
  writeFileSync(join(parts.secretsDir, `${'b'.repeat(32)}.enc.new`), 'unfinished')
  writeFileSync(join(parts.secretsDir, 'not-ours.txt'), 'stays')
  expect(await secrets.reconcile()).toStrictEqual({ removedFiles: 2, missing: ['lost'] })
  expect(await secrets.reconcile()).toStrictEqual({ removedFiles: 0, missing: ['lost'] })
  expect(readdirSync(parts.secretsDir)).toContain('not-ours.txt')
  expect(await secrets.reveal(byOperator, 'kept')).toBe('value of kept')
  const cleanUps = parts.records().filter((record) => record.action === 'secret.reconcile')
  expect(cleanUps.map((record) => record.details['files'])).toStrictEqual([2])
})

test('without its note the master key is never made anew while secrets exist', async () => {
  await secrets.create(byOperator, readable('one'))
  renameSync(join(parts.secretsDir, 'key.json'), join(parts.dir, 'key.json'))
  const reopened = parts.openSecrets()
  await expect(reopened.create(byOperator, readable('two'))).rejects.toEqual(withCode('SECRET_004'))
  await expect(reopened.reveal(byOperator, 'one')).rejects.toEqual(withCode('SECRET_004'))
  renameSync(join(parts.dir, 'key.json'), join(parts.secretsDir, 'key.json'))
  expect(await reopened.reveal(byOperator, 'one')).toBe('value of one')
  reopened.close()
})

test('no plain text of a value stays anywhere', async () => {
  const canary = 'canary-7f3a91c2-do-not-leak'
  await secrets.create(byOperator, { name: 'app/canary', value: canary, description: 'watched' })
  await secrets.reveal(byOperator, 'app/canary')
  const { context } = agentContext()
  await secrets.readForAgent(context, 'app/canary')
  parts.log.info({ seen: canary, nested: { text: `has ${canary} in it` } }, 'a careless line')
  await secrets.delete(byOperator, 'app/canary', `rotated ${canary}`)
  await secrets.create(byOperator, { name: 'app/canary', value: canary, description: 'watched' })
  const scan = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const path = join(dir, entry.name)
      if (entry.isDirectory()) return scan(path)
      return readFileSync(path).includes(canary) ? [path] : []
    })
  expect(scan(parts.dir)).toStrictEqual([])
  expect(parts.lines.join('')).toContain('a careless line')
  expect(parts.lines.join('')).not.toContain(canary)
  expect(JSON.stringify(parts.records())).not.toContain(canary)
  expect(JSON.stringify(parts.store.all('SELECT * FROM secrets'))).toContain('app/canary')
})

test('the keyring holds the key, and the folder does not', async () => {
  const keyring = createMemoryKeyring()
  const own = createParts({ keyring })
  const opened = own.openSecrets()
  await opened.create(byOperator, readable('one'))
  expect(await opened.keyStoreStatus()).toMatchObject({ backend: 'keyring', protectedBySystem: true })
  const [key] = [...keyring.entries.values()]
  const files = readdirSync(own.secretsDir).map((name) => readFileSync(join(own.secretsDir, name)))
  expect(Buffer.from(key ?? '', 'base64')).toHaveLength(32)
  expect(files.some((file) => file.includes(Buffer.from(key ?? '', 'base64')) || file.includes(key ?? ''))).toBe(false)
  opened.close()
  await own.close()
})
