import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { messageOf } from '../core'
import { type Check, type CheckResult, fail, pass } from './check'

export interface DockerEnginePorts {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where to ask when DOCKER_HOST is not set; the platform's usual socket when left out. */
  readonly defaultSocket?: string
}

const MAX_REPLY_BYTES = 64 * 1024

/**
 * Asks the engine itself, over its socket, rather than looking for a binary: GET /_ping, then GET /version
 * (Docker Engine API).
 */
export const dockerEngineCheck = (ports: DockerEnginePorts): Check => ({
  id: 'docker',
  title: 'Docker engine',
  async run(signal) {
    const address = dockerAddress(ports)
    if (address.options === null) {
      return fail({
        cause: `DOCKER_HOST is ${address.name}, a kind of address that the console cannot use.`,
        fix: 'Set DOCKER_HOST to a unix:// or tcp:// address, or unset it.',
        command: 'unset DOCKER_HOST',
      })
    }
    try {
      const ping = await get({ ...address.options, path: '/_ping', signal })
      if (ping.status !== 200) return unusual(address.name, ping.status)
      return pass(`${await versionOf(address.options, signal)} answers at ${address.name}.`)
    } catch (error) {
      return unreachable({ ports, name: address.name, error })
    }
  },
})

interface Address {
  readonly name: string
  /** null: a scheme that we cannot ask. */
  readonly options: RequestOptions | null
}

const dockerAddress = ({ env, platform, defaultSocket }: DockerEnginePorts): Address => {
  const host = env['DOCKER_HOST']
  if (!host) {
    const socketPath = defaultSocket ?? (platform === 'win32' ? '//./pipe/docker_engine' : '/var/run/docker.sock')
    return { name: socketPath, options: { socketPath } }
  }
  const [, scheme, rest = ''] = /^(\w+):\/\/(.*)$/.exec(host) ?? []
  if (scheme === 'unix' || scheme === 'npipe') return { name: host, options: { socketPath: rest } }
  const url =
    (scheme === 'tcp' || scheme === 'http') && URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : null
  if (url === null) return { name: host, options: null }
  return { name: host, options: { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 2375) } }
}

const versionOf = async (options: RequestOptions, signal: AbortSignal): Promise<string> => {
  const { status, body } = await get({ ...options, path: '/version', signal })
  if (status !== 200) return 'A Docker engine of unknown version'
  const reply = JSON.parse(body) as { Version?: unknown; ApiVersion?: unknown }
  return `Docker ${String(reply.Version)} (API ${String(reply.ApiVersion)})`
}

const get = (options: RequestOptions): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asked = request(options, (response: IncomingMessage) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
        if (body.length > MAX_REPLY_BYTES) asked.destroy(new Error('the answer is too long'))
      })
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.once('error', reject)
    asked.end()
  })

const unusual = (name: string, status: number): CheckResult =>
  fail({
    cause: `What listens at ${name} answered with HTTP status ${status}, as no Docker engine does.`,
    fix: 'Point DOCKER_HOST at a Docker engine, or restart the engine.',
  })

const unreachable = (found: { ports: DockerEnginePorts; name: string; error: unknown }): CheckResult => {
  const { ports, name, error } = found
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EPERM') {
    return fail({
      cause: `You are not allowed to use ${name}.`,
      fix: 'Join the docker group, then log out and in again. Whoever is in it has the rights of root.',
      command: 'sudo usermod -aG docker "$USER"',
    })
  }
  if (ports.env['DOCKER_HOST']) {
    return fail({
      cause: `No engine answers at DOCKER_HOST ${name}: ${messageOf(error)}`,
      fix: 'Start that engine, or unset DOCKER_HOST to use the one of this machine.',
      command: 'unset DOCKER_HOST',
    })
  }
  if (ports.platform !== 'linux')
    return fail({ cause: 'No Docker engine answers.', fix: 'Install Docker Desktop and start it, then look again.' })
  if (code === 'ENOENT') {
    return fail({
      cause: `There is no Docker engine at ${name}: it is not installed or not running.`,
      fix: 'Install it where it is missing, and start it.',
      command:
        'sudo apt-get install -y --no-install-recommends docker.io iptables iproute2 && sudo service docker start',
    })
  }
  return fail({
    cause: `The Docker engine at ${name} does not answer: ${messageOf(error)}`,
    fix: 'Start it again.',
    command: 'sudo service docker restart',
  })
}
