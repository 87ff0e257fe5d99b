/**
 * A D-Bus session with an unlocked, empty keyring for tests, apart from the user's own: its files live in a temp
 * folder that goes away with it.
 */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChild, run, waitFor, which } from './run.mjs'

const START_MS = 10_000

/** What is missing for a keyring session on Linux; empty when nothing is. */
export function keyringGaps() {
  if (process.platform !== 'linux') return []
  const needs = [
    ['dbus-daemon', 'dbus'],
    ['dbus-send', 'dbus'],
    ['gnome-keyring-daemon', 'gnome-keyring'],
  ]
  return [...new Set(needs.filter(([program]) => which(program) === null).map(([, name]) => name))]
}

/**
 * Starts the session bus and the keyring.
 * @returns {Promise<{ env: Record<string, string>, stop: () => Promise<void> }>} env: for the programs that shall use it
 * @throws {Error} when a program is missing or does not start
 */
export async function startKeyringSession() {
  const gaps = keyringGaps()
  if (gaps.length > 0) throw new Error(`a keyring for the tests needs ${gaps.join(', ')}`)
  const home = mkdtempSync(join(tmpdir(), 'symbi-session-'))
  const runtimeDir = join(home, 'run')
  const dataDir = join(home, 'data')
  mkdirSync(runtimeDir)
  mkdirSync(dataDir)
  chmodSync(runtimeDir, 0o700)
  const children = []
  const stop = async () => {
    await Promise.all(children.splice(0).map((child) => endChild(child)))
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const { bus, address } = await startBus(runtimeDir)
    children.push(bus)
    const env = { XDG_RUNTIME_DIR: runtimeDir, DBUS_SESSION_BUS_ADDRESS: address }
    children.push(await startKeyring({ ...env, XDG_DATA_HOME: dataDir }))
    return { env, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function startBus(runtimeDir) {
  return new Promise((done, fail) => {
    const args = [
      '--session',
      '--nofork',
      '--nosyslog',
      '--print-address=3',
      `--address=unix:path=${join(runtimeDir, 'bus')}`,
    ]
    const env = { ...process.env, XDG_RUNTIME_DIR: runtimeDir }
    const bus = spawn(which('dbus-daemon'), args, {
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    bus.once('error', fail)
    bus.once('exit', (code) => fail(new Error(`dbus-daemon ended with code ${code}`)))
    let address = ''
    bus.stdio[3].on('data', (chunk) => {
      address += chunk
      if (!address.includes('\n')) return
      bus.unref()
      bus.stdio[3].unref()
      done({ bus, address: address.trim() })
    })
  })
}

async function startKeyring(env) {
  const args = ['--foreground', '--unlock', '--components=secrets']
  const all = { ...process.env, ...env }
  const daemon = spawn(which('gnome-keyring-daemon'), args, {
    env: all,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  let ended = false
  daemon.once('exit', () => {
    ended = true
  })
  daemon.once('error', () => {
    ended = true
  })
  // It creates the login keyring with this password, which guards nothing: the keyring is empty and goes away.
  daemon.stdin.end('test\n')
  const ask = [
    '--session',
    '--print-reply',
    '--dest=org.freedesktop.DBus',
    '/',
    'org.freedesktop.DBus.NameHasOwner',
    'string:org.freedesktop.secrets',
  ]
  const owned = async () =>
    ended || (await run(which('dbus-send'), ask, { env: all, timeoutMs: 2000 })).output.includes('boolean true')
  if (!(await waitFor(owned, { timeoutMs: START_MS })) || ended) {
    daemon.kill('SIGTERM')
    throw new Error('gnome-keyring-daemon did not offer its service')
  }
  daemon.unref()
  return daemon
}
