import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Replace a file as a whole, readable by its owner only: a reader sees the old content or the new, never a half. */
export const writeAtomic = async (path: string, content: string | Buffer): Promise<void> => {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, content, { mode: 0o600, flush: true })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
