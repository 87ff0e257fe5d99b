/** IP addresses: reading every spelling, and what part of the world an address belongs to. */

/** Bytes of an address: 4 or 16. */
export type Address = readonly number[]

/** The words a rule can use in place of a range. `internal` is all of them but `public`. */
export const ADDRESS_CLASSES = [
  'loopback',
  'private',
  'link-local',
  'metadata',
  'unspecified',
  'shared',
  'multicast',
  'reserved',
  'internal',
  'public',
] as const
export type AddressClass = (typeof ADDRESS_CLASSES)[number]

export interface Range {
  readonly address: Address
  readonly bits: number
}

/** As the URL standard reads a host: 127.1, 0x7f.1, 017700000001 and 2130706433 are all 127.0.0.1. Null when it is no host. */
const hostByStandard = (host: string): string | null => {
  try {
    return new URL(`http://${host}/`).hostname
  } catch {
    return null
  }
}

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

const parseV4 = (text: string): Address | null => {
  const found = V4.exec(text)
  if (found === null) return null
  const bytes = found.slice(1, 5).map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : null
}

const parseV6 = (text: string): Address | null => {
  // The standard's own writer leaves hexadecimal groups and at most one "::".
  const plain = hostByStandard(`[${text}]`)?.slice(1, -1)
  if (plain === undefined) return null
  const [head = '', tail] = plain.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [front, back] = [groups(head), tail === undefined ? [] : groups(tail)]
  const all = tail === undefined ? front : [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
  return all.flatMap((group) => [group >> 8, group & 255])
}

/** Read an address as a resolver or a socket writes it, with or without a zone; null when it is none. */
export const parseAddress = (text: string): Address | null => {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  return bare.includes(':') ? parseV6(bare) : parseV4(bare)
}

/** The one way an address is written here: dotted, or as the URL standard shortens it. */
export const writeAddress = (address: Address): string => {
  if (address.length === 4) return address.join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((address[at * 2] ?? 0) << 8) | (address[at * 2 + 1] ?? 0)).toString(16),
  )
  return hostByStandard(`[${groups.join(':')}]`)?.slice(1, -1) ?? groups.join(':')
}

/** @returns null when it is not `address/bits` or a lone address, or when bits beyond the length are set */
export const parseRange = (text: string): Range | null => {
  const [base = '', length, ...more] = text.split('/')
  const address = parseAddress(base)
  if (address === null || more.length > 0) return null
  const most = address.length * 8
  if (length === undefined) return { address, bits: most }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : -1
  if (bits < 0 || bits > most) return null
  const clear = address.every((byte, at) => {
    const kept = Math.min(8, Math.max(0, bits - at * 8))
    return (byte & (0xff >> kept)) === 0
  })
  return clear ? { address, bits } : null
}

export const inRange = (address: Address, range: Range): boolean => {
  if (address.length !== range.address.length) return false
  for (let at = 0; at * 8 < range.bits; at += 1) {
    const kept = Math.min(8, range.bits - at * 8)
    const mask = (0xff << (8 - kept)) & 0xff
    if (((address[at] ?? 0) & mask) !== ((range.address[at] ?? 0) & mask)) return false
  }
  return true
}

const ranges = (...texts: readonly string[]): readonly Range[] =>
  texts.flatMap((text) => {
    const range = parseRange(text)
    return range === null ? [] : [range]
  })

/** From IANA's registries of special-purpose addresses; the first that fits names the class. */
const CLASSES: readonly (readonly [Exclude<AddressClass, 'internal' | 'public'>, readonly Range[]])[] = [
  ['unspecified', ranges('0.0.0.0/8', '::/128')],
  ['loopback', ranges('127.0.0.0/8', '::1/128')],
  ['metadata', ranges('169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254', '168.63.129.16')],
  ['link-local', ranges('169.254.0.0/16', 'fe80::/10')],
  ['private', ranges('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10')],
  ['shared', ranges('100.64.0.0/10', '192.0.0.0/24', '198.18.0.0/15')],
  ['multicast', ranges('224.0.0.0/4', 'ff00::/8')],
  ['reserved', ranges('240.0.0.0/4', '100::/64')],
]

export const classOf = (address: Address): AddressClass => {
  for (const [name, members] of CLASSES) if (members.some((range) => inRange(address, range))) return name
  return 'public'
}

const EMBEDDING: readonly { readonly range: Range; readonly at: number; readonly flip: boolean }[] = [
  // IPv4-mapped (RFC 4291 §2.5.5.2), IPv4-compatible (§2.5.5.1), translated (RFC 2765, RFC 6052).
  ...ranges('::ffff:0:0/96', '::/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48').map((range) => ({
    range,
    at: 12,
    flip: false,
  })),
  // 6to4 (RFC 3056).
  ...ranges('2002::/16').map((range) => ({ range, at: 2, flip: false })),
  // Teredo (RFC 4380): the client's address with every bit turned.
  ...ranges('2001::/32').map((range) => ({ range, at: 12, flip: true })),
]

const SMALL_V6 = ranges('::/127')

/** An address and those it carries within it: `::ffff:10.0.0.1` reaches 10.0.0.1, so it counts as both. */
export const addressesWithin = (address: Address): readonly Address[] => {
  if (address.length === 4 || SMALL_V6.some((range) => inRange(address, range))) return [address]
  const inner = EMBEDDING.filter(({ range }) => inRange(address, range)).map(({ at, flip }) =>
    address.slice(at, at + 4).map((byte) => (flip ? byte ^ 0xff : byte)),
  )
  return [address, ...inner]
}

/** Whether an address is in a range or of a class. */
export type AddressTest = (address: Address) => boolean

/** @returns null when the text is neither a class nor a range */
export const parseAddressTest = (text: string): AddressTest | null => {
  if ((ADDRESS_CLASSES as readonly string[]).includes(text))
    return text === 'internal'
      ? (address) => classOf(address) !== 'public'
      : text === 'link-local'
        ? (address) => ['link-local', 'metadata'].includes(classOf(address))
        : (address) => classOf(address) === text
  const range = parseRange(text)
  return range === null ? null : (address) => inRange(address, range)
}

/** Host of a request as the URL standard reads it: lower case, IDN in its ASCII form, no dot at the end. Null: no host. */
export const canonicalHost = (host: string): string | null => {
  // The common case needs no parser: a name in plain letters that cannot be read as a number.
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(host) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(host)) return host
  const address = parseAddress(host)
  if (address !== null) return writeAddress(address)
  if (/[/?#@\\\s\0:]/.test(host)) return null
  const parsed = hostByStandard(host)?.replace(/\.$/, '')
  return parsed === undefined || parsed === '' ? null : parsed
}
