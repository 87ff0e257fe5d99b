import type { BrowserWindow } from 'electron'
import { writeAtomic } from './write-atomic'

const GIVE_UP_MS = 5_000
const POLL_MS = 100

/** True once the page has replaced its static shell and no part of it holds a place for what still loads. */
const IS_SETTLED = `document.querySelector('#root')?.childElementCount > 0 &&
  !document.querySelector('.boot, .skeleton, [aria-busy="true"]')`

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Write a picture of the window, as PNG, once the page has its data; after five seconds in any case. */
export const captureWhenSettled = async (window: BrowserWindow, path: string): Promise<void> => {
  const deadline = Date.now() + GIVE_UP_MS
  let settledFor = 0
  // Twice in a row, so that the moment between two loads is not taken for the end.
  while (Date.now() < deadline && settledFor < 2) {
    await pause(POLL_MS)
    if (window.isDestroyed()) return
    const settled: unknown = await window.webContents.executeJavaScript(IS_SETTLED).catch(() => false)
    settledFor = settled === true ? settledFor + 1 : 0
  }
  const image = await window.webContents.capturePage()
  await writeAtomic(path, image.toPNG())
}
