import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type Clock, randomId } from '../core'
import { type KeyStore, openRecord, sealRecord } from '../secrets'
import type { Store } from '../store'
import type { Member, PartyKeys } from './identities'

/** What was made and is not on the disk yet. */
export interface Made {
  readonly version: number
  readonly recordId: string
  readonly createdAtMs: number
  readonly signingPublic: Buffer
  readonly agreementPublic: Buffer
  readonly signing: Buffer
  readonly agreement: Buffer
  readonly sealed: Buffer
}

const RAW_BYTES = 32

const rawOf = (key: KeyObject, kind: 'public' | 'private'): Buffer =>
  kind === 'public'
    ? key.export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES)
    : key.export({ format: 'der', type: 'pkcs8' }).subarray(-RAW_BYTES)

const recordName = (id: string, version: number): string => `bus identity ${id} ${version}`

interface SealedRow {
  readonly created_at: number
  readonly record_id: string
  readonly sealed_private: Buffer | null
}

/** Makes keys and seals their private halves under the master key, as secrets are; nothing else holds them at rest. */
export const createKeyVault = (ports: {
  readonly store: Store
  readonly keyStore: Pick<KeyStore, 'key'>
  readonly clock: Clock
}) => {
  const { store, keyStore, clock } = ports

  /** The first identity may make the master key, when there is neither a secret nor an identity under an older one. */
  const master = () =>
    keyStore.key({
      create:
        store.get('SELECT 1 FROM message_keys LIMIT 1') === undefined &&
        store.get('SELECT 1 FROM secrets LIMIT 1') === undefined,
    })

  const make = async (id: string, version: number): Promise<Made> => {
    const key = await master()
    const signing = generateKeyPairSync('ed25519')
    const agreement = generateKeyPairSync('x25519')
    const made = {
      version,
      recordId: randomId(),
      createdAtMs: clock.nowMs(),
      signingPublic: rawOf(signing.publicKey, 'public'),
      agreementPublic: rawOf(agreement.publicKey, 'public'),
      signing: rawOf(signing.privateKey, 'private'),
      agreement: rawOf(agreement.privateKey, 'private'),
    }
    const plain = Buffer.concat([made.signing, made.agreement])
    const sealed = sealRecord(key, { name: recordName(id, version), ...made }, plain)
    plain.fill(0)
    return { ...made, sealed }
  }

  /** Bring the private halves of a version into memory. @throws SECRET_004, SECRET_005 */
  const unseal = async (member: Member, keys: PartyKeys): Promise<void> => {
    if (keys.privates !== 'sealed') return
    const row = store.get<SealedRow>('SELECT * FROM message_keys WHERE party = :num AND version = :version', {
      num: member.num,
      version: keys.version,
    })
    if (row === undefined || row.sealed_private === null) {
      keys.privates = null
      return
    }
    const identity = {
      name: recordName(member.id, keys.version),
      recordId: row.record_id,
      createdAtMs: row.created_at,
    }
    const key = await keyStore.key({ create: false })
    const plain = openRecord(key, identity, row.sealed_private)
    keys.privates = { signing: plain.subarray(0, RAW_BYTES), agreement: plain.subarray(RAW_BYTES) }
  }

  return { make, unseal }
}
