import { randomUUID } from 'node:crypto'
import { open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../core'
import { type Check, fail, pass, warn } from './check'

const MB = 1024 * 1024
const WARN_BELOW_MB = 1024
const FAIL_BELOW_MB = 100

export interface DataFolderPorts {
  readonly dir: string
  readonly platform: NodeJS.Platform
  /** Bytes that this user may still write there; asks the file system when left out. */
  readonly freeBytes?: (dir: string) => Promise<number>
}

const askFileSystem = async (dir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}

/** The data folder can be written, is closed to other users, and lies on a disk with room. */
export const dataFolderCheck = ({ dir, platform, freeBytes = askFileSystem }: DataFolderPorts): Check => ({
  id: 'data-folder',
  title: 'Data folder',
  async run() {
    const problem = await writeProblem(dir)
    if (problem !== null) {
      return fail({
        cause: `${dir} cannot be written: ${problem}`,
        fix: 'Give yourself the rights to this folder, or choose another one with --data-dir.',
        command: platform === 'win32' ? null : `sudo chown -R "$USER" ${quoted(dir)}`,
      })
    }
    const freeMb = Math.floor((await freeBytes(dir)) / MB)
    if (freeMb < FAIL_BELOW_MB) {
      return fail({
        cause: `Only ${freeMb} MB are free on the disk of ${dir}; the database may soon be unable to write.`,
        fix: 'Free some space on this disk, or choose a folder on another one with --data-dir.',
      })
    }
    const mode = platform === 'win32' ? 0o700 : (await stat(dir)).mode & 0o777
    if ((mode & 0o077) !== 0) {
      return warn({
        cause: `Other users of this machine can look into ${dir} (mode 0${mode.toString(8)}).`,
        fix: 'Close the folder to others.',
        command: `chmod 700 ${quoted(dir)}`,
      })
    }
    if (freeMb < WARN_BELOW_MB) {
      return warn({ cause: `Only ${freeMb} MB are free on the disk of ${dir}.`, fix: 'Free some space on this disk.' })
    }
    return pass(`${dir} is writable, private, and has ${Math.floor(freeMb / 1024)} GB free.`)
  },
})

/** Tries to write, because rights alone do not tell: the disk may be full or read-only. */
const writeProblem = async (dir: string): Promise<string | null> => {
  const file = join(dir, `.doctor-${randomUUID()}`)
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile('x').finally(() => handle.close())
    return null
  } catch (error) {
    return messageOf(error)
  } finally {
    await rm(file, { force: true }).catch(() => undefined)
  }
}

const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`
