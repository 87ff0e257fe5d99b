import type { Agent as HttpAgent } from 'node:http'
import { Agent, type AgentOptions } from 'node:https'
import { BackendId, type RemoteDocker } from '@contract'
import type Docker from 'dockerode'
import type { DockerOptions } from 'dockerode'
import { type Clock, RuntimeError } from '../../core'
import { type DockerTarget, daemonWords, systemCode, type Unusable } from './connection'
import { type HostCapacity, readHostFacts } from './host'
import { createSshLines, HOST_KEY_MISMATCH } from './ssh-lines'

/** How long a call may wait for a connection to be made. */
const CONNECT_LIMIT_MS = 10_000

/** What a host is reached with, by the names of the secrets that hold it. */
export interface RemoteKeys {
  /** Asked each time a connection is set up. */
  read(secret: string): Promise<string>
  /** The connection they were read for is closed. */
  forget(): void
}

export interface RemoteTargetOptions {
  readonly name: string
  readonly remote: RemoteDocker
  readonly keys: RemoteKeys
  readonly clock: Clock
}

/** A Docker Engine on another host. */
export interface RemoteTarget extends DockerTarget {
  /** What the host has in all, as the daemon tells. */
  capacity(): Promise<HostCapacity>
  /** Close all connections and forget the keys; the next call reads them anew. */
  reset(): void
}

/** The client library hands an agent on to Node's HTTP client; its types do not say so. */
type Through = DockerOptions & { readonly agent: HttpAgent }

interface Reached {
  readonly docker: Docker
  close(): void
}

export const remoteBackendId = (name: string): BackendId => BackendId.parse(`docker:${name}`)

/**
 * Docker over mutual TLS or over SSH. The daemon's certificate has to be signed by the CA that was given, and only by it;
 * the SSH host has to show the key that was pinned. Until then nothing is sent.
 */
export const createRemoteTarget = (options: RemoteTargetOptions): RemoteTarget => {
  const { name, remote, keys, clock } = options
  let reaching: Promise<Reached> | undefined

  const reach = async (): Promise<Reached> => {
    const { default: Client } = await import('dockerode')
    switch (remote.protocol) {
      case 'tls': {
        const { host, port } = remote
        const { ca, cert, key } = await readTlsKeys(remote, keys)
        const agent = tlsAgent(
          { ca, cert, key, minVersion: 'TLSv1.2', rejectUnauthorized: true, keepAlive: true },
          clock,
        )
        const through: Through = { protocol: 'https', host, port, agent }
        return { docker: new Client(through), close: () => agent.destroy() }
      }
      case 'ssh': {
        const privateKey = await keys.read(remote.keySecret)
        const lines = createSshLines({ ...remote, privateKey }, clock)
        // The host of the HTTP request is whatever the channel leads to.
        const through: Through = { protocol: 'http', host: 'docker', port: 80, agent: lines.agent }
        return { docker: new Client(through), close: () => lines.close() }
      }
    }
  }

  const reached = (): Promise<Reached> => {
    const mine = reaching ?? reach()
    reaching = mine
    mine.catch(() => {
      if (reaching === mine) reaching = undefined
    })
    return mine
  }

  const connection = async (): Promise<Docker> => (await reached()).docker

  return {
    id: remoteBackendId(name),
    title: `Docker on ${name}`,
    kind: remote.protocol === 'tls' ? 'docker-tls' : 'docker-ssh',
    connection,
    whyUnreachable: (error) => whyRemoteUnreachable(error, remote),
    async capacity() {
      const { capacity } = await readHostFacts(await connection())
      if (capacity.memoryBytes === 0 || capacity.cpuCores === 0)
        throw new RuntimeError('SANDBOX_001', `Docker on ${name} does not tell what its host has.`)
      return capacity
    },
    reset() {
      const former = reaching
      reaching = undefined
      keys.forget()
      former?.then(
        ({ close }) => close(),
        () => undefined,
      )
    },
  }
}

/** Connections that are not there in time are given up: the system itself would try for minutes. */
const tlsAgent = (options: AgentOptions, clock: Clock): Agent => {
  const agent = new Agent(options)
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (to, callback) => {
    const socket = connect(to, callback)
    if (socket === null || socket === undefined) return socket
    const late = (): void => {
      socket.destroy(Object.assign(new Error('the connection was not made in time'), { code: 'ETIMEDOUT' }))
    }
    const cancel = clock.after(CONNECT_LIMIT_MS, late)
    socket.once('secureConnect', cancel)
    socket.once('close', cancel)
    return socket
  }
  return agent
}

const readTlsKeys = async (
  { caSecret, certSecret, keySecret }: Extract<RemoteDocker, { protocol: 'tls' }>,
  keys: RemoteKeys,
) => {
  const [ca, cert, key] = await Promise.all([keys.read(caSecret), keys.read(certSecret), keys.read(keySecret)])
  return { ca, cert, key }
}

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Why the daemon of another host cannot be reached, and what mends it. */
const whyRemoteUnreachable = (error: unknown, { host, port, protocol }: RemoteDocker): Unusable => {
  const at = `${host}:${port}`
  const code = systemCode(error) ?? ''
  const because = (cause: string, fix: string): Unusable => ({ cause, fix, command: null })
  if (code === HOST_KEY_MISMATCH)
    return because(
      `${at} is not the host that was expected, so nothing was sent to it: ${daemonWords(error)}.`,
      'Find out why its key changed. When it is right, remove the back-end and add it with the new key.',
    )
  if (UNTRUSTED.has(code))
    return because(
      `The certificate of ${at} is not to be trusted, so nothing was sent to it: ${daemonWords(error)}.`,
      'Check that the CA is the one that signed the certificate of this host, and that the host name is in it.',
    )
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return because(`The name ${host} is not known.`, 'Check the name of the host and the network.')
  if (code === 'ECONNREFUSED' || code === 'ETIMEDOUT' || code === 'EHOSTUNREACH')
    return because(`Nobody answers at ${at}.`, 'Check that the host is up and that the port is open.')
  if (protocol === 'ssh' && isRefusedLogin(error))
    return because(
      `${host} does not let this user in with this key.`,
      'Put the public key into authorized_keys of the user there, or name another secret.',
    )
  return because(
    `Docker at ${at} does not answer: ${daemonWords(error)}`,
    protocol === 'ssh'
      ? 'Check that the user there may run "docker system dial-stdio".'
      : 'Check that the daemon there listens with TLS and accepts this client certificate.',
  )
}

const isRefusedLogin = (error: unknown): boolean =>
  error instanceof Error && 'level' in error && error.level === 'client-authentication'
