import { type Check, fail, pass, warn } from './check'

/** As process.versions; `electron` is there only inside Electron. */
export type RuntimeVersions = Readonly<Record<string, string | undefined>>

/** Under plain Node the prebuilt SQLite binding needs Node-API 10. */
const NODE_MINIMUM = '22.12'
/** What the oldest supported Electron carries; there the binding is compiled for it. */
const NODE_IN_ELECTRON_MINIMUM = '20.18'
/** First Electron with Node-API 10. An older one can only be the stand-in of development machines. */
const FULL_ELECTRON_MAJOR = 37

/** @param versions as process.versions */
export const nodeVersionCheck = (versions: RuntimeVersions): Check => ({
  id: 'node',
  title: 'Node.js',
  async run() {
    const found = versions['node'] ?? '0'
    const inElectron = versions['electron'] !== undefined
    const minimum = inElectron ? NODE_IN_ELECTRON_MINIMUM : NODE_MINIMUM
    const place = inElectron ? ' inside Electron' : ''
    if (isAtLeast(found, minimum)) return pass(`Node.js ${found}${place}; ${minimum} or newer is needed.`)
    return fail({
      cause: `Node.js ${found}${place} is too old; ${minimum} or newer is needed.`,
      fix: 'Start it through npm, which brings its own Node.js, or install a current one from https://nodejs.org.',
      command: 'npm run symbi -- doctor',
    })
  },
})

/**
 * Which runtime runs: the official Electron, the stand-in that set-up falls back to, or plain Node.
 * @param runtime `versions` as process.versions; `env` as process.env
 */
export const electronRuntimeCheck = (runtime: {
  readonly versions: RuntimeVersions
  readonly env: Readonly<Record<string, string | undefined>>
}): Check => ({
  id: 'electron',
  title: 'Electron runtime',
  async run() {
    const electron = runtime.versions['electron']
    if (electron === undefined)
      return pass(`Plain Node.js ${runtime.versions['node'] ?? ''} runs; the command line needs no Electron.`)
    const chrome = runtime.versions['chrome'] ?? 'unknown'
    if (isAtLeast(electron, String(FULL_ELECTRON_MAJOR)))
      return pass(`Electron ${electron} with Chromium ${chrome} runs.`)
    const chosenBySetUp = Boolean(runtime.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? runtime.env['ELECTRON_EXEC_PATH'])
    return warn({
      cause: `${chosenBySetUp ? 'The stand-in Electron' : 'An old Electron'} ${electron} with Chromium ${chrome} runs. It serves development and tests and gets no security fixes.`,
      fix: 'Connect to the internet, then let set-up fetch the official Electron.',
      command: 'npm run setup',
    })
  },
})

/** Compares dotted versions number by number; what follows a dash is left out. */
export const isAtLeast = (found: string, minimum: string): boolean => {
  const numbers = (version: string): number[] => (version.replace(/^v/, '').split('-')[0] ?? '').split('.').map(Number)
  const have = numbers(found)
  for (const [at, need] of numbers(minimum).entries()) {
    const part = have[at] ?? 0
    if (part !== need) return part > need
  }
  return true
}
