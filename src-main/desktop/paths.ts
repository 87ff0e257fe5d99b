import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { app } from 'electron'
import { resolveDataDir } from '../engine/config/data-dir'

export interface Paths {
  /** Everything the product keeps. */
  readonly dataDir: string
  readonly uiStateFile: string
  /** The built page. */
  readonly pageDir: string
  readonly preloadFile: string
  readonly resourcesDir: string
}

/**
 * Choose the data folder and make it, readable by its owner only. What Chromium keeps (cache, code cache, the lock of
 * the single instance) goes below it, so that two data folders are two independent consoles. Must run before the app
 * is ready.
 *
 * @throws when the folder cannot be made
 */
export const preparePaths = (options: {
  readonly dataDirFlag: string | undefined
  readonly mainDir: string
}): Paths => {
  const dataDir = resolveDataDir({
    flag: options.dataDirFlag,
    env: process.env,
    platform: process.platform,
    homeDir: homedir(),
    workingDir: process.cwd(),
  })
  const desktopDir = join(dataDir, 'desktop')
  mkdirSync(desktopDir, { recursive: true, mode: 0o700 })
  app.setPath('userData', desktopDir)
  return {
    dataDir,
    uiStateFile: join(dataDir, 'ui.json'),
    pageDir: join(options.mainDir, '..', 'renderer'),
    preloadFile: join(options.mainDir, '..', 'preload', 'index.cjs'),
    resourcesDir: join(app.getAppPath(), 'resources'),
  }
}
