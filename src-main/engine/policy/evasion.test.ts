import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../testing/any-text'
import { createPolicySet } from './decide'
import { rule } from './fixtures/any-rule'
import { canonicalNetworkGlob, parseNetworkName } from './network'
import type { Platform } from './resource-name'
import { type PolicyRequest, RESOURCE_TYPES, type Rule } from './types'

const NOW = Date.UTC(2026, 0, 7, 12)
const agent = { principal: 'agent', agentName: 'ada', securityLevel: 'standard' } as const

const files: readonly Rule[] = [
  rule({ name: 'tmp' }, { resourceTypes: ['File'], resources: ['/tmp/**'] }),
  rule({ name: 'all but etc' }, { resourceTypes: ['File'], resources: ['/**'], operations: ['List'] }),
  rule(
    { name: 'no etc', effect: 'Deny' },
    { resourceTypes: ['File'], resources: ['/etc/**'], operations: ['Read', 'List'] },
  ),
  rule({ name: 'no café', effect: 'Deny' }, { resourceTypes: ['File'], resources: ['/tmp/caf\u00e9/**'] }),
  rule({ name: 'no keys', effect: 'Deny' }, { resourceTypes: ['File'], resources: ['/tmp/Keys/**'] }),
]

const file = (resource: string, facts: Partial<PolicyRequest> & { platform?: Platform } = {}) => {
  const { platform = 'posix', ...rest } = facts
  const asked: PolicyRequest = { ...agent, resourceType: 'File', resource, operation: 'Read', ...rest }
  return createPolicySet({ rules: files, text: '', platform }).decide(asked, NOW).effect
}

describe('ways around a rule for files', () => {
  it.each([
    ['out by dots', '/tmp/../etc/passwd', '/tmp/etc/passwd'],
    ['out by dots further in', '/tmp/a/b/../../../etc/passwd', '/tmp/a/b/etc/passwd'],
    ['a dot as a part', '/tmp/./x', '/tmp/.x'],
    ['a neighbour with the same beginning', '/tmpx', '/tmp/x'],
    ['a neighbour further in', '/tmpx/y', '/tmp/x/y'],
    ['the folder above', '/', '/tmp'],
    ['coded dots', '/tmp/%2e%2e/etc/passwd', '/tmp/100%/x'],
    ['coded dots, one of them', '/tmp/.%2E/etc/passwd', '/tmp/.x%41'],
    ['a coded slash', '/tmp%2fx', '/tmp/x'],
    ['dots and slash coded twice', '/tmp/%252e%252e%252fetc', '/tmp/%25x'],
    ['a coded NUL', '/tmp/x%00.txt', '/tmp/x00.txt'],
    ['a NUL', '/tmp/x\0.txt', '/tmp/x.txt'],
    ['backslashes', '/tmp\\..\\etc', '/tmp/x/etc'],
    ['a lone backslash', '/tmp/a\\b', '/tmp/ab'],
    ['full-width dots', '/tmp/\uff0e\uff0e/etc', '/tmp/\uff0ex'],
    ['a full-width slash', '/tmp/a\uff0fb', '/tmp/a\uff5cb'],
    ['a two-dot leader', '/tmp/\u2025/etc', '/tmp/x\u2025/y'],
    ['a denied name in another normal form', '/tmp/cafe\u0301/menu', '/tmp/cafe/menu'],
    ['half a surrogate pair', '/tmp/\ud800x', '/tmp/\u{1f600}x'],
    ['another case, where cases differ', '/TMP/x', '/tmp/X'],
    ['a denied name', '/tmp/Keys/a', '/tmp/keys/a'],
  ])('%s: %j is denied, %j is allowed', (_what, denied, allowed) => {
    expect([file(denied), file(allowed)]).toEqual(['Deny', 'Allow'])
  })

  it.each([
    ['double slashes', '//etc//passwd', '//tmp//x'],
    ['a slash at the end', '/etc/', '/tmp/x/'],
  ])('%s are read as one: %j is denied, %j is allowed', (_what, denied, allowed) => {
    expect([file(denied, { operation: 'List' }), file(allowed, { operation: 'List' })]).toEqual(['Deny', 'Allow'])
    expect(file(allowed)).toBe('Allow')
  })

  it('follows a link to where it leads: both names must be allowed, and neither denied', () => {
    expect(file('/tmp/link', { realPath: '/etc/passwd' })).toBe('Deny')
    expect(file('/tmp/link', { realPath: '/srv/x' })).toBe('Deny')
    expect(file('/tmp/link', { realPath: '/tmp/../etc' })).toBe('Deny')
    expect(file('/srv/link', { realPath: '/tmp/x' })).toBe('Deny')
    expect(file('/tmp/link', { realPath: '/tmp/x' })).toBe('Allow')
    expect(file('/home/link', { operation: 'List', realPath: '/etc/x' })).toBe('Deny')
    expect(file('/home/link', { operation: 'List', realPath: '/srv/x' })).toBe('Allow')
  })

  it.each(['darwin', 'win32'] as const)('does not tell cases apart on %s', (platform) => {
    expect(file('/tmp/KEYS/a', { platform })).toBe('Deny')
    expect(file('/TMP/x', { platform })).toBe('Allow')
  })

  it.each([
    ['another separator', '\\etc\\passwd', '\\tmp\\x'],
    ['a device name', '\\\\?\\tmp\\x', '\\tmp\\x'],
    ['a dot at the end of a name', '/tmp/x.', '/tmp/x.y'],
    ['a space at the end of a name', '/tmp/x /y', '/tmp/x y'],
    ['another stream of a file', '/tmp/x.txt::$DATA', '/tmp/x.txt$DATA'],
    ['a short name', '/tmp/KEYFIL~1', '/tmp/keyfil~a'],
  ])('%s on Windows: %j is denied, %j is allowed', (_what, denied, allowed) => {
    expect([file(denied, { platform: 'win32' }), file(allowed, { platform: 'win32' })]).toEqual(['Deny', 'Allow'])
  })
})

const network: readonly Rule[] = [
  rule({ name: 'web' }, { resourceTypes: ['Network'], resources: ['**'], operations: ['Connect'] }),
  rule(
    { name: 'no loopback', effect: 'Deny' },
    {
      resourceTypes: ['Network'],
      resources: ['127.0.0.1/**', 'localhost/**', 'm\u00fcnchen.example/**'],
      operations: ['Connect'],
    },
  ),
  rule(
    { name: 'no internal network', effect: 'Deny' },
    {
      resourceTypes: ['Network'],
      addresses: ['private', 'link-local', 'metadata'],
      operations: ['Connect'],
    },
  ),
]
const PUBLIC = ['203.0.113.1']

const connect = (resource: string, addresses: readonly string[] | undefined = PUBLIC, rules = network) =>
  createPolicySet({ rules, text: '' }).decide(
    {
      ...agent,
      resourceType: 'Network',
      resource,
      operation: 'Connect',
      ...(addresses === undefined ? {} : { addresses }),
    },
    NOW,
  )

describe('ways around a rule for connections', () => {
  it.each([
    ['this machine', 'localhost/80'],
    ['with a dot at the end', 'localhost./80'],
    ['in capitals', 'LOCALHOST:80'],
    ['as a URL', 'http://localhost/x'],
    ['behind a user name', 'http://example.org@127.0.0.1/'],
    ['a name below it', 'foo.localhost/80'],
    ['as an address', '127.0.0.1/80'],
    ['as an address with a dot at the end', '127.0.0.1.:80'],
    ['another of its addresses', '127.9.8.7/80'],
    ['shortened', '127.1/80'],
    ['as one number', '2130706433/80'],
    ['as one number in hexadecimal', '0x7f000001/80'],
    ['as one number in octal', '017700000001/80'],
    ['in octal parts', '0177.0.0.01/80'],
    ['in hexadecimal parts', '0x7f.0.0.0x1/80'],
    ['in full-width digits', '\uff11\uff12\uff17.0.0.1:80'],
    ['as no address at all', '0.0.0.0/80'],
    ['as the number 0', 'http://0/'],
    ['in IPv6', '[::1]:80'],
    ['in IPv6, written out', '[0:0:0:0:0:0:0:1]/80'],
    ['in IPv6, bare', '::1/80'],
    ['as no address in IPv6', '[::]:80'],
    ['within IPv6', '[::ffff:127.0.0.1]:80'],
    ['within IPv6, in hexadecimal', '[::ffff:7f00:1]:80'],
    ['within IPv6, the old way', '[::127.0.0.1]:80'],
    ['through NAT64', '[64:ff9b::7f00:1]:80'],
    ['through 6to4', '[2002:7f00:1::]:80'],
    ['a private network', '10.0.0.1/80'],
    ['a private network of 172', '172.31.255.1/80'],
    ['a private network of 192', '192.168.1.1:443'],
    ['a private network as a number', '3232235777/80'],
    ['a private network within IPv6', '[::ffff:c0a8:101]:80'],
    ['through Teredo', '[2001:0:4136:e378:8000:63bf:3f57:fefe]:80'],
    ['a unique local address', '[fd12:3456::1]:80'],
    ['a link-local address', '169.254.1.1/80'],
    ['a link-local address of IPv6', '[fe80::1]:80'],
    ['the metadata service', 'http://169.254.169.254/latest/meta-data'],
    ['the metadata service as a number', '2852039166/80'],
    ['an international name', 'xn--mnchen-3ya.example/443'],
    ['an international name, decomposed', 'mu\u0308nchen.example/443'],
    ['an international name in capitals', 'M\u00dcNCHEN.EXAMPLE:443'],
    ['a coded dot', '127%2e0.0.1/80'],
    ['an ideographic dot', '127\u30020\u30020\u30021/80'],
    ['a NUL', 'example.org\0.localhost/80'],
    ['a backslash', 'http:\\\\127.0.0.1\\x'],
    ['spaces', ' 127.0.0.1/80'],
    ['a zone', '[fe80::1%25eth0]:80'],
    ['too many parts', '1.2.3.4.5/80'],
    ['a port that is none', 'example.org/99999'],
    ['two ports', 'example.org:80/443'],
  ])('%s: %j is denied', (_what, resource) => {
    expect(connect(resource).effect).toBe('Deny')
  })

  it.each([
    'example.org/443',
    'https://example.org/127.0.0.1',
    'http://127.0.0.1.example.org/',
    'localhost.example.org/80',
    '8.8.8.8/53',
    '134744072/53',
    '[2606:4700::1111]:443',
    '[::ffff:8.8.8.8]:53',
    'm\u00fcnster.example/443',
    '128.0.0.1/80',
    '172.32.0.1/80',
    '11.0.0.1/80',
  ])('%j is allowed', (resource) => {
    expect(connect(resource).effect).toBe('Allow')
  })

  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['10.1.2.3'],
    ['::ffff:10.1.2.3'],
    ['169.254.169.254'],
    ['fe80::1%eth0'],
    ['nonsense'],
  ])('a public name that stands for %s is denied, also beside a public address', (address) => {
    expect(connect('rebound.example/80', [address]).effect).toBe('Deny')
    expect(connect('rebound.example/80', [...PUBLIC, address]).effect).toBe('Deny')
    expect(connect('rebound.example/80').effect).toBe('Allow')
  })

  it('a name whose addresses are not known cannot be decided', () => {
    const set = createPolicySet({ rules: network, text: '' })
    const asked = { ...agent, resourceType: 'Network', resource: 'example.org/80', operation: 'Connect' } as const
    expect(set.decide(asked, NOW)).toMatchObject({
      effect: 'Deny',
      rule: null,
      reason: expect.stringContaining('not known'),
    })
    expect(connect('example.org/80', []).effect).toBe('Deny')
  })

  const star = (resources: readonly string[], addresses?: readonly string[]) => [
    rule(
      {},
      {
        resourceTypes: ['Network'],
        resources,
        operations: ['Connect'],
        ...(addresses === undefined ? {} : { addresses }),
      },
    ),
  ]
  it('stars alone never reach an inner network; naming it does', () => {
    for (const glob of ['**', '*/**', '*/80', '?*/80', '*.*/**', '*.*.*.*:80'])
      expect(connect('10.0.0.5/80', [], star([glob])).effect).toBe('Deny')
    for (const glob of ['10.*/**', '10.0.0.5/80', 'http://10.0.0.5/**', '0xa000005:80'])
      expect(connect('10.0.0.5/80', [], star([glob])).effect).toBe('Allow')
    expect(connect('10.0.0.5/80', [], star(['**'], ['10.0.0.0/8'])).effect).toBe('Allow')
    expect(connect('11.0.0.5/80', [], star(['**'], ['10.0.0.0/8'])).effect).toBe('Deny')
    expect(connect('intern.example/80', ['10.0.0.5'], star(['*.example/80'])).effect).toBe('Deny')
    expect(connect('intern.example/80', ['10.0.0.5'], star(['*.example/80', '10.*/**'])).effect).toBe('Allow')
    expect(connect('localhost/80', ['127.0.0.1', '::1'], star(['localhost/80'])).effect).toBe('Allow')
  })

  it.each([
    ['EXAMPLE.org:443', 'example.org/443'],
    ['https://example.org/**', 'example.org/443'],
    ['http://example.org:8080/a/**', 'example.org/8080'],
    ['*.example.org:443', '*.example.org/443'],
    ['example.org./**', 'example.org/**'],
    ['[::1]:443', '::1/443'],
    ['::1/**', '::1/**'],
    ['FD00::*/**', 'fd00::*/**'],
    ['[fd00::*]:443', 'fd00::*/443'],
    ['0x7f.1/**', '127.0.0.1/**'],
    ['[::ffff:10.0.0.1]/80', '::ffff:a00:1/80'],
    ['m\u00fcnchen.example', 'xn--mnchen-3ya.example'],
    ['**', '**'],
    ['*/443', '*/443'],
  ])('the pattern %j is read as %j', (glob, read) => {
    expect(canonicalNetworkGlob(glob)).toBe(read)
  })

  it('takes any text for a name without failing, and reads a name that it wrote as itself', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText({ maxLength: 30 }), fc.webUrl(), fc.ipV4Extended(), fc.ipV6(), fc.domain()),
        fc.constantFrom(...RESOURCE_TYPES),
        fc.constantFrom('posix', 'win32', 'darwin' as const),
        (resource, resourceType, platform) => {
          const set = createPolicySet({ rules: [...network, ...files], text: '', platform })
          const asked = { ...agent, resourceType, resource, operation: 'Connect', addresses: [resource] } as const
          expect(() => set.decide(asked, NOW)).not.toThrow()
          const name = parseNetworkName(resource)?.name ?? 'example.org'
          expect(parseNetworkName(name)?.name).toBe(name)
          expect(canonicalNetworkGlob(name)).toBe(name)
        },
      ),
      { numRuns: 1500 },
    )
  })
})
