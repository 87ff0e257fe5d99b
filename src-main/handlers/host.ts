import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DoctorReport, SystemInfo, Theme, WireError } from '@contract'
import { type Config, loadConfig } from '../engine/config'
import {
  asRuntimeError,
  type Clock,
  createEvents,
  createLog,
  createRedactor,
  type Log,
  type LogLevel,
  RuntimeError,
  toWireError,
} from '../engine/core'
import { createEngine, type Engine } from '../engine/engine'
import { createSystemKeyring } from '../engine/secrets'
import { createHostDoctor } from './host-doctor'
import type { Host } from './types'

export interface HostOptions {
  readonly dataDir: string
  /** runtime_config.toml; by default the one in the data folder. */
  readonly configPath?: string
  readonly appVersion: string
  readonly versions: NodeJS.ProcessVersions
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly resourcesDir: string
  readonly uiSettings: { get(): { theme: Theme }; set(theme: Theme): Promise<void> }
  readonly clock: Clock
  readonly transport: 'desktop' | 'cli'
}

export interface RunningHost extends Host {
  readonly log: Log
  /** Resolves when the engine runs or could not start. */
  start(): Promise<void>
  close(): Promise<void>
}

type State =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly engine: Engine }
  | { readonly kind: 'failed'; readonly error: WireError }

/** JSON lines into logs/symbi.log of the data folder; on the command line, warnings into stderr too. */
const openLog = (options: HostOptions, level: LogLevel, redactor: ReturnType<typeof createRedactor>): Log => {
  const dir = join(options.dataDir, 'logs')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = createWriteStream(join(dir, 'symbi.log'), { flags: 'a', mode: 0o600 })
  file.on('error', () => undefined)
  return createLog({ level, sink: { write: (line) => file.write(line) }, redactor })
}

/** The configuration can be wrong; what logs must work all the same. */
const readConfig = (options: HostOptions): { config: Config } | { error: RuntimeError } => {
  const path = options.configPath ?? options.env['SYMBI_CONFIG'] ?? join(options.dataDir, 'runtime_config.toml')
  const wanted = options.configPath !== undefined || options.env['SYMBI_CONFIG'] !== undefined
  try {
    return {
      config: loadConfig({
        path: wanted || existsSync(path) ? path : null,
        env: options.env,
        readFile: (file) => readFileSync(file, 'utf8'),
      }),
    }
  } catch (error) {
    return { error: asRuntimeError(error, 'CONFIG_001', 'The configuration cannot be read') }
  }
}

/** The engine's surroundings: alive at once, so that the window can say that the engine starts or why it cannot. */
export const createHost = (options: HostOptions): RunningHost => {
  const { dataDir, clock, versions, env, resourcesDir } = options
  const redactor = createRedactor()
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const configured = readConfig(options)
  const log = openLog(options, 'config' in configured ? configured.config.log.level : 'info', redactor)
  const events = createEvents((error) => log.error({ error }, 'a listener of events failed'))
  const keyring = createSystemKeyring('symbi-console', clock)
  let state: State = { kind: 'starting' }

  const settle = (next: State): void => {
    state = next
    events.publish('engine.changed', {})
  }

  const info = (): SystemInfo => ({
    version: options.appVersion,
    electron: versions['electron'] ?? null,
    chrome: versions['chrome'] ?? null,
    node: versions.node,
    platform: options.platform,
    dataDir,
    engine: state.kind === 'failed' ? { state: 'failed', error: state.error } : { state: state.kind },
  })

  const doctor = createHostDoctor({
    ...options,
    configProblem: 'error' in configured ? configured.error : null,
    engine: () => (state.kind === 'ready' ? state.engine : null),
    engineState: () => info().engine,
    keyring,
  })

  return {
    log,
    events,
    info,
    doctor: (): Promise<DoctorReport> => doctor.run(),
    settings: {
      get: () => options.uiSettings.get(),
      async set(theme) {
        await options.uiSettings.set(theme)
        events.publish('settings.changed', {})
      },
    },
    engine() {
      switch (state.kind) {
        case 'ready':
          return state.engine
        case 'starting':
          throw new RuntimeError('IPC_003', 'The engine is still starting.')
        case 'failed':
          throw new RuntimeError('IPC_004', state.error.message, {
            nextStep: state.error.nextStep,
            details: { cause: state.error.code },
          })
      }
    },
    async start() {
      try {
        if ('error' in configured) throw configured.error
        const engine = await createEngine(configured.config, {
          dataDir,
          resourcesDir,
          clock,
          events,
          log,
          redactor,
          keyring,
          env,
          workingDir: process.cwd(),
          productVersion: options.appVersion,
        })
        log.info({ version: options.appVersion, node: versions.node, electron: versions['electron'] }, 'engine ready')
        settle({ kind: 'ready', engine })
      } catch (error) {
        log.error({ error, code: toWireError(error).code }, 'the engine could not start')
        settle({ kind: 'failed', error: toWireError(error) })
      }
    },
    async close() {
      if (state.kind === 'ready') await state.engine.close()
    },
  }
}
