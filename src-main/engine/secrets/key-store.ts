import { join } from 'node:path'
import type { KeyStoreStatus } from '@contract'
import { asRuntimeError, type Clock, type Log, RuntimeError } from '../core'
import type { MasterKey } from './envelope'
import { makePrivateDir, readPrivate, removeFile, writeWholeOnce } from './files'
import { createMasterKey, KEY_BYTES, type KeyRecord, parseKeyRecord, recordOf, verifiedKey } from './key-record'
import type { Keyring } from './keyring'

/** Where the master key comes from. */
export interface KeyStore {
  /**
   * The master key, read once and kept until {@link KeyStore.close}. With `create` it is made when there never was one;
   * without, or when the note of an earlier key is there, a new key is never made.
   *
   * @throws SECRET_004 when it cannot be reached, SECRET_005 when what is found is not the key that sealed the secrets
   */
  key(options: { readonly create: boolean }): Promise<MasterKey>
  /** Where it lives and whether it can be reached now. Never rejects and never makes a key. */
  status(): Promise<KeyStoreStatus>
  /** Zero the key in memory. */
  close(): void
}

export interface KeyStoreOptions {
  readonly keyring: Keyring
  /** Made with mode 0700. */
  readonly dir: string
  /** Tells the keyring entries of several data folders apart. */
  readonly installationId: string
  /** Whether a file may hold the key where the keyring cannot be used when the first secret is stored. */
  readonly fileFallbackAllowed: boolean
  readonly clock: Clock
  readonly log: Log
}

const NOTE_FILE = 'key.json'
const KEY_FILE = 'master.key'
const MAX_NOTE_BYTES = 4096

const FILE_NOTE =
  'The master key is in a file of the data folder, because the system keyring could not be used when it was made. Whoever can read that folder can read the secrets.'

/** The master key: 32 random bytes in the system keyring, or in a file (mode 0600) where that is allowed. */
export const createKeyStore = (options: KeyStoreOptions): KeyStore => {
  const { keyring, dir, clock, log } = options
  let cached: MasterKey | null = null
  let loading: { readonly mayCreate: boolean; readonly key: Promise<MasterKey> } | null = null
  let closed = false

  const accountOf = (keyId: string): string => `master-key:${options.installationId}:${keyId}`

  const readNote = async (): Promise<KeyRecord | null> => {
    const content = await readPrivate(join(dir, NOTE_FILE), MAX_NOTE_BYTES)
    return content === null ? null : parseKeyRecord(content.toString('utf8'))
  }

  const load = async (note: KeyRecord): Promise<MasterKey> => {
    if (note.backend === 'file') {
      const bytes = await readPrivate(join(dir, KEY_FILE), KEY_BYTES)
      if (bytes === null) throw new RuntimeError('SECRET_004', `The file with the master key (${KEY_FILE}) is gone.`)
      return verifiedKey(bytes, note)
    }
    const text = await keyring.get(accountOf(note.keyId))
    if (text === null)
      throw new RuntimeError('SECRET_004', 'The system keyring answers, but no longer holds the master key.', {
        nextStep: 'Use the keyring of the account that stored the secrets, or restore its entry from a backup.',
      })
    return verifiedKey(Buffer.from(text, 'base64'), note)
  }

  const storeInKeyring = async (key: MasterKey): Promise<void> => {
    const account = accountOf(key.id.toString('hex'))
    const text = key.bytes.toString('base64')
    await keyring.set(account, text)
    if ((await keyring.get(account)) !== text)
      throw new RuntimeError('SECRET_004', 'The system keyring did not keep the master key.')
  }

  /** Two processes may come here at once: the first whose note appears wins, the other takes that one's key. */
  const publish = async (key: MasterKey, backend: KeyRecord['backend']): Promise<MasterKey> => {
    const note = recordOf(key, backend, clock.nowMs())
    const text = Buffer.from(`${JSON.stringify(note, null, 2)}\n`)
    if (await writeWholeOnce(dir, NOTE_FILE, note.keyId, text)) return key
    if (backend === 'keyring') {
      await keyring.delete(accountOf(note.keyId)).catch((error: unknown) => {
        log.warn({ error }, 'an unused master key stays in the system keyring')
      })
    }
    key.bytes.fill(0)
    const winner = await readNote()
    if (winner === null) throw new RuntimeError('SECRET_004', 'The note of the master key vanished while it was made.')
    if (backend === 'file' && winner.backend === 'keyring') await removeFile(dir, KEY_FILE)
    return load(winner)
  }

  const create = async (): Promise<MasterKey> => {
    const key = createMasterKey()
    try {
      await storeInKeyring(key)
    } catch (error) {
      if (!options.fileFallbackAllowed) {
        throw new RuntimeError(
          'SECRET_004',
          'The system keyring cannot be used, and a file for the master key is not allowed.',
          { cause: error },
        )
      }
      log.warn({ error }, 'the system keyring cannot be used, the master key goes into a file')
      if (!(await writeWholeOnce(dir, KEY_FILE, key.id.toString('hex'), key.bytes))) {
        // Another process makes the same key file right now, or one ended between the key and its note: take that key.
        const present = await readPrivate(join(dir, KEY_FILE), KEY_BYTES)
        if (present === null || present.length !== KEY_BYTES)
          throw new RuntimeError('SECRET_005', `The file with the master key (${KEY_FILE}) is damaged.`)
        present.copy(key.bytes)
        present.fill(0)
      }
      return publish(key, 'file')
    }
    return publish(key, 'keyring')
  }

  const obtain = async (mayCreate: boolean): Promise<MasterKey> => {
    try {
      await makePrivateDir(dir)
      const note = await readNote()
      if (note !== null) return await load(note)
      if (mayCreate) return await create()
    } catch (error) {
      throw asRuntimeError(error, 'SECRET_004', 'The master key cannot be read')
    }
    throw new RuntimeError('SECRET_004', 'There is no note of the master key (key.json), so no key is made up.', {
      nextStep: 'Restore key.json in the data folder from a backup; without the key the stored secrets stay closed.',
    })
  }

  /** Callers that come at once share one attempt; one that may make the key does not share an attempt that may not. */
  const shared = async (mayCreate: boolean): Promise<MasterKey> => {
    while (loading !== null && mayCreate && !loading.mayCreate) await loading.key.catch(() => undefined)
    if (cached !== null) return cached
    loading ??= {
      mayCreate,
      key: obtain(mayCreate).finally(() => {
        loading = null
      }),
    }
    return loading.key
  }

  const key: KeyStore['key'] = async ({ create: mayCreate }) => {
    const obtained = closed ? null : (cached ?? (await shared(mayCreate)))
    if (obtained === null || closed) {
      obtained?.bytes.fill(0)
      throw new RuntimeError('SECRET_004', 'The key store is closed.')
    }
    cached = obtained
    return obtained
  }

  const statusWithoutKey = async (): Promise<KeyStoreStatus> => {
    const usable = await keyring.get(accountOf('probe')).then(
      () => true,
      () => false,
    )
    if (usable)
      return {
        backend: 'none-yet',
        protectedBySystem: true,
        note: 'The master key is made when the first secret is stored, and the system keyring will hold it.',
      }
    return {
      backend: 'none-yet',
      protectedBySystem: false,
      note: options.fileFallbackAllowed
        ? 'The system keyring cannot be used now. If that stays so, the first secret makes a key file that the system does not protect.'
        : 'The system keyring cannot be used now, and a key file is not allowed, so no secret can be stored.',
    }
  }

  return {
    key,
    async status() {
      let backend: KeyStoreStatus['backend'] = 'none-yet'
      try {
        const note = await readNote()
        if (note === null) return await statusWithoutKey()
        backend = note.backend
        await key({ create: false })
        return backend === 'file'
          ? { backend, protectedBySystem: false, note: FILE_NOTE }
          : { backend, protectedBySystem: true, note: 'The system keyring holds the master key.' }
      } catch (error) {
        const problem = asRuntimeError(error, 'SECRET_004', 'The master key cannot be read')
        return {
          backend,
          protectedBySystem: backend === 'keyring',
          note: `${problem.message} ${problem.nextStep}`,
        }
      }
    },
    close() {
      closed = true
      cached?.bytes.fill(0)
      cached = null
    },
  }
}
