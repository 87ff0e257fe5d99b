/**
 * The SQLite binding. The prebuilt one of better-sqlite3 needs Node-API 10 (Node 22, Electron 37). For the older
 * stand-in the same sources are compiled once against what it has, and the store is told by SYMBI_SQLITE_BINDING.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheDir, nodeGypPath, nodePath, npmCommand, root } from './paths.mjs'
import { stepError, tail } from './report.mjs'
import { run } from './run.mjs'

const packageFolder = join(root, 'node_modules', 'better-sqlite3')

/** Where the compiled binding is or will be: one for each version, since a new version has other sources. */
export function compiledBinding() {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  const key = `better-sqlite3-${version}-napi9-${process.platform}-${process.arch}`
  return join(cacheDir(), 'sqlite', key, 'better_sqlite3.node')
}

/**
 * Set-up step: SQLite.
 * @param {(text: string) => void} progress
 * @param {boolean} old does the Electron that runs lack what the prebuilt binding needs?
 */
export async function prepareSqlite(progress, old) {
  if (!old) return { status: 'ok', text: 'the prebuilt binding serves this Electron' }
  const file = compiledBinding()
  if (!existsSync(file)) {
    progress('compiling it for this older Electron (about a minute, once)')
    await compile(file)
  }
  return { status: 'ok', text: 'compiled for this older Electron' }
}

async function compile(file) {
  const target = dirname(file)
  await mkdir(dirname(target), { recursive: true })
  const temp = await mkdtemp(join(dirname(target), '.compile-'))
  const logFile = join(cacheDir(), 'logs', 'sqlite-compile.log')
  try {
    const source = join(temp, 'better-sqlite3')
    await cp(packageFolder, source, { recursive: true, filter: (path) => !path.endsWith('prebuilds') })
    await cp(join(root, 'node_modules', 'node-addon-api'), join(temp, 'node_modules', 'node-addon-api'), {
      recursive: true,
    })
    const gyp = join(source, 'binding.gyp')
    await writeFile(gyp, forOlderNodeApi(await readFile(gyp, 'utf8')))
    const flags = join(source, 'deps', 'common.gypi')
    await writeFile(flags, (await readFile(flags, 'utf8')).replace("'-O3'", "'-O2'"))
    const { command, args } = nodeGyp()
    const headers = headersFolder()
    const options = [
      'rebuild',
      '--release',
      '--force_build=1',
      '--jobs',
      'max',
      ...(headers ? [`--nodedir=${headers}`] : []),
    ]
    const env = { ...process.env, PATH: `${dirname(nodePath())}:${process.env.PATH ?? ''}` }
    const built = await run(command, [...args, ...options], { cwd: source, env, logFile })
    const binding = join(source, 'build', 'Release', 'better_sqlite3.node')
    if (built.code !== 0 || !existsSync(binding)) {
      throw stepError(
        `the SQLite binding could not be compiled\n${tail(built.output)}`,
        `Install a C++ compiler, make and Python 3 (Debian: apt-get install build-essential python3), then try again. The whole log: ${logFile}`,
      )
    }
    const ready = join(temp, 'ready')
    await mkdir(ready)
    await cp(binding, join(ready, 'better_sqlite3.node'))
    await rm(target, { recursive: true, force: true })
    await rename(ready, target)
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
}

/**
 * The build file with Node-API 10 exchanged for the experimental names of the same functions in Node-API 9, and without
 * link-time optimisation: with -O2 that saves a quarter of the compiler's time, which each new machine pays.
 * @param {string} gyp
 */
export function forOlderNodeApi(gyp) {
  const wanted = "'NAPI_VERSION=10'"
  if (!gyp.includes(wanted)) throw new Error('this version of better-sqlite3 is built in another way than set-up knows')
  return gyp
    .replace(wanted, "'NAPI_EXPERIMENTAL', 'NODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT'")
    .replace(/, '-flto'(?=\])/g, '')
    .replace(/'-flto',? ?/g, '')
}

/** A prefix that holds Node's headers, or null: node-gyp then fetches them from nodejs.org. */
function headersFolder() {
  const prefixes = [join(dirname(process.execPath), '..'), '/usr', '/usr/local']
  return prefixes.find((prefix) => existsSync(join(prefix, 'include', 'node', 'node_api.h'))) ?? null
}

/** npm carries node-gyp inside; where it is not laid out like that, npm fetches one. */
function nodeGyp() {
  const inside = nodeGypPath()
  if (inside) return { command: nodePath(), args: [inside] }
  const npm = npmCommand()
  return { command: npm.command, args: [...npm.args, 'exec', '--yes', '--', 'node-gyp@12'] }
}
