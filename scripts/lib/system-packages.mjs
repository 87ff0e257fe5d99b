/** What the app and its tests need of a Linux system: which of it is missing, and how it is installed. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from './paths.mjs'
import { stepError, tail } from './report.mjs'
import { run, which } from './run.mjs'

/**
 * @typedef {{ name: string, newName?: string, library?: string, program?: string, folder?: string, group: Group }} Need
 * A Debian package (`newName`: since the 64-bit time change), recognised by a shared library, a program, or files.
 * @typedef {'window' | 'headless' | 'keyring' | 'docker' | 'compiler'} Group
 */

/** @type {readonly Need[]} */
export const NEEDS = [
  { group: 'window', name: 'libgtk-3-0', newName: 'libgtk-3-0t64', library: 'libgtk-3.so.0' },
  { group: 'window', name: 'libnss3', library: 'libnss3.so' },
  { group: 'window', name: 'libasound2', newName: 'libasound2t64', library: 'libasound.so.2' },
  { group: 'window', name: 'libgbm1', library: 'libgbm.so.1' },
  { group: 'window', name: 'libxss1', library: 'libXss.so.1' },
  { group: 'window', name: 'libxtst6', library: 'libXtst.so.6' },
  { group: 'window', name: 'libnotify4', library: 'libnotify.so.4' },
  { group: 'window', name: 'fonts-dejavu-core', folder: '/usr/share/fonts' },
  { group: 'headless', name: 'xvfb', program: 'Xvfb' },
  { group: 'headless', name: 'xauth', program: 'xauth' },
  { group: 'headless', name: 'dbus', program: 'dbus-run-session' },
  { group: 'headless', name: 'dbus-x11', program: 'dbus-launch' },
  { group: 'keyring', name: 'gnome-keyring', program: 'gnome-keyring-daemon' },
  { group: 'keyring', name: 'libsecret-1-0', library: 'libsecret-1.so.0' },
  { group: 'docker', name: 'docker.io', program: 'dockerd' },
  { group: 'docker', name: 'iptables', program: 'iptables' },
  { group: 'docker', name: 'iproute2', program: 'tc' },
  { group: 'docker', name: 'openssl', program: 'openssl' },
  { group: 'compiler', name: 'build-essential', program: 'g++' },
  { group: 'compiler', name: 'make', program: 'make' },
  { group: 'compiler', name: 'python3', program: 'python3' },
]

/**
 * The shared libraries of `ldconfig -p` for one architecture.
 * @param {string} listing
 * @param {string} [arch] as in process.arch
 */
export function parseLibraries(listing, arch = process.arch) {
  const mark = { x64: 'x86-64', arm64: 'AArch64' }[arch]
  const names = new Set()
  for (const line of listing.split('\n')) {
    const found = /^\s+(\S+) \(([^)]*)\)/.exec(line)
    if (found && (!mark || found[2].includes(mark))) names.add(found[1])
  }
  return names
}

/**
 * What of the groups is missing on this machine.
 * @param {readonly Group[]} groups
 * @returns {Promise<Need[]>}
 */
export async function missingNeeds(groups) {
  const ldconfig = which('ldconfig')
  const libraries = ldconfig ? parseLibraries((await run(ldconfig, ['-p'])).output) : null
  return NEEDS.filter(({ group, library, program, folder }) => {
    if (!groups.includes(group)) return false
    if (library) return libraries !== null && !libraries.has(library)
    if (program) return which(program) === null
    return !hasFont(folder)
  })
}

function hasFont(folder) {
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => /\.(ttf|otf|ttc)$/.test(name))
}

/** Is this a Debian-like system that we may install packages on? */
function mayInstall() {
  return process.getuid?.() === 0 && which('apt-get') !== null
}

/**
 * Set-up step: system packages.
 * @param {(text: string) => void} progress
 * @param {readonly Group[]} groups
 */
export async function prepareSystemPackages(progress, groups) {
  if (process.platform !== 'linux') return { status: 'ok', text: `none needed on ${process.platform}` }
  const missing = await missingNeeds(groups)
  if (missing.length === 0)
    return { status: 'ok', text: `${NEEDS.filter((need) => groups.includes(need.group)).length} present` }
  if (!mayInstall()) return byHand(missing)
  progress('reading the package lists')
  const logFile = join(cacheDir(), 'logs', 'apt.log')
  const update = await run('apt-get', ['update', '-qq'], { env: aptEnv(), timeoutMs: 180_000 })
  const names = await packageNames(missing)
  progress(`installing ${names.join(' ')}`)
  const install = await withoutServices(() =>
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env: aptEnv(), logFile }),
  )
  const left = await missingNeeds(groups)
  if (left.length === 0) return { status: 'ok', text: `installed ${names.join(' ')}` }
  if (install.code === 0)
    throw new Error(
      `installed, but still not found: ${left.map((need) => need.program ?? need.library ?? need.name).join(', ')}`,
    )
  throw stepError(
    `apt-get could not install ${names.join(' ')}\n${tail(update.code === 0 ? install.output : update.output + install.output)}`,
    `Read ${logFile}; check that the package mirror can be reached (apt-get update), then try again.`,
  )
}

/** Not root, or no apt: names what is missing and how to get it. What does not need it goes on. */
function byHand(missing) {
  const names = missing.map(({ name }) => name)
  if (which('apt-get')) {
    return {
      status: 'warn',
      text: `missing: ${names.join(' ')}`,
      fix: 'Run this, then try again:',
      command: `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`,
    }
  }
  const things = missing.map(({ library, program, name }) => library ?? program ?? name)
  return {
    status: 'warn',
    text: `missing: ${things.join(', ')}`,
    fix: 'Install what brings these with the package manager of your system.',
  }
}

/** Newer Debian and Ubuntu renamed some packages; takes the new name where the system knows it. */
async function packageNames(missing) {
  const renamed = missing.filter(({ newName }) => newName)
  if (renamed.length === 0) return missing.map(({ name }) => name)
  const known = new Set((await run('apt-cache', ['pkgnames'])).output.split('\n'))
  const all = known.size > 1 ? known : new Set()
  return missing.map(({ name, newName }) => (newName && all.has(newName) ? newName : name))
}

/** Without an init system a package must not try to start its service: Debian asks policy-rc.d about that. */
async function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync('/run/systemd/system') || existsSync(policy)) return install()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return await install()
  } finally {
    if (existsSync(policy) && readFileSync(policy, 'utf8').includes('exit 101')) rmSync(policy)
  }
}

function aptEnv() {
  return { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
}
