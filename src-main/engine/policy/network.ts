import {
  type Address,
  type AddressClass,
  addressesWithin,
  canonicalHost,
  classOf,
  parseAddress,
  writeAddress,
} from './address'

/** Where a connection goes, in the one way this is written: `host/port`, or `host` when no port is known. */
export interface NetworkName {
  readonly host: string
  readonly port: number | null
  readonly name: string
}

const PORTS: Readonly<Record<string, number>> = {
  http: 80,
  ws: 80,
  https: 443,
  wss: 443,
  ftp: 21,
  ssh: 22,
  postgres: 5432,
}

/**
 * Read `scheme://user@host:port/path`, `host:port`, `host/port`, `[v6]:port` or `host`, whatever its spelling.
 * What follows the port is no part of where a connection goes.
 *
 * @returns null when it cannot be understood, which is a refusal
 */
export const parseNetworkName = (resource: string): NetworkName | null => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(resource)
  const beyond = resource.slice(scheme?.[0].length ?? 0)
  const end = beyond.search(/[/?#\\]/)
  const authority = (end === -1 ? beyond : beyond.slice(0, end)).replace(/^.*@/, '')
  const rest = scheme === null && end !== -1 ? beyond.slice(end) : ''
  const split = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority)
  // A bare IPv6 address holds colons of its own.
  const hostText = split === null ? authority : (split[1] ?? '')
  const host = canonicalHost(hostText)
  if (host === null || (split === null && !host.includes(':'))) return null

  const afterSlash = /^\/(\d{1,5})(?:\/.*)?$/.exec(rest)?.[1]
  if (rest !== '' && rest !== '/' && afterSlash === undefined) return null
  const portText = split?.[2] ?? ''
  if (portText !== '' && afterSlash !== undefined) return null
  const port =
    portText !== ''
      ? Number(portText)
      : afterSlash !== undefined
        ? Number(afterSlash)
        : (PORTS[(scheme?.[1] ?? '').toLowerCase()] ?? null)
  if (port !== null && port > 65_535) return null
  return { host, port, name: port === null ? host : `${host}/${port}` }
}

/** Every name under which a connection is known to the rules. */
export interface NetworkTarget {
  /** As it was asked for. */
  readonly name: string
  /** For each address: its own name and those of the addresses within it, and `localhost` for this machine. */
  readonly byAddress: readonly { readonly names: readonly string[]; readonly internal: boolean }[]
  readonly addresses: readonly Address[]
}

const aliasesOf = (address: Address, kind: AddressClass): readonly string[] => {
  const own = writeAddress(address)
  // A connection to 0.0.0.0 or :: reaches this machine, and so does all of 127.0.0.0/8.
  return kind === 'loopback' || kind === 'unspecified' ? [own, '127.0.0.1', '::1', 'localhost'] : [own]
}

const isLocalName = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost')

/**
 * The names of a connection once its host was resolved.
 *
 * @param resolved what the host stands for right now; not needed when it is an address itself
 * @returns null when the host cannot be understood; `unresolved` when it is a name and its addresses are not known
 */
export const networkTarget = (
  resource: string,
  resolved: readonly string[] | undefined,
): NetworkTarget | 'unresolved' | null => {
  const asked = parseNetworkName(resource)
  if (asked === null) return null
  const literal = parseAddress(asked.host)
  const known = literal !== null ? [literal] : (resolved ?? []).map(parseAddress)
  // RFC 6761 §6.3: these names are this machine, whatever a resolver says.
  if (isLocalName(asked.host)) known.push([127, 0, 0, 1])
  if (known.length === 0) return 'unresolved'
  const byAddress: { names: string[]; internal: boolean }[] = []
  const addresses: Address[] = []
  for (const address of known) {
    if (address === null) return null
    for (const within of addressesWithin(address)) {
      addresses.push(within)
      const kind = classOf(within)
      const names = aliasesOf(within, kind).map((host) => (asked.port === null ? host : `${host}/${asked.port}`))
      byAddress.push({ names, internal: kind !== 'public' })
    }
  }
  return { name: asked.name, byAddress, addresses }
}

/**
 * Write a pattern for a connection the way names are written: a rule for `LOCALHOST:80` speaks of `localhost/80`, one for
 * `https://example.org/**` of `example.org/443`.
 */
export const canonicalNetworkGlob = (glob: string): string => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(glob)
  const bare = glob.slice(scheme?.[0].length ?? 0)
  const slash = bare.indexOf('/')
  const authority = slash === -1 ? bare : bare.slice(0, slash)
  const path = slash === -1 ? '' : bare.slice(slash)
  // One colon parts host and port; an IPv6 address without brackets holds more.
  const split = /^(\[[^\]]*\]|[^:]*):([^:]*)$/.exec(authority)
  const hostText = split?.[1] ?? authority
  const wild = /[*?]/.test(hostText)
  const host = wild ? hostText.toLowerCase().replace(/^\[|\]$|\.$/g, '') : (canonicalHost(hostText) ?? hostText)
  const port = split?.[2] ?? (scheme === null ? undefined : PORTS[(scheme[1] ?? '').toLowerCase()])
  // What stands behind the port is no part of a name: `host:443/**` would never fit.
  return port === undefined ? `${host}${path}` : `${host}/${port}`
}
