import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy, resolveAsset, respond } from './page-files'

let base = ''
let root = ''

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'page-files-'))
  root = join(base, 'page')
  await mkdir(join(root, 'assets'), { recursive: true })
  await mkdir(join(base, 'page-secrets'))
  await writeFile(join(root, 'index.html'), '<meta nonce="__CSP_NONCE__" content="__CSP_NONCE__">')
  await writeFile(join(root, 'assets', 'index.js'), 'run()')
  await writeFile(join(root, 'assets', 'a b.css'), 'p{}')
  await writeFile(join(root, 'notes.txt'), 'not for the page')
  await writeFile(join(base, 'outside.js'), 'outside()')
  await writeFile(join(base, 'page-secrets', 'beside.js'), 'beside()')
  await symlink(join(base, 'outside.js'), join(root, 'assets', 'link.js'))
  await symlink(base, join(root, 'assets', 'up'))
  await symlink(join(root, 'assets', 'index.js'), join(root, 'assets', 'inside.js'))
})
afterAll(() => rm(base, { recursive: true }))

const get = (address: string, method = 'GET'): Promise<Response> => respond(root, { url: address, method })

describe('the page files', () => {
  it.each([
    ['app://console/', 'text/html; charset=utf-8'],
    ['app://console/?theme=dark#/agents', 'text/html; charset=utf-8'],
    ['app://console/index.html', 'text/html; charset=utf-8'],
    ['app://console/assets/index.js', 'text/javascript; charset=utf-8'],
    ['app://console/assets/a%20b.css', 'text/css; charset=utf-8'],
    ['app://console/assets/inside.js', 'text/javascript; charset=utf-8'],
  ])('are served: %s', async (address, contentType) => {
    const response = await get(address)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(contentType)
  })

  it.each([
    'app://console/../outside.js',
    'app://console/..%2foutside.js',
    'app://console/..%2Foutside.js',
    'app://console/assets/..%2f..%2foutside.js',
    'app://console/..%5coutside.js',
    'app://console/%2e%2e/outside.js',
    'app://console/%252e%252e%252foutside.js',
    'app://console/..%2fpage-secrets/beside.js',
    'app://console/..%2f..%2f..%2fetc/passwd',
    'app://console/etc/passwd',
    'app://console/assets/link.js',
    'app://console/assets/up/outside.js',
    'app://console/assets/index.js%00.css',
    'app://console/%E0%A4%A.js',
    'app://console/notes.txt',
    'app://console/assets',
    'app://console/assets/',
    'app://console/missing.js',
    'app://other/index.html',
    'file:///etc/passwd',
    'not an address',
  ])('are not served: %s', async (address) => {
    expect(await resolveAsset(root, address)).toBeUndefined()
    const response = await get(address)
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('Not found')
  })

  it('are read, never written', async () => {
    expect((await get('app://console/', 'POST')).status).toBe(405)
    const head = await get('app://console/', 'HEAD')
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('carry a fresh nonce in the document and in its policy, each time', async () => {
    const nonces = new Set<string>()
    for (let n = 0; n < 5; n += 1) {
      const response = await get('app://console/')
      const nonce = /'nonce-([^']+)'/.exec(response.headers.get('content-security-policy') ?? '')?.[1] ?? 'none'
      expect(await response.text()).toBe(`<meta nonce="${nonce}" content="${nonce}">`)
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(5)
  })

  it.each(['app://console/', 'app://console/assets/index.js', 'app://console/missing.js'])(
    'carry the protective headers: %s',
    async (address) => {
      const { headers } = await get(address)
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      })
    },
  )

  it('allow neither inline code nor evaluation', () => {
    const policy = contentSecurityPolicy('abc')
    expect(policy).not.toMatch(/unsafe-|\*|https?:/)
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
  })
})
