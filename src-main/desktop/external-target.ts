import { parseUrl } from './origin'

/** Longer addresses cannot be shown whole in a question, so they are not asked about. */
const MAX_LENGTH = 2000

/**
 * The normalised address, when it is one that may leave the console: https, or mailto. Everything else can start a
 * program (file, smb, ms-settings, custom schemes) or run code (javascript, data).
 */
export const externalTarget = (address: string): string | undefined => {
  if (address.length > MAX_LENGTH) return undefined
  const url = parseUrl(address)
  if (url === undefined) return undefined
  if (url.protocol === 'mailto:') return url.href
  // A name before the host makes a foreign host look like a known one.
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined
}
