import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { AuditCheckpoint } from '@contract'
import { parseCheckpoint } from './checkpoint'
import { appendLine, makePrivateDir } from './files'
import type { AuditKeyring } from './key-vault'

/**
 * A place outside the database that remembers checkpoints. It is what shows that the newest records were cut off or that
 * the whole database was replaced by an older copy: nothing inside the database can.
 */
export interface AuditAnchor {
  readonly name: string
  /** What it remembers, in any order; nothing for one that can only be told. @throws when it cannot be asked */
  read(): AsyncIterable<AuditCheckpoint>
  /** @throws when it cannot be told; it is told again with the next checkpoint */
  remember(checkpoint: AuditCheckpoint): Promise<void>
  /** Cheap enough to be told every checkpoint; the others are told now and then and at the end. */
  readonly every: boolean
}

const FILE = 'checkpoints.log'

async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path, { encoding: 'utf8' })
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  } finally {
    stream.destroy()
  }
}

/** A file that only ever grows, one checkpoint a line, synced with each. A line torn by a power cut is passed over. */
export const createFileAnchor = (dir: string): AuditAnchor => ({
  name: 'file',
  every: true,
  async *read() {
    for await (const line of linesOf(join(dir, FILE))) {
      const checkpoint = parseCheckpoint(line)
      if (checkpoint !== null) yield checkpoint
    }
  },
  async remember(checkpoint) {
    await makePrivateDir(dir)
    await appendLine(dir, FILE, JSON.stringify(checkpoint))
  },
})

/** The newest checkpoint in the keyring of the operating system: a counter that never goes back. */
export const createKeyringAnchor = (keyring: AuditKeyring, installationId: string): AuditAnchor => {
  const account = `audit-head:${installationId}`
  const current = async (): Promise<AuditCheckpoint | null> => {
    const text = await keyring.get(account)
    return text === null ? null : parseCheckpoint(text)
  }
  return {
    name: 'keyring',
    every: false,
    async *read() {
      const checkpoint = await current()
      if (checkpoint !== null) yield checkpoint
    },
    async remember(checkpoint) {
      const known = await current()
      if (known !== null && known.log === checkpoint.log && known.size > checkpoint.size)
        throw new Error('The keyring remembers a longer trail.')
      await keyring.set(account, JSON.stringify(checkpoint))
    },
  }
}

/** Tells somebody far away, who keeps it; `post` rejects when that failed. */
export const createWebhookAnchor = (post: (checkpoint: AuditCheckpoint) => Promise<void>): AuditAnchor => ({
  name: 'webhook',
  every: false,
  async *read() {},
  remember: post,
})
