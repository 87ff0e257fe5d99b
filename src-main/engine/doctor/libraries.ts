import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Check, fail, pass, warn } from './check'

/** What a window needs of the system, and the Debian package that brings it. */
const LIBRARIES: Readonly<Record<string, string>> = {
  'libgtk-3.so.0': 'libgtk-3-0',
  'libnss3.so': 'libnss3',
  'libasound.so.2': 'libasound2',
  'libgbm.so.1': 'libgbm1',
  'libXss.so.1': 'libxss1',
  'libXtst.so.6': 'libxtst6',
  'libnotify.so.4': 'libnotify4',
  'libsecret-1.so.0': 'libsecret-1-0',
}

/** The name of an architecture in the list of `ldconfig -p`. */
const ARCH_MARK: Readonly<Record<string, string>> = { x64: 'x86-64', arm64: 'AArch64' }

export interface LibrariesPorts {
  readonly platform: NodeJS.Platform
  /** As process.arch. */
  readonly arch: string
  /** The list of `ldconfig -p`; runs it when left out. */
  readonly listLibraries?: (signal: AbortSignal) => Promise<string>
}

const askLdconfig = async (signal: AbortSignal): Promise<string> =>
  // With its whole path, because the sbin folders are not in every user's PATH.
  (await promisify(execFile)('/sbin/ldconfig', ['-p'], { signal, maxBuffer: 8 * 1024 * 1024 })).stdout

/** The shared libraries that Electron and the keyring load; only on Linux are they not part of the system. */
export const librariesCheck = ({ platform, arch, listLibraries = askLdconfig }: LibrariesPorts): Check => ({
  id: 'libraries',
  title: 'System libraries',
  async run(signal) {
    if (platform !== 'linux') return pass('None are needed beyond the system itself.')
    const listing = await listLibraries(signal).catch(() => null)
    if (listing === null) {
      return warn({
        cause: 'The libraries of this system cannot be listed: ldconfig does not run.',
        fix: 'Nothing, when the window opens.',
      })
    }
    const mark = ARCH_MARK[arch] ?? ''
    const present = new Set(
      listing
        .split('\n')
        .filter((line) => line.includes(mark))
        .map((line) => line.trim().split(' ')[0] ?? ''),
    )
    const missing = Object.keys(LIBRARIES).filter((library) => !present.has(library))
    if (missing.length === 0) return pass(`All ${Object.keys(LIBRARIES).length} are there.`)
    return fail({
      cause: `Missing: ${missing.join(', ')}.`,
      fix: 'Install what brings them.',
      command: `sudo apt-get install -y --no-install-recommends ${missing.map((library) => LIBRARIES[library]).join(' ')}`,
    })
  },
})
