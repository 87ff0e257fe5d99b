import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { asRuntimeError, RuntimeError } from '../core'
import { makePrivateDir, readIfThere, syncDir, writeNewFile } from './files'
import { SEED_BYTES, type SigningKey, signingKeyOf } from './signing'

/** The keyring of the operating system, as far as the trail needs it. */
export interface AuditKeyring {
  /** null when there is no such account. Rejects when the keyring cannot be asked. */
  get(account: string): Promise<string | null>
  set(account: string, value: string): Promise<void>
  delete(account: string): Promise<void>
}

/** Where private signing keys rest: never in the database. */
export interface KeyVault {
  /** @returns null when neither place holds it. @throws AUDIT_004 when the keyring cannot be asked */
  load(keyId: string): Promise<{ readonly key: SigningKey; readonly backend: KeyBackend } | null>
  /** Make a key and put it to rest before it is used. @throws AUDIT_004 when no place takes it */
  create(): Promise<{ readonly key: SigningKey; readonly backend: KeyBackend }>
  /** After a rotation nothing may be signed with the old key any more. */
  forget(keyId: string): Promise<void>
}

export type KeyBackend = 'keyring' | 'file'

export interface KeyVaultOptions {
  readonly keyring: AuditKeyring
  /** For the key file, where there is no keyring; made with mode 0700. */
  readonly dir: string
  /** Tells the keyring entries of several data folders apart. */
  readonly installationId: string
  readonly fileFallbackAllowed: boolean
}

const nameOf = (keyId: string): string => `signing-${keyId}.key`

/** 32 bytes in the system keyring, or in a file (mode 0600) where that is allowed and the keyring cannot be used. */
export const createKeyVault = (options: KeyVaultOptions): KeyVault => {
  const { keyring, dir } = options
  const accountOf = (keyId: string): string => `audit-key:${options.installationId}:${keyId}`

  const keyFrom = (seed: Buffer, keyId: string): SigningKey => {
    if (seed.length !== SEED_BYTES)
      throw new RuntimeError('AUDIT_004', 'The signing key of the audit trail is damaged.')
    const key = signingKeyOf(seed)
    seed.fill(0)
    if (key.id !== keyId) throw new RuntimeError('AUDIT_004', 'What was found is not the signing key of this trail.')
    return key
  }

  return {
    async load(keyId) {
      try {
        const file = await readIfThere(join(dir, nameOf(keyId)))
        if (file !== null) return { key: keyFrom(file, keyId), backend: 'file' }
        const text = await keyring.get(accountOf(keyId))
        return text === null ? null : { key: keyFrom(Buffer.from(text, 'base64'), keyId), backend: 'keyring' }
      } catch (error) {
        throw asRuntimeError(error, 'AUDIT_004', 'The signing key of the audit trail cannot be read')
      }
    },

    async create() {
      const seed = randomBytes(SEED_BYTES)
      const key = signingKeyOf(seed)
      try {
        const text = seed.toString('base64')
        await keyring.set(accountOf(key.id), text)
        if ((await keyring.get(accountOf(key.id))) !== text) throw new Error('The keyring did not keep the key.')
        return { key, backend: 'keyring' }
      } catch (error) {
        if (!options.fileFallbackAllowed)
          throw new RuntimeError(
            'AUDIT_004',
            'The system keyring cannot be used, and a file for the signing key of the audit trail is not allowed.',
            { cause: error },
          )
        await makePrivateDir(dir)
        await writeNewFile(dir, nameOf(key.id), seed)
        return { key, backend: 'file' }
      } finally {
        seed.fill(0)
      }
    },

    async forget(keyId) {
      await rm(join(dir, nameOf(keyId)), { force: true })
      await syncDir(dir).catch(() => undefined)
      await keyring.delete(accountOf(keyId)).catch(() => undefined)
    },
  }
}
