import { randomBytes } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { isAppUrl, parseUrl } from './origin'

/** What the page's files may be. Anything else is not served, so that a stray file in the folder stays inside. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/** index.html carries this word where the nonce of its response belongs. */
const NONCE_PLACEHOLDER = '__CSP_NONCE__'

export interface Asset {
  readonly path: string
  readonly contentType: string
}

/**
 * The file behind an address, or undefined when there is none to serve. An escaped slash, backslash or NUL is refused
 * rather than decoded; symbolic links are followed and must end inside `root`.
 */
export const resolveAsset = async (root: string, address: string): Promise<Asset | undefined> => {
  const url = parseUrl(address)
  if (url === undefined || !isAppUrl(address)) return undefined
  if (/%2f|%5c|%00|\\/i.test(url.pathname)) return undefined
  let name: string
  try {
    name = decodeURIComponent(url.pathname)
  } catch {
    return undefined
  }
  if (name.includes('\0') || name.split('/').includes('..')) return undefined
  const wanted = name === '/' ? '/index.html' : name
  const contentType = CONTENT_TYPES[extname(wanted).toLowerCase()]
  if (contentType === undefined) return undefined
  try {
    const [realRoot, real] = await Promise.all([realpath(root), realpath(join(root, wanted))])
    return real.startsWith(realRoot + sep) ? { path: real, contentType } : undefined
  } catch {
    return undefined
  }
}

/** Everything is forbidden but our own files; styles that the editor writes at run time carry the nonce. */
export const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')

const headersFor = (contentType: string, nonce: string): Record<string, string> => ({
  'content-type': contentType,
  'content-security-policy': contentSecurityPolicy(nonce),
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
})

/** The answer to one request of the page: a file of `root`, or 404 without a word about why. */
export const respond = async (root: string, request: { url: string; method: string }): Promise<Response> => {
  const nonce = randomBytes(16).toString('base64')
  const plain = headersFor('text/plain; charset=utf-8', nonce)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response('Method not allowed', { status: 405, headers: { ...plain, allow: 'GET, HEAD' } })
  const asset = await resolveAsset(root, request.url)
  const content = asset === undefined ? undefined : await readFile(asset.path).catch(() => undefined)
  if (asset === undefined || content === undefined) return new Response('Not found', { status: 404, headers: plain })
  const headers = headersFor(asset.contentType, nonce)
  if (request.method === 'HEAD') return new Response(null, { headers })
  if (!asset.contentType.startsWith('text/html')) return new Response(new Uint8Array(content), { headers })
  // A document is never reused, because its nonce must not be.
  const document = content.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce)
  return new Response(document, { headers: { ...headers, 'cache-control': 'no-store' } })
}
