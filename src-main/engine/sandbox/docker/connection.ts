import { BackendId } from '@contract'
import type Docker from 'dockerode'
import type { DockerOptions } from 'dockerode'
import { messageOf } from '../../core'

/** The daemon, loaded on first use: the client library takes too long to load for a start that may not need it. */
export type Connection = () => Promise<Docker>

export const createConnection = (options: DockerOptions | undefined): Connection => {
  let opening: Promise<Docker> | undefined
  const open = async (): Promise<Docker> => {
    const { default: Client } = await import('dockerode')
    return new Client(options)
  }
  return () => {
    opening ??= open()
    return opening
  }
}

/** The HTTP status the daemon answered with, when it answered at all. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined

/** The daemon's own words, without the client library's frame around them. */
export const daemonWords = (error: unknown): string =>
  messageOf(error)
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .trim()

/** Whether a call failed because nobody answers, as opposed to a daemon that said no. */
export const isUnreachable = (error: unknown): boolean => statusOf(error) === undefined

/** One Docker Engine: what it is called, how it is reached, and what it means when it is not. */
export interface DockerTarget {
  readonly id: BackendId
  readonly title: string
  readonly kind: 'docker' | 'docker-tls' | 'docker-ssh'
  readonly connection: Connection
  readonly whyUnreachable: (error: unknown) => Unusable
}

/** The Docker Engine of this machine: that of DOCKER_HOST, else that of the default socket. */
export const localTarget = (options: DockerOptions | undefined): DockerTarget => ({
  id: BackendId.parse('docker:local'),
  title: 'Docker on this machine',
  kind: 'docker',
  connection: createConnection(options),
  whyUnreachable,
})

export interface Unusable {
  readonly cause: string
  readonly fix: string
  readonly command: string | null
}

/** Why the daemon of this machine cannot be reached, and what mends it. */
export const whyUnreachable = (error: unknown): Unusable => {
  switch (systemCode(error)) {
    case 'ENOENT':
      return {
        cause: 'Docker is not there: its socket does not exist.',
        fix: 'Install Docker Engine, or start it when it is installed, then look again.',
        command: START_DOCKER,
      }
    case 'ECONNREFUSED':
      return {
        cause: 'Docker is installed but its daemon does not answer.',
        fix: 'Start the Docker daemon, then look again.',
        command: START_DOCKER,
      }
    case 'EACCES':
    case 'EPERM':
      return {
        cause: 'This user may not use Docker.',
        fix: 'Add your user to the docker group, log out and in again.',
        command: 'sudo usermod -aG docker "$USER"',
      }
    default:
      return {
        cause: `Docker does not answer: ${daemonWords(error)}`,
        fix: 'Check that the Docker daemon runs and that DOCKER_HOST, when set, is right.',
        command: 'docker info',
      }
  }
}

const START_DOCKER = process.platform === 'linux' ? 'sudo systemctl start docker || sudo service docker start' : null

export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
