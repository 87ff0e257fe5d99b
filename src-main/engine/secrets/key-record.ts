import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { RuntimeError } from '../core'
import { KEY_ID_BYTES, type MasterKey } from './envelope'

export const KEY_BYTES = 32

/**
 * What is remembered of the master key beside it: where it lives and how to tell that it is the right one.
 * Holds nothing that helps to find the key.
 */
const KeyRecord = z.strictObject({
  version: z.literal(1),
  backend: z.enum(['keyring', 'file']),
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  /** HMAC-SHA256 of a constant under the key, hex. */
  check: z.string().regex(/^[0-9a-f]{64}$/),
  createdAtMs: z.number().int().nonnegative(),
})
export type KeyRecord = z.infer<typeof KeyRecord>

const checkOf = (key: Buffer): Buffer => createHmac('sha256', key).update('symbi-secret-v1 key check').digest()

export const createMasterKey = (): MasterKey => ({ bytes: randomBytes(KEY_BYTES), id: randomBytes(KEY_ID_BYTES) })

export const recordOf = (key: MasterKey, backend: KeyRecord['backend'], createdAtMs: number): KeyRecord => ({
  version: 1,
  backend,
  keyId: key.id.toString('hex'),
  check: checkOf(key.bytes).toString('hex'),
  createdAtMs,
})

/** @throws SECRET_005 when the text is not such a record */
export const parseKeyRecord = (text: string): KeyRecord => {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    content = null
  }
  const parsed = KeyRecord.safeParse(content)
  if (parsed.success) return parsed.data
  throw new RuntimeError('SECRET_005', 'The note that says where the master key lives (key.json) is damaged.')
}

/** @throws SECRET_005 when these bytes are not the key of the record; they are zeroed then */
export const verifiedKey = (bytes: Buffer, record: KeyRecord): MasterKey => {
  if (bytes.length === KEY_BYTES && timingSafeEqual(checkOf(bytes), Buffer.from(record.check, 'hex')))
    return { bytes, id: Buffer.from(record.keyId, 'hex') }
  bytes.fill(0)
  throw new RuntimeError('SECRET_005', 'The master key that was found is not the one that sealed the secrets.')
}
