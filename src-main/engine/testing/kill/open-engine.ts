import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { AgentId, CorrelationId, ExecutionId } from '@contract'
import { loadConfig } from '../../config'
import { type Caller, createEvents, createIds, createRedactor, silentLog, systemClock } from '../../core'
import { createEngine, type Engine } from '../../engine'
import type { Keyring } from '../../secrets'

const CALLER: Caller = { kind: 'operator', id: 'kill', scopes: new Set() }
export const newId = createIds(systemClock)
export const asking = () => ({ caller: CALLER, correlationId: newId<CorrelationId>() })

/** An agent as its session would attest it. Each time another run, as after a restart. */
export const asAgent = (engine: Engine, id: AgentId) => {
  const correlationId = newId<CorrelationId>()
  const { name } = engine.agents.summary(id)
  const caller: Caller = { kind: 'agent', id, name, executionId: newId<ExecutionId>(), correlationId }
  return { caller, correlationId, tier: 'tier0' as const }
}

/** A keyring that outlives the process, as that of the system does. */
const keyringIn = (path: string): Keyring => {
  const read = (): Record<string, string> => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {})
  const write = (values: Record<string, string | undefined>): void => {
    writeFileSync(`${path}.new`, JSON.stringify(values))
    renameSync(`${path}.new`, path)
  }
  return {
    get: async (account) => read()[account] ?? null,
    set: async (account, value) => write({ ...read(), [account]: value }),
    delete: async (account) => write({ ...read(), [account]: undefined }),
  }
}

const TOML = `[sandbox]
allow_tier0 = true
[lifecycle]
max_agents = 100000
termination_timeout = "2s"
restart_backoff = "100ms"
[communication]
ack_timeout = "5s"
message_ttl = "1h"
retry_attempts = 100
`

/** The whole engine on this folder, with agents as plain processes. */
export const openEngine = (dir: string): Promise<Engine> =>
  createEngine(loadConfig({ path: 'kill.toml', env: {}, readFile: () => TOML }), {
    dataDir: dir,
    workingDir: dir,
    productVersion: '0.0.0',
    resourcesDir: resolve('resources'),
    clock: systemClock,
    events: createEvents(() => undefined),
    log: silentLog,
    redactor: createRedactor(),
    keyring: keyringIn(join(dir, 'keyring-of-the-test.json')),
    env: { ...process.env, SYMBI_SQLITE_BINDING: undefined },
  })
