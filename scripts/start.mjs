/** `npm start`: prepares the machine, builds what has changed, and opens the console. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { prepareBuild } from './lib/build.mjs'
import { hasDisplay, startVirtualDisplay } from './lib/display.mjs'
import { cacheDir, root } from './lib/paths.mjs'
import { createReport, tail } from './lib/report.mjs'
import { standIn, waitFor } from './lib/run.mjs'
import { electronPath, runtimeEnv } from './lib/runtime-env.mjs'
import { setup } from './lib/setup-steps.mjs'

const WINDOW_MS = 60_000

const say = (text) => process.stdout.write(`${text}\n`)

async function main() {
  say('Setting up Symbi Console')
  const results = await setup()
  const needed = [results.node, results.packages, results.electron, results.sqlite]
  if (needed.some((result) => result?.status !== 'ok')) return 1
  const built = await createReport().step('Build', prepareBuild)
  if (built.status !== 'ok') return 1
  return hasDisplay() ? await open() : await openWithoutDisplay()
}

/** The app's arguments; Chromium's sandbox refuses to run as root. */
function appArguments() {
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0
  return [...(asRoot ? ['--no-sandbox'] : []), root, ...process.argv.slice(2)]
}

async function open() {
  say('Opening the console. Close its window, or press Ctrl+C here, to end it.')
  return await standIn(electronPath(), appArguments(), { env: { ...process.env, ...runtimeEnv() } })
}

async function openWithoutDisplay() {
  say('There is no display here, so the window opens on a virtual one (Xvfb).')
  let virtual
  try {
    virtual = await startVirtualDisplay()
  } catch (error) {
    process.stderr.write(`${error.message}\nWithout a window, the command line works: npm run symbi -- --help\n`)
    return 1
  }
  const picture = process.env.SYMBI_SCREENSHOT ?? join(root, 'out', 'window.png')
  const logFile = join(cacheDir(), 'logs', 'electron.log')
  mkdirSync(dirname(logFile), { recursive: true })
  rmSync(picture, { force: true })
  const log = openSync(logFile, 'w')
  const env = {
    ...process.env,
    ...runtimeEnv(),
    DISPLAY: virtual.display,
    SYMBI_SCREENSHOT: picture,
    // Without a session bus every look at the keyring would start one; this address says that there is none.
    DBUS_SESSION_BUS_ADDRESS: process.env.DBUS_SESSION_BUS_ADDRESS ?? 'disabled:',
  }
  let ended = false
  const app = standIn(electronPath(), appArguments(), { env, stdio: ['ignore', 'inherit', log] }).finally(() => {
    ended = true
  })
  const shown = await waitFor(() => ended || (existsSync(picture) && statSync(picture).size > 0), {
    timeoutMs: WINDOW_MS,
  })
  const isOpen = shown && !ended
  if (isOpen) {
    say(`The window is open. Its picture: ${picture}`)
    say('It stays open until you press Ctrl+C here.')
  } else {
    process.stderr.write(
      `${ended ? 'The console ended before its window was painted.' : `The window was not painted within ${WINDOW_MS / 1000} s.`}\n`,
    )
    // Chromium complains of the buses that such a machine does not have; that is not why.
    const told = readFileSync(logFile, 'utf8').replace(/^.*ERROR:bus\.cc.*\n/gm, '')
    process.stderr.write(`${tail(told, 20)}\nThe whole log: ${logFile}\n`)
    if (!ended) process.kill(process.pid, 'SIGTERM')
  }
  const code = await app
  closeSync(log)
  await virtual.stop()
  return isOpen ? code : code || 1
}

process.exit(await main())
