/** The Docker engine: whether one answers, and starting one where that is ours to do (root on Linux). */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { cacheDir } from './paths.mjs'
import { stepError, tail } from './report.mjs'
import { waitFor, which } from './run.mjs'

const PROBE_MS = 2000
const START_MS = 40_000
const PID_FILE = '/var/run/docker.pid'

/**
 * Where the engine is asked, by the rules of DOCKER_HOST.
 * @param {{ env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform }} [on]
 * @returns {{ name: string, options: import('node:http').RequestOptions | null }} options null: a scheme we cannot ask
 */
export function dockerAddress({ env = process.env, platform = process.platform } = {}) {
  const host = env.DOCKER_HOST
  if (!host) {
    const socketPath = platform === 'win32' ? '//./pipe/docker_engine' : '/var/run/docker.sock'
    return { name: socketPath, options: { socketPath } }
  }
  const [, scheme, rest] = /^(\w+):\/\/(.*)$/.exec(host) ?? []
  if (scheme === 'unix' || scheme === 'npipe') return { name: host, options: { socketPath: rest } }
  if (scheme === 'tcp' || scheme === 'http') {
    const url = new URL(`http://${rest}`)
    return { name: host, options: { host: url.hostname, port: Number(url.port || 2375) } }
  }
  return { name: host, options: null }
}

/** Does an engine answer there? */
export function dockerAnswers(options) {
  return new Promise((done) => {
    const asked = request({ ...options, path: '/_ping', timeout: PROBE_MS }, (response) => {
      response.resume()
      done(response.statusCode === 200)
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => done(false))
    asked.end()
  })
}

/** Does the engine that DOCKER_HOST or the default names answer? */
export async function dockerReachable(env = process.env) {
  const { options } = dockerAddress({ env })
  return options !== null && (await dockerAnswers(options))
}

/** Set-up step: Docker engine. */
export async function prepareDocker(progress) {
  const { name, options } = dockerAddress()
  if (options === null)
    return {
      status: 'warn',
      text: `DOCKER_HOST=${name} is of a kind that set-up cannot ask`,
      fix: 'Use unix:// or tcp://.',
    }
  if (await dockerAnswers(options)) return { status: 'ok', text: `answers at ${name}` }
  if (process.env.DOCKER_HOST)
    return {
      status: 'warn',
      text: `nothing answers at DOCKER_HOST=${name}`,
      fix: 'Start that engine, or unset DOCKER_HOST.',
    }
  const elsewhere = await otherSocket()
  if (elsewhere) {
    return {
      status: 'warn',
      text: `an engine answers, but not at ${name}`,
      fix: 'Name it in the environment:',
      command: `export DOCKER_HOST=unix://${elsewhere}`,
    }
  }
  if (process.platform !== 'linux')
    return { status: 'warn', text: 'no engine answers', fix: 'Install and start Docker Desktop, then try again.' }
  if (process.getuid?.() !== 0) return notOurs()
  const dockerd = which('dockerd')
  if (!dockerd)
    return {
      status: 'warn',
      text: 'not installed',
      fix: 'Install Docker Engine (https://docs.docker.com/engine/install/), then try again.',
    }
  progress('starting dockerd in the background')
  return await start(dockerd, options)
}

function notOurs() {
  if (which('dockerd') || which('docker')) {
    return {
      status: 'warn',
      text: 'no engine answers, or you may not ask it',
      fix: 'Start it and join its group, then log in again:',
      command: 'sudo systemctl start docker; sudo usermod -aG docker "$USER"',
    }
  }
  return {
    status: 'warn',
    text: 'not installed',
    fix: 'Install it and join its group, then log in again:',
    command:
      'sudo apt-get install -y --no-install-recommends docker.io iptables iproute2; sudo usermod -aG docker "$USER"',
  }
}

/** Docker Desktop and rootless engines listen in the user's own folders. */
async function otherSocket() {
  if (process.platform === 'win32') return null
  const runtime = process.env.XDG_RUNTIME_DIR
  const sockets = [join(homedir(), '.docker', 'run', 'docker.sock'), ...(runtime ? [join(runtime, 'docker.sock')] : [])]
  for (const socketPath of sockets)
    if (existsSync(socketPath) && (await dockerAnswers({ socketPath }))) return socketPath
  return null
}

async function start(dockerd, options) {
  removeStalePidFile()
  const logFile = join(cacheDir(), 'logs', 'dockerd.log')
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'w')
  // A session of its own: it outlives this script and the terminal.
  const daemon = spawn(dockerd, [], { cwd: '/', detached: true, stdio: ['ignore', log, log] })
  let ended = false
  daemon.once('exit', () => {
    ended = true
  })
  daemon.once('error', () => {
    ended = true
  })
  daemon.unref()
  const answered = await waitFor(async () => (await dockerAnswers(options)) || ended, { timeoutMs: START_MS })
  if (answered && !ended) return { status: 'ok', text: `dockerd started; its log is ${logFile}` }
  throw stepError(
    `dockerd ${ended ? 'ended at once' : `did not answer within ${START_MS / 1000} s`}\n${tail(readFileSync(logFile, 'utf8'))}`,
    `Read ${logFile}. Inside a container, Docker needs --privileged.`,
  )
}

/** A pid file that a killed daemon left stops a new one, even when the number is now another process. */
function removeStalePidFile() {
  if (!existsSync(PID_FILE)) return
  const pid = readFileSync(PID_FILE, 'utf8').trim()
  const commandFile = `/proc/${pid}/cmdline`
  if (!existsSync(commandFile) || !readFileSync(commandFile, 'utf8').includes('dockerd')) rmSync(PID_FILE)
}
