import { constants } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const WINDOWS = process.platform === 'win32'
/** Windows has no such flag; there a link needs rights that an ordinary program does not have. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** Make a new name in this folder survive a power cut. */
export const syncDir = async (dir: string): Promise<void> => {
  if (WINDOWS) return
  const handle = await open(dir, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Make the folder, readable by its owner alone. */
export const makePrivateDir = async (dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 })
}

/** Write a file that must not exist yet, readable by its owner alone, and bring it to the disk. */
export const writeNewFile = async (dir: string, name: string, content: string | Buffer): Promise<void> => {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
  const handle = await open(join(dir, name), flags, 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await syncDir(dir)
}

/** Add to the end of a file, readable by its owner alone, and bring it to the disk. A torn last line is ended first. */
export const appendLine = async (dir: string, name: string, line: string): Promise<void> => {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW
  const handle = await open(join(dir, name), flags, 0o600)
  try {
    const { size } = await handle.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await handle.read(last, 0, 1, size - 1)
    await handle.appendFile(size > 0 && last[0] !== 10 ? `\n${line}\n` : `${line}\n`)
    await handle.datasync()
    if (size === 0) await syncDir(dir)
  } finally {
    await handle.close()
  }
}

/** null when there is no such file. */
export const readIfThere = async (path: string): Promise<Buffer | null> => {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
