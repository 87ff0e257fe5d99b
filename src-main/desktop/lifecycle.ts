import { app, type BrowserWindow } from 'electron'
import { createCrashLimit } from './crash-limit'
import type { Report } from './report'

/** How long the engine may take to put everything down before the process ends anyway. */
const CLOSE_TIMEOUT_MS = 3_000

/**
 * End in order: the first wish to quit closes the engine and what else is open, then the process ends, at the latest
 * after three seconds. What the engine has acknowledged is on the disk by then in any case.
 */
export const quitCleanly = (closes: readonly (() => Promise<void>)[], report: Report): void => {
  let closing = false
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (closing) return
    closing = true
    const timeout = new Promise<void>((resolve) => {
      setTimeout(() => {
        report.warn({ timeoutMs: CLOSE_TIMEOUT_MS }, 'closing took too long')
        resolve()
      }, CLOSE_TIMEOUT_MS)
    })
    const closed = closes.map((close) =>
      close().catch((error: unknown) => report.error({ error }, 'something did not close cleanly')),
    )
    void Promise.race([Promise.all(closed), timeout]).then(() => app.exit(0))
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  // Asked from outside: a terminal's Ctrl+C, a service's stop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
}

/** One mistake must not take the console down: it is written down and the rest goes on. */
export const surviveErrors = (report: Report): void => {
  process.on('unhandledRejection', (error) => report.error({ error }, 'unhandled rejection'))
  process.on('uncaughtException', (error) => report.error({ error, stack: error.stack }, 'uncaught exception'))
}

/** A page that died comes back by itself, unless it dies again and again. */
export const reviveCrashedPage = (window: BrowserWindow, report: Report): void => {
  const limit = createCrashLimit({ most: 3, withinMs: 60_000 })
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    const again = limit.allow(Date.now())
    report.error({ reason, exitCode, again }, 'the page ended unexpectedly')
    if (again) window.webContents.reload()
  })
  window.on('unresponsive', () => report.warn({}, 'the page does not respond'))
}
