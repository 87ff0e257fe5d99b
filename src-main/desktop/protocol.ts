import { protocol, type Session } from 'electron'
import { APP_SCHEME } from './origin'
import { respond } from './page-files'

/** Make `app:` a scheme like https in the eyes of the page. Must run before the app is ready. */
export const registerAppScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])

/** The scripts that talk to main; the small one that sets the theme before the first frame is not among them. */
const isBundledScript = (address: string): boolean => /^[^?#]*\/assets\/[^?#]*\.js(?:[?#]|$)/.test(address)

/**
 * Serve the built page, and only it, under app://console/. The document and its styles are served at once, so that the
 * first frame is there early; its bundled scripts wait until somebody can answer them.
 */
export const serveApp = (session: Session, root: string, canAnswer: Promise<void>): void =>
  session.protocol.handle(APP_SCHEME, async (request) => {
    if (isBundledScript(request.url)) await canAnswer
    return respond(root, request)
  })
