import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

const START_LIMIT_MS = 60_000
const END_LIMIT_MS = 6_000
const POLL_MS = 10

/** The folder that holds package.json and the built app. scripts/bench.mjs runs us there. */
export const ROOT = process.cwd()

export const BARE_APP = resolve(ROOT, 'bench', 'bare-app')
const DRIVEN_APP = resolve(ROOT, 'bench', 'driven-app')

const Marks = z.object({ pid: z.number().int(), sinceStartMs: z.record(z.string(), z.number()) })
const Answer = z.object({ startedAtMs: z.number(), value: z.unknown(), error: z.string().optional() })

export interface StartOptions {
  /** Folder of the app: the console's own, or one of ours. */
  readonly app: string
  readonly dataDir: string
  readonly env?: Readonly<Record<string, string>>
}

/** One running Electron. */
export interface RunningApp {
  readonly processId: number
  /** When each moment of its start was, milliseconds since the process was created; waits until `name` is among them. */
  mark(name: string): Promise<Readonly<Record<string, number>>>
  /** Read until there is something. @throws when the app ends or the time is over before, with its last words */
  until<T>(expectation: Expectation<T>): Promise<T>
  /** End it the way a system does, and see it gone. */
  stop(): Promise<void>
}

export interface Expectation<T> {
  readonly what: string
  readonly limitMs: number
  /** What is read may not be there yet. */
  readonly read: () => Promise<T | undefined>
}

/** What a driven console is told. */
export interface Order {
  /** The page to open first, as in its address. */
  readonly route: string
  /** Source that runs in the page once its document is there; its value, or promised value, is the answer. */
  readonly script?: string
  /** What `bench.echo` answers. */
  readonly echo?: unknown
  /** Take the window from the screen once its page has loaded. */
  readonly hide?: boolean
}

export interface DrivenApp extends RunningApp {
  /** What the script gave, and when the process was created, milliseconds since the Unix epoch. */
  answer(limitMs?: number): Promise<{ readonly value: unknown; readonly startedAtMs: number }>
}

/** The Electron that is measured. */
export const executable = (): string => {
  const path = process.env['SYMBI_BENCH_ELECTRON']
  if (path === undefined) throw new Error('Start this through: npm run bench')
  return path
}

/** Start an app as `npm start` does. Without a GPU, which a virtual display has not, so that all machines draw alike. */
export const startApp = (options: StartOptions): RunningApp => {
  const folder = mkdtempSync(join(tmpdir(), 'symbi-bench-run-'))
  const marksFile = join(folder, 'marks.json')
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0
  const child = spawn(
    executable(),
    [options.app, ...(asRoot ? ['--no-sandbox'] : []), '--disable-gpu', `--data-dir=${options.dataDir}`],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...options.env, SYMBI_MARKS: marksFile } },
  )
  const said = tailOf(child)
  const processId = child.pid
  // That it could not be started shows in the missing id.
  child.once('error', () => undefined)
  if (processId === undefined) throw new Error(`${executable()} could not be started.`)

  const until = async <T>({ what, limitMs, read }: Expectation<T>): Promise<T> => {
    const untilMs = performance.now() + limitMs
    while (performance.now() < untilMs && child.exitCode === null && child.signalCode === null) {
      const value = await read()
      if (value !== undefined) return value
      await pause(POLL_MS)
    }
    throw new Error(`The app did not come to ${what} within ${limitMs / 1000} s.\n${said()}`)
  }

  return {
    processId,
    until,
    mark: (name) =>
      until({
        what: `the moment "${name}"`,
        limitMs: START_LIMIT_MS,
        read: async () => {
          const text = await readWhenThere(marksFile)
          if (text === undefined) return undefined
          const marks = Marks.parse(JSON.parse(text)).sinceStartMs
          return name in marks ? marks : undefined
        },
      }),
    async stop() {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Start the built console with somebody at its window. */
export const startDriven = (options: Omit<StartOptions, 'app' | 'env'>, order: Order): DrivenApp => {
  const folder = mkdtempSync(join(tmpdir(), 'symbi-bench-order-'))
  const resultFile = join(folder, 'answer.json')
  const env = { SYMBI_BENCH_ORDER: JSON.stringify({ ...order, resultFile }) }
  const app = startApp({ ...options, app: DRIVEN_APP, env })
  return {
    ...app,
    async answer(limitMs = START_LIMIT_MS) {
      const text = await app.until({ what: 'an answer of its page', limitMs, read: () => readWhenThere(resultFile) })
      const answer = Answer.parse(JSON.parse(text))
      if (answer.error !== undefined) throw new Error(`The page answered: ${answer.error}`)
      return { value: answer.value, startedAtMs: answer.startedAtMs }
    },
    async stop() {
      await app.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Both files are put in place by a rename, so what is there is whole. */
const readWhenThere = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined)

/** The last of what it wrote to stderr, for the message about its failure. */
const tailOf = (child: ChildProcess): (() => string) => {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4_000)
  })
  return () => text
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  const late = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS)
  child.kill('SIGTERM')
  await exit
  clearTimeout(late)
}
