import { constants } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Windows has no such flag; there a link needs rights that an ordinary program does not have. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const WINDOWS = process.platform === 'win32'

/** Make the folder readable by its owner alone, also where it existed with wider rights. */
export const makePrivateDir = async (dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if (WINDOWS) return
  const handle = await open(dir, constants.O_RDONLY | NO_FOLLOW | (constants.O_DIRECTORY ?? 0))
  try {
    await handle.chmod(0o700)
  } finally {
    await handle.close()
  }
}

/** Make a rename in this folder survive a power cut. */
const syncDir = async (dir: string): Promise<void> => {
  if (WINDOWS) return
  const handle = await open(dir, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const writeNew = async (path: string, content: Buffer): Promise<void> => {
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Names of files that were being written when the process ended carry this. */
export const UNFINISHED = '.new'

/** Write a file that appears whole or not at all. The name must be a fresh one. */
export const writeWhole = async (dir: string, name: string, content: Buffer): Promise<void> => {
  const unfinished = join(dir, `${name}${UNFINISHED}`)
  try {
    await writeNew(unfinished, content)
    await rename(unfinished, join(dir, name))
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  await syncDir(dir)
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** Write a file unless there is one of that name. Returns whether this call made it, however many processes try. */
export const writeWholeOnce = async (dir: string, name: string, unique: string, content: Buffer): Promise<boolean> => {
  const unfinished = join(dir, `${name}.${unique}${UNFINISHED}`)
  try {
    await writeNew(unfinished, content)
    // A hard link fails when the name is taken; a rename would replace the other one.
    await link(unfinished, join(dir, name))
    await syncDir(dir)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(unfinished, { force: true })
  }
}

const readHandle = async (handle: FileHandle, maxBytes: number): Promise<Buffer> => {
  const facts = await handle.stat()
  if (!facts.isFile()) throw new Error('It is not a regular file.')
  if (facts.size > maxBytes) throw new Error('It is larger than anything that was written here.')
  if (!WINDOWS && (facts.mode & 0o077) !== 0) await handle.chmod(0o600)
  return handle.readFile()
}

/** Read a regular file, never through a link; null when there is none. Rights that became too wide are narrowed. */
export const readPrivate = async (path: string, maxBytes: number): Promise<Buffer | null> => {
  let handle: FileHandle
  try {
    // Without O_NONBLOCK a named pipe in the place of the file would hold the reader for ever.
    handle = await open(path, constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
  try {
    return await readHandle(handle, maxBytes)
  } finally {
    await handle.close()
  }
}

/** Remove a file; it is no error when it is gone already. */
export const removeFile = async (dir: string, name: string): Promise<void> => {
  await rm(join(dir, name), { force: true })
  await syncDir(dir)
}

export const listNames = (dir: string): Promise<string[]> => readdir(dir)
