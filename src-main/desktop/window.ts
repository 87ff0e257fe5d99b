import { BrowserWindow, nativeTheme, screen } from 'electron'
import { APP_URL } from './origin'
import type { Bounds, UiStateFile } from './ui-state'
import { fitBounds } from './window-bounds'

/** The page's own background in either theme, so that the first frame does not flash. */
const BACKGROUND = { light: '#f4f4f5', dark: '#0e0f11' } as const

const DEFAULT_SIZE = { width: 1280, height: 840 }
const MINIMUM_SIZE = { width: 900, height: 600 }
/** Moving a window fires many events; its place is written when it rests. */
const BOUNDS_REST_MS = 400

/** How long the page may keep the engine waiting. */
const FIRST_PICTURE_PATIENCE_MS = 500
const PAGE_PATIENCE_MS = 2_000

/** The console's window: sandboxed, isolated, without Node, in the place where it was left. Shown when it has painted. */
export const createConsoleWindow = (options: {
  readonly uiState: UiStateFile
  readonly preloadFile: string
  readonly devtools: boolean
}): BrowserWindow => {
  const { bounds, maximized, theme } = options.uiState.get()
  nativeTheme.themeSource = theme
  const areas = screen.getAllDisplays().map((display) => display.workArea)
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...(bounds === null ? {} : fitBounds(bounds, areas, MINIMUM_SIZE)),
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    title: 'Symbi Console',
    show: false,
    autoHideMenuBar: true,
    backgroundColor: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
    webPreferences: {
      preload: options.preloadFile,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: options.devtools,
    },
  })
  window.once('ready-to-show', () => {
    if (maximized) window.maximize()
    window.show()
  })
  keepBounds(window, options.uiState)
  return window
}

/** Load the page. The theme travels in the address, so that its first frame is painted in it. */
export const loadConsole = (window: BrowserWindow, uiState: UiStateFile): Promise<void> =>
  window.loadURL(`${APP_URL}?theme=${uiState.get().theme}`)

/** The first steps of a window: what is loaded on the main thread before them delays them, because main serves the page. */
export const firstSteps = (window: BrowserWindow): { firstPicture: Promise<void>; pageHasRun: Promise<void> } => {
  const atMost = (limitMs: number, hear: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs)
      hear(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  return {
    firstPicture: atMost(FIRST_PICTURE_PATIENCE_MS, (done) => window.once('ready-to-show', done)),
    pageHasRun: atMost(PAGE_PATIENCE_MS, (done) => window.webContents.once('dom-ready', done)),
  }
}

/** Follow a change of the theme outside the page too: title bar, native menus, colour behind the page. */
export const applyTheme = (window: BrowserWindow, uiState: UiStateFile): void => {
  nativeTheme.themeSource = uiState.get().theme
  window.setBackgroundColor(BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'])
}

/** Bring the window to the person: what a second start of the console does instead of opening another one. */
export const focusWindow = (window: BrowserWindow): void => {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

/** Keep where the window stands; resolves when that is on the disk. */
export const rememberPlace = (window: BrowserWindow, uiState: UiStateFile): Promise<void> => {
  const bounds: Bounds = window.getNormalBounds()
  return uiState.update({ bounds, maximized: window.isMaximized() })
}

const keepBounds = (window: BrowserWindow, uiState: UiStateFile): void => {
  let timer: NodeJS.Timeout | undefined
  const save = (): void => {
    clearTimeout(timer)
    // Where the window stood is a convenience: that it could not be kept is no reason to bother anyone.
    if (!window.isDestroyed()) rememberPlace(window, uiState).catch(() => undefined)
  }
  const later = (): void => {
    clearTimeout(timer)
    timer = setTimeout(save, BOUNDS_REST_MS)
  }
  window.on('resize', later)
  window.on('move', later)
  window.on('close', save)
}
