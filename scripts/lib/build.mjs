/** The build: whether out/ still belongs to the sources, and electron-vite when it does not. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withLock } from './lock.mjs'
import { cacheDir, nodePath, root } from './paths.mjs'
import { stepError, tail } from './report.mjs'
import { run } from './run.mjs'
import { runtimeEnv } from './runtime-env.mjs'

const SOURCES = [
  'src-main',
  'src-preload',
  'src-renderer',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
]
const RESULTS = ['out/main/index.js', 'out/main/cli.js', 'out/preload/index.cjs', 'out/renderer/index.html']
const STAMP = 'out/.build.json'

/**
 * A look at the sources that is quick to take: size and time of each file.
 * @param {string} [base] the repository
 * @returns {Map<string, string>} path → size and time
 */
function lookAtSources(base = root) {
  const seen = new Map()
  const add = (path) => {
    const { size, mtimeMs } = statSync(join(base, path))
    seen.set(path, `${size} ${mtimeMs}`)
  }
  for (const source of SOURCES) {
    const path = join(base, source)
    if (!existsSync(path)) continue
    if (!statSync(path).isDirectory()) {
      add(source)
      continue
    }
    const entries = readdirSync(path, { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isFile() || /\.test\.[a-z]+$/.test(entry.name)) continue
      add(join(entry.parentPath ?? entry.path, entry.name).slice(base.length + 1))
    }
  }
  return new Map([...seen].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A digest of a look, and one of the contents. */
const digestOfLook = (look) =>
  createHash('sha256')
    .update(JSON.stringify([...look]))
    .digest('hex')

function digestOfContents(look, base) {
  const hash = createHash('sha256')
  for (const path of look.keys())
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(base, path)))
      .update('\0')
  return hash.digest('hex')
}

/**
 * Why a build is needed, or null. A new checkout changes the times of files but not what is in them, so times that
 * differ are followed up by the contents.
 * @param {string} [base] the repository
 */
export function buildProblem(base = root) {
  const missing = RESULTS.find((path) => !existsSync(join(base, path)))
  if (missing) return `${missing} is missing`
  const stamp = readStamp(base)
  if (!stamp) return 'it is not known what the last build was made from'
  const look = lookAtSources(base)
  if (stamp.look === digestOfLook(look)) return null
  if (stamp.contents !== digestOfContents(look, base)) return 'the sources have changed'
  writeStamp({ ...stamp, look: digestOfLook(look) }, base)
  return null
}

function readStamp(base) {
  try {
    return JSON.parse(readFileSync(join(base, STAMP), 'utf8'))
  } catch {
    // No stamp, or one that was cut off: both mean that we build.
    return null
  }
}

/** What out/ would be made from now. @param {string} [base] the repository */
export function stampOf(base = root) {
  const look = lookAtSources(base)
  return { look: digestOfLook(look), contents: digestOfContents(look, base) }
}

/** Records what out/ was made from. */
export function writeStamp(stamp, base = root) {
  mkdirSync(dirname(join(base, STAMP)), { recursive: true })
  writeFileSync(join(base, STAMP), JSON.stringify(stamp))
}

/** Step: builds when needed. */
export async function prepareBuild(progress) {
  if (!buildProblem()) return { status: 'ok', text: 'up to date' }
  const name = `build-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`
  const onWait = () => progress('waiting for another build of this folder')
  return await withLock({ folder: cacheDir(), name, onWait }, async () => {
    const problem = buildProblem()
    if (!problem) return { status: 'ok', text: 'up to date' }
    progress(`building, because ${problem}`)
    // Looked at before the build, so that what is saved meanwhile counts as changed.
    const stamp = stampOf()
    const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
    const logFile = join(cacheDir(), 'logs', 'build.log')
    const built = await run(nodePath(), [cli, 'build'], {
      cwd: root,
      env: { ...process.env, ...runtimeEnv() },
      logFile,
    })
    if (built.code !== 0)
      throw stepError(`the build failed\n${tail(built.output, 40)}`, 'Correct what is named above, then try again.')
    const missing = RESULTS.find((path) => !existsSync(join(root, path)))
    if (missing) throw new Error(`the build ended well, but ${missing} is missing`)
    writeStamp(stamp)
    return { status: 'ok', text: 'built' }
  })
}
