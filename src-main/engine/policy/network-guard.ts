import { RuntimeError } from '../core'
import { parseAddress, writeAddress } from './address'
import { parseNetworkName } from './network'
import type { Decision, PolicyRequest } from './types'

export interface NetworkGuardPorts {
  /** All addresses of a host, IPv4 and IPv6. */
  readonly resolve: (host: string) => Promise<readonly string[]>
  readonly decide: (request: PolicyRequest) => Decision
}

/** A connection as it was decided. */
export interface CheckedConnection {
  readonly request: PolicyRequest
  readonly decision: Decision
  readonly host: string
  readonly port: number | null
  /** Connect to one of these and to nothing else: the name may stand for another address a moment later. */
  readonly addresses: readonly string[]
}

/** Who asks; everything about the connection is filled in here. */
export type NetworkAsker = Omit<PolicyRequest, 'resourceType' | 'resource' | 'operation' | 'addresses'>

/** Decides on connections: the host is resolved once, and what was decided on is what is connected to. */
export interface NetworkGuard {
  /** @throws SEC_001 when the target is no host and port, or its host cannot be resolved */
  check(asker: NetworkAsker, target: string): Promise<CheckedConnection>
  /**
   * A server sent the caller elsewhere: the new target is a new connection and is decided like one.
   * @param location as the server gave it, absolute or relative to `from`
   * @throws SEC_001 as `check`, and when it leaves HTTP or goes from HTTPS to HTTP
   */
  redirected(asker: NetworkAsker, from: string, location: string): Promise<CheckedConnection & { readonly url: string }>
}

const refuse = (message: string, cause?: unknown): RuntimeError => new RuntimeError('SEC_001', message, { cause })

export const createNetworkGuard = ({ resolve, decide }: NetworkGuardPorts): NetworkGuard => {
  const addressesOf = async (host: string): Promise<readonly string[]> => {
    if (parseAddress(host) !== null) return [host]
    const found = await resolve(host).catch((error: unknown) => {
      throw refuse('The host cannot be resolved.', error)
    })
    const addresses = found.map(parseAddress)
    const known = addresses.flatMap((address) => (address === null ? [] : [writeAddress(address)]))
    if (known.length === 0 || known.length < addresses.length) throw refuse('The host has no address that can be read.')
    return known
  }

  const check: NetworkGuard['check'] = async (asker, target) => {
    const name = parseNetworkName(target)
    if (name === null) throw refuse('The target is no host and port that can be understood.')
    const addresses = await addressesOf(name.host)
    const request: PolicyRequest = {
      ...asker,
      resourceType: 'Network',
      resource: target,
      operation: 'Connect',
      addresses,
    }
    return { request, decision: decide(request), host: name.host, port: name.port, addresses }
  }

  return {
    check,
    async redirected(asker, from, location) {
      const before = new URL(from)
      let next: URL
      try {
        next = new URL(location, before)
      } catch (error) {
        throw refuse('The redirect leads nowhere that can be understood.', error)
      }
      if (next.protocol !== 'https:' && next.protocol !== 'http:') throw refuse('The redirect leaves HTTP.')
      if (before.protocol === 'https:' && next.protocol === 'http:') throw refuse('The redirect gives up encryption.')
      return { ...(await check(asker, next.href)), url: next.href }
    },
  }
}
