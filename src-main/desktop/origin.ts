/** The one origin of the console's page. */
export const APP_SCHEME = 'app'
export const APP_HOST = 'console'
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/`

export const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined)

/**
 * Is this an address of our own page? Compared by its parts: in Node the origin of a scheme that is not special is
 * the string "null", which equals every other such origin.
 */
export const isAppUrl = (text: string): boolean => {
  const url = parseUrl(text)
  return url !== undefined && url.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === ''
}
