import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentDefinition, CorrelationId } from '@contract'
import { loadConfig } from '../src-main/engine/config'
import {
  type Caller,
  createEvents,
  createIds,
  createRedactor,
  messageOf,
  silentLog,
  systemClock,
} from '../src-main/engine/core'
import { createEngine, type Engine } from '../src-main/engine/engine'
import { ROOT } from './electron-app'

const CALLER: Caller = { kind: 'operator', id: 'bench', scopes: new Set() }
const newId = createIds(systemClock)

/** A person's wish, as a transport would attest it. */
export const asking = () => ({ caller: CALLER, correlationId: newId<CorrelationId>() })

/** A folder that is gone afterwards. */
export const withFolder = async <T>(use: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'symbi-bench-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * The real engine under plain Node. Its keyring is never asked: nothing here is secret.
 * @param toml text of runtime_config.toml; the defaults without it
 */
export const withEngine = async <T>(dataDir: string, use: (engine: Engine) => Promise<T>, toml = ''): Promise<T> => {
  const unasked = async (): Promise<never> => {
    throw new Error('The benchmark keeps no secrets.')
  }
  const engine = await createEngine(loadConfig({ path: 'bench.toml', env: {}, readFile: () => toml }), {
    dataDir,
    workingDir: dataDir,
    productVersion: 'bench',
    resourcesDir: join(ROOT, 'resources'),
    clock: systemClock,
    events: createEvents((error) => process.stderr.write(`${messageOf(error)}\n`)),
    log: silentLog,
    redactor: createRedactor(),
    keyring: { get: unasked, set: unasked, delete: unasked },
    // The SQLite binding that Electron needs is not the one for Node.
    env: { ...process.env, SYMBI_SQLITE_BINDING: undefined },
  })
  try {
    return await use(engine)
  } finally {
    await engine.close()
  }
}

export const template = (engine: Engine, id: string): AgentDefinition => {
  const found = engine.templates.find((candidate) => candidate.id === id)
  if (found === undefined) throw new Error(`There is no template ${id}.`)
  return found.definition
}

/** Make agents the way a person does, one call each. */
export const createAgents = (dataDir: string, count: number): Promise<void> =>
  withEngine(dataDir, async (engine) => {
    const definition = template(engine, 'hello')
    for (let number = 1; number <= count; number += 1)
      await engine.agents.create(asking(), { ...definition, name: `Agent ${String(number).padStart(3, '0')}` })
  })
