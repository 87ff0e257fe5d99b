/**
 * The desktop's entry. The order matters: what must precede `ready`, then the window, then what the page can ask, and
 * last the engine, once the page stands: its shell is there early, and its questions wait for the answer.
 */
import { app, type BrowserWindow, dialog, session } from 'electron'
import type { Backend } from './desktop/backend'
import { readCommandLine } from './desktop/command-line'
import { createOpenExternal } from './desktop/external-links'
import { quitCleanly, reviveCrashedPage, surviveErrors } from './desktop/lifecycle'
import { createMarks, marksToFile } from './desktop/marks'
import { installMenu } from './desktop/menu'
import { startNotices } from './desktop/notifications'
import { type Paths, preparePaths } from './desktop/paths'
import { registerAppScheme, serveApp } from './desktop/protocol'
import { createDeferredReport, plainReport } from './desktop/report'
import { captureWhenSettled } from './desktop/screenshot'
import { enableSandbox, hardenEveryPage, hardenSession } from './desktop/security'
import { openUiState, type UiStateFile } from './desktop/ui-state'
import { applyTheme, createConsoleWindow, firstSteps, focusWindow, loadConsole, rememberPlace } from './desktop/window'

const marksFile = process.env['SYMBI_MARKS']
const screenshotFile = process.env['SYMBI_SCREENSHOT']
const commandLine = readCommandLine(process.argv)
const devtools = !app.isPackaged || commandLine.devtools

const report = createDeferredReport()
const marks = createMarks({
  startedAtMs: process.getCreationTime() ?? Date.now(),
  nowMs: Date.now,
  ...(marksFile ? { onMark: marksToFile(marksFile) } : {}),
})
let current: BrowserWindow | undefined

const openWindow = (paths: Paths, uiState: UiStateFile): BrowserWindow => {
  const window = createConsoleWindow({ uiState, preloadFile: paths.preloadFile, devtools })
  window.webContents.once('dom-ready', () => marks.mark('dom-ready'))
  window.webContents.once('did-finish-load', () => marks.mark('page-loaded'))
  window.once('ready-to-show', () => marks.mark('shell-painted'))
  window.once('closed', () => {
    current = undefined
  })
  reviveCrashedPage(window, report)
  loadConsole(window, uiState).catch((error: unknown) => report.error({ error }, 'the page could not be loaded'))
  current = window
  return window
}

const loadBackend = async (paths: Paths, uiState: UiStateFile): Promise<Backend> => {
  const { createBackend } = await import('./desktop/backend')
  const backend = createBackend({
    dataDir: paths.dataDir,
    ...(commandLine.configPath === undefined ? {} : { configPath: commandLine.configPath }),
    appVersion: app.getVersion(),
    versions: process.versions,
    platform: process.platform,
    env: process.env,
    resourcesDir: paths.resourcesDir,
    uiSettings: {
      get: () => ({ theme: uiState.get().theme }),
      async set(theme) {
        await uiState.update({ theme })
        if (current !== undefined) applyTheme(current, uiState)
      },
    },
    checkOutput: !app.isPackaged,
  })
  report.attach(backend.log)
  marks.mark('engine-loaded')
  return backend
}

/** Everything after `ready`. */
const run = async (paths: Paths): Promise<void> => {
  marks.mark('app-ready')
  const uiState = openUiState(paths.uiStateFile)
  let canAnswer = (): void => undefined
  const answering = new Promise<void>((resolve) => {
    canAnswer = resolve
  })
  hardenSession(session.defaultSession, report)
  serveApp(session.defaultSession, paths.pageDir, answering)
  installMenu({ platform: process.platform, devtools })
  const { firstPicture, pageHasRun } = firstSteps(openWindow(paths, uiState))
  marks.mark('window-created')

  await firstPicture
  const ipc = await import('./desktop/ipc')
  const backend = pageHasRun.then(() => loadBackend(paths, uiState))
  const caller = ipc.desktopOperator()
  ipc.registerIpc({ dispatcher: backend.then(({ dispatcher }) => dispatcher), caller, report })
  canAnswer()
  marks.mark('ipc-registered')

  app.on('activate', () => {
    if (current === undefined) openWindow(paths, uiState)
  })
  const settled = backend.then(({ start }) => start())
  // An engine that is still starting is awaited, so that it is closed and not cut off.
  const closeEngine = async (): Promise<void> => {
    await settled
    await (await backend).close()
  }
  // An empty change waits for what a closed window has left to write.
  const keepLooks = (): Promise<void> => (current === undefined ? uiState.update({}) : rememberPlace(current, uiState))
  quitCleanly([closeEngine, keepLooks], report)
  ipc.forwardEvents((await backend).events)
  startNotices({ backend: await backend, caller, window: () => current, report })
  await settled
  marks.mark('engine-settled')
  report.info({ sinceStartMs: marks.sinceStartMs() }, 'started')
  if (screenshotFile && current !== undefined) await captureWhenSettled(current, screenshotFile)
}

const begin = (): void => {
  surviveErrors(report)
  let paths: Paths
  try {
    paths = preparePaths({ dataDirFlag: commandLine.dataDir, mainDir: import.meta.dirname })
  } catch (error) {
    dialog.showErrorBox('The data folder cannot be used', error instanceof Error ? error.message : String(error))
    app.exit(1)
    return
  }
  // One console per data folder; the lock lives in it. The first one is told, and comes to the front.
  if (!app.requestSingleInstanceLock()) {
    app.exit(0)
    return
  }
  app.on('second-instance', () => {
    if (current !== undefined) focusWindow(current)
  })
  registerAppScheme()
  enableSandbox(commandLine.noSandbox)
  hardenEveryPage(
    createOpenExternal((address) => report.warn({ length: address.length }, 'address refused')),
    report,
  )
  app
    .whenReady()
    .then(() => run(paths))
    .catch((error: unknown) => {
      report.error({ error }, 'the console could not start')
      report.attach(plainReport((line) => process.stderr.write(line)))
      dialog.showErrorBox('The console could not start', error instanceof Error ? error.message : String(error))
    })
}

marks.mark('main-js')
begin()
