import { homedir } from 'node:os'
import { join } from 'node:path'
import { resolveDataDir } from '../engine/config'
import { RuntimeError, systemClock } from '../engine/core'
import type { Engine } from '../engine/engine'
import { createHost, type RunningHost } from '../handlers/host'
import { VERSION } from './version'

export interface CommonOptions {
  readonly dataDir?: string
  readonly config?: string
}

/** The shipped files lie beside the build: out/main/… and resources/. */
const resourcesDir = (): string => join(import.meta.dirname, '..', '..', 'resources')

/** The offline verifier that goes with each export of the audit trail. */
export const verifierPath = (): string => join(resourcesDir(), 'verifier', 'verify-audit.mjs')

export const dataDirOf = (options: CommonOptions): string =>
  resolveDataDir({
    flag: options.dataDir,
    env: process.env,
    platform: process.platform,
    homeDir: homedir(),
    workingDir: process.cwd(),
  })

export const openHost = (options: CommonOptions): RunningHost =>
  createHost({
    dataDir: dataDirOf(options),
    ...(options.config === undefined ? {} : { configPath: options.config }),
    appVersion: VERSION,
    versions: process.versions,
    platform: process.platform,
    env: process.env,
    resourcesDir: resourcesDir(),
    uiSettings: { get: () => ({ theme: 'system' }), set: async () => undefined },
    clock: systemClock,
    transport: 'cli',
  })

/** The engine of a host that was started. @throws what kept it from starting, under its own code */
export const engineOf = (host: RunningHost): Engine => {
  const { engine } = host.info()
  if (engine.state !== 'failed') return host.engine()
  const { code, message, nextStep } = engine.error
  throw new RuntimeError(code, message, { nextStep })
}
