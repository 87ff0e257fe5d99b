import { app, BrowserWindow, type Session, type WebContents } from 'electron'
import type { OpenExternal } from './external-links'
import { isAppUrl, parseUrl } from './origin'
import type { Report } from './report'

/** What the page may ask the system for: writing plain text to the clipboard. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

/** Where a request may go: our own files, and the developer tools' own pages. */
const isAllowedRequest = (address: string): boolean => isAppUrl(address) || parseUrl(address)?.protocol === 'devtools:'

/** Chromium's sandbox for every process. As root on Linux it cannot work, so there it is asked for not at all. */
export const enableSandbox = (noSandbox: boolean): void => {
  if (!noSandbox) app.enableSandbox()
}

/** No permission but the listed one, no device, no request to anywhere. */
export const hardenSession = (session: Session, report: Report): void => {
  const allowed = (permission: string, asking: string | undefined): boolean =>
    ALLOWED_PERMISSIONS.has(permission) && asking !== undefined && isAppUrl(asking)
  session.setPermissionRequestHandler((contents, permission, answer, details) => {
    const granted = allowed(permission, details.requestingUrl) && !contents.isDestroyed()
    if (!granted) report.warn({ permission }, 'permission refused')
    answer(granted)
  })
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) => allowed(permission, requestingOrigin))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}))
  session.setSpellCheckerEnabled(false)
  session.webRequest.onBeforeRequest((details, answer) => {
    const cancel = !isAllowedRequest(details.url)
    if (cancel) report.warn({ scheme: parseUrl(details.url)?.protocol ?? 'none' }, 'request refused')
    answer({ cancel })
  })
  session.on('will-download', (event) => {
    event.preventDefault()
    report.warn({}, 'download refused')
  })
}

const hardenContents = (contents: WebContents, openExternal: OpenExternal, report: Report): void => {
  const refuse = (event: { preventDefault(): void; url: string }): void => {
    event.preventDefault()
    report.warn({ scheme: parseUrl(event.url)?.protocol ?? 'none' }, 'navigation refused')
  }
  // The page may reload itself, and go nowhere else. This event comes first; a frame inside the page may go nowhere.
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isAppUrl(event.url)) refuse(event)
  })
  contents.on('will-navigate', (event) => {
    if (!isAppUrl(event.url)) refuse(event)
  })
  contents.on('will-redirect', (event) => {
    if (!isAppUrl(event.url)) refuse(event)
  })
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
    report.warn({}, 'webview refused')
  })
  contents.setWindowOpenHandler(({ url }) => {
    openExternal(url, BrowserWindow.fromWebContents(contents)).catch((error: unknown) =>
      report.error({ error }, 'address could not be opened'),
    )
    return { action: 'deny' }
  })
}

/** Every page that this process ever makes is held to the same rules, whoever makes it. */
export const hardenEveryPage = (openExternal: OpenExternal, report: Report): void => {
  app.on('web-contents-created', (_event, contents) => hardenContents(contents, openExternal, report))
}
