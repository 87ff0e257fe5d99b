import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { AgentDefinition, CorrelationId } from '@contract'
import { loadConfig } from '../config'
import { type Caller, createEvents, createIds, createRedactor, silentLog, systemClock } from '../core'
import { createEngine, type Engine } from '../engine'
import type { Keyring } from '../secrets'

const memoryKeyring = (): Keyring => {
  const values = new Map<string, string>()
  return {
    get: async (account) => values.get(account) ?? null,
    set: async (account, value) => {
      values.set(account, value)
    },
    delete: async (account) => {
      values.delete(account)
    },
  }
}

export const operator: Caller = { kind: 'operator', id: 'test', scopes: new Set() }
const newId = createIds(systemClock)
export const asking = () => ({ caller: operator, correlationId: newId<CorrelationId>() })

/** A whole engine on a folder of its own, with agents as plain processes; it can be ended and started again. */
export const testEngine = async (toml = '') => {
  const dataDir = await mkdtemp(join(tmpdir(), 'symbi-engine-'))
  const keyring = memoryKeyring()
  const events = createEvents(() => undefined)
  const open = (): Promise<Engine> =>
    createEngine(
      loadConfig({
        path: 'test.toml',
        env: {},
        readFile: () => `[sandbox]\nallow_tier0 = true\n[lifecycle]\ntermination_timeout = "2s"\n${toml}`,
      }),
      {
        dataDir,
        resourcesDir: resolve('resources'),
        clock: systemClock,
        events,
        log: silentLog,
        redactor: createRedactor(),
        keyring,
        env: process.env,
        workingDir: dataDir,
        productVersion: '0.0.0',
      },
    )
  let engine = await open()
  return {
    dataDir,
    events,
    engine: () => engine,
    async restart() {
      await engine.close()
      engine = await open()
    },
    async close() {
      await engine.close()
      await rm(dataDir, { recursive: true, force: true })
    },
    /** An agent as a plain process that runs this body between its input and its output. */
    definition(body: string, change: Partial<AgentDefinition> = {}): AgentDefinition {
      const hello = engine.templates.find(({ id }) => id === 'hello')
      if (hello === undefined) throw new Error('the template hello is gone')
      return {
        ...hello.definition,
        securityTier: 'tier0',
        source: {
          language: 'javascript',
          text: `import { run } from 'symbi'\nrun(async ({ input, log, memory, secrets, tools, bus, signal }) => { ${body} })`,
        },
        ...change,
      }
    },
    /** Put these rules to those of the policy file, without the tests that it holds of itself. */
    async addRules(rules: string) {
      const { textHash, text } = engine.policy.view()
      return engine.policy.save(asking(), { baseHash: textHash, text: text.replace(/^tests:[\s\S]*/m, '') + rules })
    },
  }
}
