/** What a program needs in its environment to use the Electron and the SQLite binding that set-up prepared. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findElectron, needsCompiledSqlite } from './electron-runtime.mjs'
import { root } from './paths.mjs'
import { compiledBinding } from './sqlite-binding.mjs'

/**
 * Variables to add to a program's environment. With the official Electron only PATH changes; another one is named to
 * Electron's own package (ELECTRON_OVERRIDE_DIST_PATH), to electron-vite (ELECTRON_EXEC_PATH) and to the store
 * (SYMBI_SQLITE_BINDING).
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Record<string, string>}
 */
export function runtimeEnv(env = process.env) {
  return envFor({ runtime: findElectron(env), binding: compiledBinding(), path: env.PATH ?? env.Path ?? '' })
}

/**
 * The pure part of {@link runtimeEnv}.
 * @param {{ runtime: import('./electron-runtime.mjs').ElectronRuntime | null, binding: string, path: string }} found
 */
export function envFor({ runtime, binding, path }) {
  const bin = join(root, 'node_modules', '.bin')
  const folders = path.split(delimiter).filter((folder) => folder !== bin)
  const additions = { PATH: [bin, ...folders].join(delimiter) }
  if (!runtime || runtime.kind === 'official') return additions
  return {
    ...additions,
    ELECTRON_OVERRIDE_DIST_PATH: runtime.dist,
    ELECTRON_EXEC_PATH: runtime.exec,
    ...(needsCompiledSqlite(runtime) && existsSync(binding) ? { SYMBI_SQLITE_BINDING: binding } : {}),
  }
}

/**
 * The Electron executable to start.
 * @throws {Error} when set-up has not prepared one
 */
export function electronPath(env = process.env) {
  const runtime = findElectron(env)
  if (!runtime) throw new Error('There is no Electron yet. Run: npm run setup')
  return runtime.exec
}
