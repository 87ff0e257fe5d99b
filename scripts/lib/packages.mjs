/** The npm packages: whether node_modules is what package-lock.json asks for, and `npm ci` when it is not. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir, nodePath, npmCommand, root } from './paths.mjs'
import { stepError, tail } from './report.mjs'
import { run } from './run.mjs'

/**
 * Compares the lock file with npm's own record of what it installed.
 * @param {{ packages: Record<string, { version?: string, integrity?: string, optional?: boolean, link?: boolean }> }} wanted
 * @param {{ packages: Record<string, { version?: string, integrity?: string }> }} installed
 * @returns {string | null} the first difference in words, or null when they agree
 */
export function firstDifference(wanted, installed) {
  for (const [path, entry] of Object.entries(wanted.packages)) {
    if (path === '') continue
    const found = installed.packages[path]
    // Optional packages of other platforms are in the lock file but never installed.
    if (!found && entry.optional) continue
    if (!found) return `${name(path)} is missing`
    if (found.version !== entry.version) return `${name(path)} is ${found.version}, not ${entry.version}`
    if (entry.integrity && found.integrity && entry.integrity !== found.integrity) return `${name(path)} differs`
  }
  for (const path of Object.keys(installed.packages))
    if (!(path in wanted.packages)) return `${name(path)} is not asked for`
  return null
}

const name = (path) => path.split('node_modules/').at(-1)

/** Why the packages must be installed, or null when all is there. Reads the folders too, not only npm's record. */
export function packagesProblem() {
  const recordFile = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(recordFile)) return 'nothing is installed yet'
  const wanted = readJson(join(root, 'package-lock.json'))
  const installed = readJson(recordFile)
  const difference = firstDifference(wanted, installed)
  if (difference) return difference
  for (const path of Object.keys(installed.packages))
    if (!existsSync(join(root, path, 'package.json'))) return `${name(path)} was removed`
  if (!existsSync(nodePath())) return 'the Node.js that the node package brings is missing'
  return null
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw stepError(`${path} cannot be read: ${error.message}`, 'Restore the file from git, then try again.')
  }
}

/** Set-up step: packages. */
export async function preparePackages(progress) {
  const problem = packagesProblem()
  if (!problem) return { status: 'ok', text: `${installedCount()} as in package-lock.json` }
  if (process.platform === 'win32' && process.execPath.startsWith(join(root, 'node_modules'))) {
    // Windows locks the file of a running program, so it cannot replace the Node.js that runs this.
    throw stepError(`node_modules is out of date: ${problem}`, 'Run this, then try again: npm ci')
  }
  progress(`installing with npm ci, because ${problem}`)
  const npm = npmCommand()
  const logFile = join(cacheDir(), 'logs', 'npm-ci.log')
  // Development packages hold the tools and Electron itself, so NODE_ENV=production must not leave them out.
  const result = await run(npm.command, [...npm.args, 'ci', '--include=dev', '--loglevel=warn'], { cwd: root, logFile })
  if (result.code !== 0) {
    throw stepError(
      `npm ci failed with code ${result.code}\n${tail(result.output)}`,
      `Read ${logFile}; check that the npm registry can be reached (npm ping), then try again.`,
    )
  }
  const left = packagesProblem()
  if (left) throw stepError(`npm ci ended well, but ${left}`, 'Delete node_modules, then try again.')
  return { status: 'ok', text: `${installedCount()} installed` }
}

function installedCount() {
  return `${Object.keys(readJson(join(root, 'node_modules', '.package-lock.json')).packages).length} packages`
}
