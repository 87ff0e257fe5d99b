/** Set-up from the first step to the last; scripts/setup.mjs is its command. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dockerReachable, prepareDocker } from './docker-engine.mjs'
import {
  electronProblem,
  findElectron,
  needsCompiledSqlite,
  prepareStandIn,
  standInWords,
  tryOfficial,
} from './electron-runtime.mjs'
import { withLock } from './lock.mjs'
import { preparePackages } from './packages.mjs'
import { cacheDir } from './paths.mjs'
import { createReport } from './report.mjs'
import { compiledBinding, prepareSqlite } from './sqlite-binding.mjs'
import { findStandIn, standInExistsFor } from './stand-in.mjs'
import { prepareSystemPackages } from './system-packages.mjs'

const MINIMUM_NODE = 20

/**
 * @typedef {Record<'node' | 'packages' | 'electron' | 'system' | 'sqlite' | 'docker', import('./report.mjs').StepResult>} SetupResults
 */

/**
 * Prepares this machine. Never rejects: each step's result says how it ended, and a failed step keeps only those that
 * build on it from running.
 * @param {{ stream?: NodeJS.WritableStream, quiet?: boolean, desktop?: boolean, docker?: boolean }} [options]
 *   desktop: false leaves out what only a window needs; quiet: print only what is done or wrong
 * @returns {Promise<Partial<SetupResults>>}
 */
export async function setup({ stream = process.stdout, quiet = false, desktop = true, docker = true } = {}) {
  const report = createReport({ stream, quiet })
  const onWait = () => report.note('  ..    Another set-up is running on this machine; waiting for it to end')
  return await withLock({ folder: cacheDir(), name: 'setup', onWait }, () => steps({ report, desktop, docker }))
}

async function steps({ report, desktop, docker }) {
  /** @type {Partial<SetupResults>} */
  const results = {}
  results.node = await report.step('Node.js', async () => nodeResult(process.versions.node))
  if (results.node.status === 'fail') return results
  results.packages = await report.step('Packages', preparePackages)
  if (results.packages.status === 'fail') return results
  if (desktop) await prepareDesktop({ report, results, docker })
  else if (docker && (await engineMissing()))
    results.system = await report.step('System packages', (progress) => prepareSystemPackages(progress, ['docker']))
  if (docker) results.docker = await report.step('Docker engine', prepareDocker)
  return results
}

/** Electron, the libraries it needs, and its SQLite; the download and the compiler work side by side. */
async function prepareDesktop({ report, results, docker }) {
  let tried = { official: null, reason: '' }
  const electron = await report.step('Electron', async (progress) => {
    tried = await tryOfficial(progress)
    const { official, reason } = tried
    if (official) return { status: 'ok', text: `${official.kind} ${official.version}` }
    return {
      status: 'ok',
      text: findStandIn() ? standInWords(reason) : `the official one cannot be downloaded (${reason})`,
    }
  })
  const fetching = electron.status === 'ok' && tried.official === null && !findStandIn()
  const old = electron.status === 'ok' && (tried.official === null || needsCompiledSqlite(tried.official))
  const groups = ['window', 'headless', 'keyring']
  if (docker && (await engineMissing())) groups.push('docker')
  if (old && standInExistsFor() && !existsSync(compiledBinding())) groups.push('compiler')
  results.system = await report.step('System packages', (progress) => prepareSystemPackages(progress, groups))
  const [fetched, sqlite] = await Promise.all([
    fetching ? report.step('Electron', (progress) => prepareStandIn(progress, tried.reason)) : electron,
    report.step('SQLite', (progress) => prepareSqlite(progress, old)),
  ])
  results.electron = fetched
  results.sqlite = sqlite
  if (fetched.status === 'ok') await verify({ report, results })
}

/** Is the engine of this machine missing? One that DOCKER_HOST names is not ours to install. */
async function engineMissing() {
  return !process.env.DOCKER_HOST && !(await dockerReachable())
}

/** Starting Electron costs a moment, so it is done once for each Electron and set of libraries. */
async function verify({ report, results }) {
  const runtime = findElectron()
  if (!runtime) return
  const stamp = join(cacheDir(), 'electron', `started-${runtime.kind}-${runtime.version}`)
  if (existsSync(stamp) && results.system?.status === 'ok' && !results.system.text.startsWith('installed')) return
  const checked = await report.step('Electron starts', async (progress) => {
    progress('starting it once')
    const problem = await electronProblem(runtime)
    if (problem === null) {
      mkdirSync(join(cacheDir(), 'electron'), { recursive: true })
      writeFileSync(stamp, '')
      return { status: 'ok', text: `version ${runtime.version}` }
    }
    return {
      status: 'fail',
      text: problem,
      fix: 'Install the system packages that are named above, then run: npm run setup',
    }
  })
  if (checked.status === 'fail') results.electron = checked
}

/** @param {string} version */
export function nodeResult(version) {
  const major = Number(version.split('.')[0])
  if (major >= MINIMUM_NODE)
    return { status: 'ok', text: `v${version} starts the scripts; the tools run on the packaged Node 24` }
  return {
    status: 'fail',
    text: `v${version} is too old; ${MINIMUM_NODE} or newer is needed`,
    fix: 'Install a current Node.js from https://nodejs.org, then try again.',
  }
}
