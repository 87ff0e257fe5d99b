/** Child processes: run one to its end with a log and a time limit, or stand in for one (signals, exit code). */
import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/**
 * Runs a command to its end. Never rejects: a command that cannot be started has code 127.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, input?: string, logFile?: string,
 *   watch?: (kill: () => void) => NodeJS.Timeout }} [options] `watch` may start a timer that kills the command
 * @returns {Promise<{ code: number, output: string, timedOut: boolean }>} output: stdout and stderr, last 200 000 characters
 */
export function run(command, args, { cwd, env, timeoutMs, input, logFile, watch } = {}) {
  return new Promise((done) => {
    const posix = process.platform !== 'win32'
    const child = spawn(command, args, {
      cwd,
      env,
      detached: posix,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    let output = ''
    let timedOut = false
    if (logFile) mkdirSync(dirname(logFile), { recursive: true })
    const log = logFile ? createWriteStream(logFile) : null
    const take = (chunk) => {
      output = (output + chunk).slice(-200_000)
      log?.write(chunk)
    }
    const kill = () => {
      timedOut = true
      // The whole group: npm and apt start children of their own.
      if (posix && child.pid) process.kill(-child.pid, 'SIGKILL')
      else child.kill('SIGKILL')
    }
    const timer = timeoutMs ? setTimeout(kill, timeoutMs) : undefined
    const watcher = watch?.(kill)
    const forward = (signal) => {
      if (posix && child.pid && child.exitCode === null) process.kill(-child.pid, signal)
    }
    const stopForwarding = forwardSignals(forward)
    const end = (code) => {
      clearTimeout(timer)
      clearInterval(watcher)
      stopForwarding()
      log?.end()
      done({ code, output, timedOut })
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    if (input !== undefined) child.stdin.end(input)
    child.once('error', (error) => {
      take(`${error.message}\n`)
      end(127)
    })
    child.once('close', (code) => end(code ?? 1))
  })
}

/**
 * Runs a command in our place: its standard streams are ours, signals go on to it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions }} [options]
 * @returns {Promise<number>} its exit code, or 128 + the signal's number
 */
export function standIn(command, args, { cwd, env, stdio = 'inherit' } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio })
    const stopForwarding = forwardSignals((signal) => child.kill(signal))
    child.once('error', (error) => {
      stopForwarding()
      process.stderr.write(`${command}: ${error.message}\n`)
      done(127)
    })
    child.once('close', (code, signal) => {
      stopForwarding()
      done(code ?? 128 + (constants.signals[signal] ?? 1))
    })
  })
}

/** Asks a child to end and waits until it has; one that does not within two seconds is killed. */
export function endChild(child) {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done()
    const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
    child.ref()
    child.once('exit', () => {
      clearTimeout(timer)
      done()
    })
    child.kill('SIGTERM')
  })
}

/** Calls `to` for each signal that asks us to end, until the returned function is called. */
export function forwardSignals(to) {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const handlers = names.map((name) => [name, () => to(name)])
  for (const [name, handler] of handlers) process.on(name, handler)
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler)
  }
}

/** Full path of a program in PATH (and the sbin folders, which a user's PATH may lack), or null. */
export function which(program, { env = process.env } = {}) {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const names = process.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program]
  for (const folder of folders)
    for (const name of names) if (folder && existsSync(join(folder, name))) return join(folder, name)
  return null
}

/** Polls until `check` gives something truthy or the deadline passes; gives that, or null. */
export async function waitFor(check, { timeoutMs, everyMs = 50 }) {
  const end = performance.now() + timeoutMs
  for (;;) {
    const value = await check()
    if (value) return value
    if (performance.now() >= end) return null
    await new Promise((next) => setTimeout(next, everyMs))
  }
}
