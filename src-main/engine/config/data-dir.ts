import { posix, win32 } from 'node:path'

export interface DataDirFacts {
  /** What `--data-dir` says, when it was given. */
  readonly flag: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly homeDir: string
  /** What a relative path is relative to. */
  readonly workingDir: string
}

/**
 * The folder that holds everything the product keeps: database, secrets, logs, settings.
 *
 * The flag wins over `SYMBI_DATA_DIR`, which wins over the platform's place for a program's data: XDG_DATA_HOME (XDG
 * Base Directory 0.8; a relative value there is ignored, as it says), Library/Application Support, or %APPDATA%.
 * Console and command line share it, so both find the same agents.
 */
export const resolveDataDir = (facts: DataDirFacts): string => {
  const path = facts.platform === 'win32' ? win32 : posix
  const chosen = [facts.flag, facts.env['SYMBI_DATA_DIR']].find((value) => value !== undefined && value !== '')
  if (chosen !== undefined) return path.resolve(facts.workingDir, chosen)
  if (facts.platform === 'darwin') return path.join(facts.homeDir, 'Library', 'Application Support', 'Symbi Console')
  if (facts.platform === 'win32') {
    const roaming = facts.env['APPDATA']
    return path.join(roaming ? roaming : path.join(facts.homeDir, 'AppData', 'Roaming'), 'Symbi Console')
  }
  const xdg = facts.env['XDG_DATA_HOME']
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(facts.homeDir, '.local', 'share')
  return path.join(base, 'symbi-console')
}
