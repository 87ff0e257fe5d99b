import { readFileSync } from 'node:fs'
import type { Theme } from '@contract'
import { writeAtomic } from './write-atomic'

export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** How the console looked last time. */
export interface UiState {
  readonly theme: Theme
  /** Null until the window was moved or sized once. */
  readonly bounds: Bounds | null
  readonly maximized: boolean
}

export const DEFAULT_UI_STATE: UiState = { theme: 'system', bounds: null, maximized: false }

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const readTheme = (value: unknown): Theme =>
  value === 'light' || value === 'dark' || value === 'system' ? value : DEFAULT_UI_STATE.theme

const readBounds = (value: unknown): Bounds | null => {
  if (!isRecord(value)) return null
  const { x, y, width, height } = value
  const numbers = [x, y, width, height].filter((one): one is number => Number.isSafeInteger(one))
  const [left, top, wide, high] = numbers
  if (numbers.length !== 4 || left === undefined || top === undefined || wide === undefined || high === undefined)
    return null
  return { x: left, y: top, width: wide, height: high }
}

/** Whatever is in the file, something usable comes out: looks are no reason not to start. */
export const parseUiState = (text: string): UiState => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return DEFAULT_UI_STATE
  }
  if (!isRecord(value)) return DEFAULT_UI_STATE
  return {
    theme: readTheme(value['theme']),
    bounds: readBounds(value['bounds']),
    maximized: value['maximized'] === true,
  }
}

export interface UiStateFile {
  get(): UiState
  /** Keep the change; resolves when it is on the disk, together with changes that came meanwhile. */
  update(change: Partial<UiState>): Promise<void>
}

/**
 * ui.json in the data folder. Read before anything else, so that the first frame has the right colour: that is why it
 * is a tiny file of its own, checked by hand, and not a table of the database.
 */
export const openUiState = (path: string): UiStateFile => {
  let state = DEFAULT_UI_STATE
  try {
    state = parseUiState(readFileSync(path, 'utf8'))
  } catch {
    // No file yet, or not readable: the defaults serve.
  }
  let writing: Promise<void> = Promise.resolve()
  let queued: Promise<void> | undefined
  return {
    get: () => state,
    update(change) {
      state = { ...state, ...change }
      queued ??= writing
        .catch(() => undefined)
        .then(() => {
          queued = undefined
          writing = writeAtomic(path, `${JSON.stringify(state, null, 2)}\n`)
          return writing
        })
      return queued
    },
  }
}
