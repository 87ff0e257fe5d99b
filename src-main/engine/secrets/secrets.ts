import { hash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type CorrelationId, SecretName, type SecretSummary } from '@contract'
import { asRuntimeError, type Caller, createSecretValue, engineCaller, RuntimeError } from '../core'
import type { Sql } from '../store'
import { MAX_RECORD_BYTES, MAX_VALUE_BYTES, openRecord, sealRecord } from './envelope'
import { listNames, makePrivateDir, readPrivate, removeFile, UNFINISHED, writeWhole } from './files'
import { maskValue } from './masking'
import type { Secrets, SecretsContext, SecretsPorts } from './types'

interface Row {
  name: string
  file: string
  description: string
  size_bytes: number
  created_at: number
}

const RECORD_SUFFIX = '.enc'
const OUR_FILE = /^[0-9a-f]{32}\.enc(?:\.new)?$/

/** A revealed value is on a screen for a while; until then no log may carry it. */
const MASK_AFTER_REVEAL_MS = 300_000

const toSummary = (row: Row): SecretSummary => ({
  name: row.name,
  description: row.description,
  createdAtMs: row.created_at,
  sizeBytes: row.size_bytes,
})

const rowOf = (sql: Sql, name: string): Row | undefined =>
  sql.get<Row>('SELECT * FROM secrets WHERE name = :name', { name })

const isValidName = (name: string): boolean => SecretName.safeParse(name).success

const requireValidName = (name: string): void => {
  if (!isValidName(name)) throw new RuntimeError('SECRET_002', 'The secret name is not valid.')
}

const requireValidValue = (value: string): number => {
  const sizeBytes = Buffer.byteLength(value)
  if (sizeBytes === 0) throw new RuntimeError('SECRET_002', 'The value is empty.')
  if (sizeBytes > MAX_VALUE_BYTES) throw new RuntimeError('SECRET_002', 'The value is larger than 1 MiB.')
  // Half of a surrogate pair cannot be written as UTF-8 and would come back as another character.
  if (/\p{Surrogate}/u.test(value)) throw new RuntimeError('SECRET_002', 'The value is not valid Unicode text.')
  return sizeBytes
}

/** Secrets: a row says that one exists, a sealed file of its own holds the value. */
export const createSecrets = (ports: SecretsPorts): Secrets => {
  const { gate, store, keyStore, dir, clock, events, redactor, log } = ports
  /** Names and files of values that are being stored: neither taken twice nor taken for leftovers. */
  const storing = new Map<string, string>()
  const masked = new Set<() => void>()

  const request = <Verb extends 'create' | 'read' | 'reveal' | 'delete'>(
    context: SecretsContext,
    verb: Verb,
    name: string,
  ) => ({
    caller: context.caller,
    correlationId: context.correlationId,
    action: `secret.${verb}` as const,
    // What is no name may be a value that was pasted into the wrong field.
    resource: isValidName(name) ? name : '(invalid name)',
  })

  const refuseAgents = (caller: Caller): void => {
    if (caller.kind === 'agent')
      throw new RuntimeError('SEC_001', 'An agent may ask for a secret through its run, and do nothing else with it.')
  }

  const open = async (name: string): Promise<string> => {
    const row = rowOf(store, name)
    if (row === undefined) throw new RuntimeError('SECRET_001', `There is no secret named ${name}.`)
    const key = await keyStore.key({ create: false })
    let record: Buffer | null
    try {
      record = await readPrivate(join(dir, row.file), MAX_RECORD_BYTES)
    } catch (error) {
      throw asRuntimeError(error, 'SECRET_005', 'The file of the secret cannot be read')
    }
    if (record === null) throw new RuntimeError('SECRET_005', 'The file of the secret is gone.')
    const recordId = row.file.slice(0, -RECORD_SUFFIX.length)
    const plain = openRecord(key, { name: row.name, recordId, createdAtMs: row.created_at }, record)
    try {
      return plain.toString('utf8')
    } finally {
      plain.fill(0)
    }
  }

  const mask = (value: string): (() => void) => {
    const stop = maskValue(redactor, value)
    const unmask = (): void => {
      masked.delete(unmask)
      stop()
    }
    masked.add(unmask)
    return unmask
  }

  const maskFor = (value: string, durationMs: number): void => {
    const stop = mask(value)
    const end = (): void => {
      masked.delete(end)
      cancel()
      stop()
    }
    const cancel = clock.after(durationMs, end)
    masked.add(end)
  }

  /** Best effort: what stays behind is a sealed file that nothing names, and `reconcile` removes it. */
  const discard = (file: string): Promise<void> =>
    removeFile(dir, file).catch((error: unknown) => {
      log.warn({ error }, 'a sealed file without an entry could not be removed')
    })

  const seal = async (row: Row, value: string): Promise<void> => {
    // The keys of the message bus lie under the same master key.
    const isFirst = store.get('SELECT 1 FROM secrets UNION ALL SELECT 1 FROM message_keys LIMIT 1') === undefined
    const key = await keyStore.key({ create: isFirst })
    const plain = Buffer.from(value, 'utf8')
    const recordId = row.file.slice(0, -RECORD_SUFFIX.length)
    const record = sealRecord(key, { name: row.name, recordId, createdAtMs: row.created_at }, plain)
    plain.fill(0)
    try {
      await makePrivateDir(dir)
      await writeWhole(dir, row.file, record)
    } catch (error) {
      throw asRuntimeError(error, 'STORE_001', 'The secret could not be written')
    }
  }

  return {
    list: () => store.all<Row>('SELECT * FROM secrets ORDER BY name').map(toSummary),
    keyStoreStatus: () => keyStore.status(),

    async create(context, { name, value, description }) {
      const unmask = mask(value)
      const row: Row = {
        name,
        file: `${randomBytes(16).toString('hex')}${RECORD_SUFFIX}`,
        description,
        size_bytes: Buffer.byteLength(value),
        created_at: clock.nowMs(),
      }
      const taken = (): RuntimeError => new RuntimeError('SECRET_003', `There is a secret named ${name} already.`)
      try {
        await gate.perform(
          {
            ...request(context, 'create', name),
            arguments: { name, description, sizeBytes: row.size_bytes },
            // With a salt, since a short value could be guessed from its digest.
            sealed: hash('sha256', `${row.file}\n${value}`),
            details: { sizeBytes: row.size_bytes },
            precondition: () => {
              refuseAgents(context.caller)
              requireValidName(name)
              requireValidValue(value)
            },
          },
          async () => {
            if (storing.has(name) || rowOf(store, name) !== undefined) throw taken()
            storing.set(name, row.file)
            await seal(row, value)
          },
          (tx) => {
            if (rowOf(tx, name) !== undefined) throw taken()
            tx.run(
              `INSERT INTO secrets (name, file, description, size_bytes, created_at)
               VALUES (:name, :file, :description, :size_bytes, :created_at)`,
              { ...row },
            )
            tx.onCommit(() => events.publish('secrets.changed', {}))
          },
        )
        return toSummary(row)
      } catch (error) {
        if (storing.get(name) === row.file) await discard(row.file)
        throw error
      } finally {
        if (storing.get(name) === row.file) storing.delete(name)
        unmask()
      }
    },

    async reveal(context, name) {
      return gate.perform(
        {
          ...request(context, 'reveal', name),
          precondition: () => {
            refuseAgents(context.caller)
            requireValidName(name)
          },
        },
        async () => {
          const value = await open(name)
          maskFor(value, MASK_AFTER_REVEAL_MS)
          return value
        },
      )
    },

    async readForAgent(context, name) {
      return gate.perform(
        {
          ...request(context, 'read', name),
          tier: context.tier,
          facts: context.facts,
          wait: context.wait,
          signal: context.signal,
          precondition: () => {
            if (context.caller.kind !== 'agent')
              throw new RuntimeError('SEC_001', 'Only an agent reads a secret this way.')
            requireValidName(name)
            context.precondition?.()
          },
        },
        async () => {
          const value = await open(name)
          context.onMasked(mask(value))
          return createSecretValue(value)
        },
      )
    },

    async readForEngine(context, name) {
      return gate.perform(
        {
          ...request(context, 'read', name),
          details: { purpose: context.purpose },
          precondition: () => {
            if (context.caller.kind !== 'engine')
              throw new RuntimeError('SEC_001', 'Only the engine reads a secret this way.')
            requireValidName(name)
          },
        },
        async () => {
          const text = await open(name)
          return { value: createSecretValue(text), unmask: mask(text) }
        },
      )
    },

    async delete(context, name, reason) {
      const file = await gate.commit(
        {
          ...request(context, 'delete', name),
          details: reason === undefined ? {} : { reason },
          precondition: () => {
            refuseAgents(context.caller)
            requireValidName(name)
          },
        },
        (tx) => {
          const row = rowOf(tx, name)
          if (row === undefined) throw new RuntimeError('SECRET_001', `There is no secret named ${name}.`)
          tx.run('DELETE FROM secrets WHERE name = :name', { name })
          tx.onCommit(() => events.publish('secrets.changed', {}))
          return row.file
        },
      )
      await discard(file)
    },

    async reconcile() {
      await makePrivateDir(dir)
      const present = new Set((await listNames(dir)).filter((name) => OUR_FILE.test(name)))
      const rows = store.all<Row>('SELECT * FROM secrets')
      const named = new Set(rows.map((row) => row.file))
      const inUse = new Set([...named, ...storing.values()])
      const leftovers = [...present].filter((file) => {
        const base = file.endsWith(UNFINISHED) ? file.slice(0, -UNFINISHED.length) : file
        return file === base ? !inUse.has(base) : ![...storing.values()].includes(base)
      })
      const missing = rows.filter((row) => !present.has(row.file)).map((row) => row.name)
      if (missing.length > 0) log.warn({ missing }, 'the sealed files of these secrets are gone')
      if (leftovers.length === 0) return { removedFiles: 0, missing }
      const removal = gate.perform(
        {
          caller: engineCaller('secrets'),
          correlationId: ports.newId<CorrelationId>(),
          action: 'secret.reconcile',
          resource: '(files without an entry)',
          details: { files: leftovers.length, missing },
        },
        async () => {
          for (const file of leftovers) await removeFile(dir, file)
        },
      )
      // Sealed files that nothing names do no harm: a start must not fail because they stay.
      return removal.then(
        () => ({ removedFiles: leftovers.length, missing }),
        (error: unknown) => {
          log.warn({ error }, 'sealed files without an entry could not be removed')
          return { removedFiles: 0, missing }
        },
      )
    },

    close() {
      for (const stop of [...masked]) stop()
      masked.clear()
      keyStore.close()
    },
  }
}
