/** Where things are: the repository, the cache outside it, Node 24 from node_modules, npm. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * Folder for what is fetched or built once for a machine: outside the repository and node_modules, so that a new
 * clone or `npm ci` does not pay for it again.
 * @param {{ env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform, home?: string }} [on]
 */
export function cacheDir({ env = process.env, platform = process.platform, home = homedir() } = {}) {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'symbi-console')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'symbi-console')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'symbi-console', 'Cache')
  return join(home, '.cache', 'symbi-console')
}

/** The Node 24 that the `node` package brings; every tool of the project runs on it. */
export function nodePath() {
  return process.platform === 'win32'
    ? join(root, 'node_modules', 'node', 'bin', 'node.exe')
    : join(root, 'node_modules', '.bin', 'node')
}

/**
 * How to call npm without a shell: the npm that started this script, else the one beside Node, else from PATH.
 * @returns {{ command: string, args: string[] }}
 */
export function npmCommand(env = process.env) {
  const started = env.npm_execpath
  if (started?.endsWith('npm-cli.js') && existsSync(started)) return { command: process.execPath, args: [started] }
  const besides = [
    join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  const beside = besides.find((path) => existsSync(path))
  if (beside) return { command: process.execPath, args: [beside] }
  return { command: 'npm', args: [] }
}

/** The node-gyp inside npm, or null when npm is not laid out in the usual way. */
export function nodeGypPath(env = process.env) {
  if (env.npm_config_node_gyp && existsSync(env.npm_config_node_gyp)) return env.npm_config_node_gyp
  const [cli] = npmCommand(env).args
  if (!cli) return null
  const inside = join(dirname(cli), '..', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js')
  return existsSync(inside) ? inside : null
}
